"""Op: a function of keras.ops, by name."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from trainctl.components.nodes.op import Op
from trainctl.components.spec import NODES


def test_the_function_may_be_the_node_s_name() -> None:
    assert Op(name="mean").op is None
    assert Op(op="mean").op == "mean"
    assert NODES.get("Op") is Op


def test_its_name_is_text() -> None:
    with pytest.raises(ValidationError):
        Op.model_validate({"op": 3})
