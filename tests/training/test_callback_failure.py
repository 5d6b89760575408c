"""A callback that raises is named as a person calls it; errors that say more by themselves stay."""

from __future__ import annotations

import keras
import pytest

from trainctl.components.callbacks.tensor_board_keras import ProjectingTensorBoard
from trainctl.errors import DivergedError
from trainctl.training.callback_failure import CallbackFailure, attribute_errors

pytestmark = pytest.mark.tf


class Mine(keras.callbacks.Callback):
    """A person's own."""


@pytest.mark.parametrize(("kind", "name"), [(Mine, "Mine"), (ProjectingTensorBoard, "TensorBoard")])
def test_its_name_and_the_method(kind: type, name: str) -> None:
    with (
        pytest.raises(CallbackFailure, match=f"^{name} failed in on_epoch_end: KeyError: 'x'"),
        attribute_errors(kind(), "on_epoch_end"),
    ):
        raise KeyError("x")


@pytest.mark.parametrize("error", [DivergedError("NaN"), FloatingPointError(), MemoryError(), KeyboardInterrupt()])
def test_what_says_more_by_itself(error: BaseException) -> None:
    with pytest.raises(type(error)), attribute_errors(Mine(), "on_epoch_end"):
        raise error
