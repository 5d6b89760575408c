"""What the callbacks that keep a run in a tracking service share."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from trainctl.components.callbacks.mlflow import MLflow
from trainctl.components.callbacks.shared.tracker import TrackerSpec
from trainctl.components.callbacks.wandb import Wandb


@pytest.mark.parametrize("kind", [MLflow, Wandb])
def test_the_name_is_optional_and_never_empty(kind: type[TrackerSpec]) -> None:
    assert kind().name is None
    assert kind(name="tuesday").name == "tuesday"
    with pytest.raises(ValidationError):
        kind(name="")


@pytest.mark.parametrize("kind", [MLflow, Wandb])
def test_a_model_is_uploaded_only_on_request(kind: type[TrackerSpec]) -> None:
    assert kind().log_model is False
