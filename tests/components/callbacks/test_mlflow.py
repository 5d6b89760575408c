"""The spec of MLflow; tests/extras drives the real package."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from trainctl.components.callbacks.mlflow import MLflow


def test_it_needs_an_extra_of_its_name() -> None:
    assert MLflow.extra.name == "mlflow"


@pytest.mark.parametrize(
    "arguments", [{"timeout": 0}, {"tracking_uri": ""}, {"experiment": ""}, {"tags": {"team": 3}}, {"uri": "x"}]
)
def test_what_mlflow_could_not_take_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MLflow(**arguments)


def test_it_hears_of_the_beginning_and_of_each_epoch() -> None:
    assert MLflow().hooks == ("on_train_begin", "on_epoch_end")
