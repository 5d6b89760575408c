"""The spec of ReduceLROnPlateau."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from trainctl.components.callbacks.reduce_lr_on_plateau import ReduceLROnPlateau


@pytest.mark.parametrize("factor", [0, 1, 1.5, -0.5])
def test_a_factor_has_to_lower_the_rate(factor: float) -> None:
    with pytest.raises(ValidationError):
        ReduceLROnPlateau(factor=factor)


def test_a_fraction_is_a_factor() -> None:
    assert ReduceLROnPlateau.model_validate({"factor": "1/4"}).factor == 0.25


def test_the_old_name_of_an_argument_has_a_hint() -> None:
    assert "min_delta" in ReduceLROnPlateau.removed["epsilon"]
    assert "min_delta" in ReduceLROnPlateau.model_fields
