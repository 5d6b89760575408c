"""What an experiment says of text files is the same for every source that reads them."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from trainctl.sources.csv import CSV
from trainctl.sources.timeseries import Timeseries


def test_the_settings_pass_from_one_source_to_another() -> None:
    series = Timeseries(path="a.csv", target="a", window=3, separator=";", decimal=",", names=("a", "b"))
    table = CSV(path="b.csv", label="a", **series.spelling_fields)
    assert (table.path, table.separator, table.decimal, table.names) == ("b.csv", ";", ",", ("a", "b"))


@pytest.mark.parametrize("settings", [{"decimal": ",", "thousands": ","}, {"names": ("a", "a")}])
def test_settings_that_contradict_each_other(settings: dict[str, object]) -> None:
    for spec, more in ((CSV, {"label": "a"}), (Timeseries, {"target": "a", "window": 3})):
        with pytest.raises(ValidationError):
            spec.model_validate({"path": "a.csv", **more, **settings})
