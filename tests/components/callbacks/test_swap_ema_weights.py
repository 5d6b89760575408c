"""The spec of SwapEMAWeights."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from trainctl.components.callbacks.swap_ema_weights import SwapEMAWeights


def test_the_averages_are_swapped_for_validation_alone_unless_told_otherwise() -> None:
    assert SwapEMAWeights().swap_on_epoch is False
    assert SwapEMAWeights(swap_on_epoch=True).swap_on_epoch is True


def test_it_is_yes_or_no() -> None:
    with pytest.raises(ValidationError):
        SwapEMAWeights.model_validate({"swap_on_epoch": "yes"})
