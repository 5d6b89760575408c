"""JSON that every program can read."""

import json
import math
from pathlib import Path

import numpy as np

from trainctl.strict_json import to_json, without_nan


def test_what_is_no_number_is_null() -> None:
    value = {"nan": math.nan, "list": [math.inf, -math.inf, 1.5], "deep": {"tuple": (math.nan, 1)}}
    plain = {"nan": None, "list": [None, None, 1.5], "deep": {"tuple": [None, 1]}}
    assert without_nan(value) == plain
    assert json.loads(to_json(value, indent=2)) == plain


def test_what_json_does_not_know_is_text() -> None:
    assert to_json([Path("a/b"), "größe"]) == '["a/b", "größe"]'
    assert to_json("größe", escaped=True) == r'"gr\u00f6\u00dfe"'


def test_numbers_of_numpy_are_numbers() -> None:
    value = {"loss": np.float32(0.5), "nan": np.float32("nan"), "all": [np.int64(3), np.bool_(True), np.array(2.5)]}
    assert to_json(value) == '{"loss": 0.5, "nan": null, "all": [3, true, 2.5]}'
    assert to_json(np.datetime64("2020-01-31")) == '"2020-01-31"'
