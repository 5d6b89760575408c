"""A problem of the data points at the line of the experiment that is to blame."""

from __future__ import annotations

import pytest
from workplace import Workplace

from trainctl.config.blame import located
from trainctl.config.load import load
from trainctl.errors import DataError


def test_a_data_error_points_at_the_source(workplace: Workplace) -> None:
    loaded = load(str(workplace.write()))
    with pytest.raises(DataError) as caught, located(loaded):
        raise DataError("gone", hint="bring it back")
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.path, diagnostic.message, diagnostic.hint) == ("data.source", "gone", "bring it back")
    assert diagnostic.location is not None
