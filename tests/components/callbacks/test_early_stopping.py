"""The spec of EarlyStopping: what it watches, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from trainctl.components.callbacks.early_stopping import EarlyStopping


def test_it_watches_the_validation_loss_unless_told_otherwise() -> None:
    assert list(EarlyStopping().monitored()) == [("monitor", "val_loss")]
    assert list(EarlyStopping(monitor="val_accuracy").monitored()) == [("monitor", "val_accuracy")]


@pytest.mark.parametrize(
    "arguments",
    [{"patience": -1}, {"mode": "lowest"}, {"patience": 2.5}, {"restore_best_weights": "no"}],
)
def test_a_value_without_a_meaning_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as error:
        EarlyStopping(**arguments)
    assert [each["loc"][0] for each in error.value.errors()] == list(arguments)


def test_a_whole_float_is_a_number_of_epochs() -> None:
    assert EarlyStopping.model_validate({"patience": 1e1}).patience == 10
