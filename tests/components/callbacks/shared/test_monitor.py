"""What the callbacks that watch a metric share, tried over all of them."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from trainctl.components.callbacks.shared.monitor import MonitorSpec
from trainctl.components.spec import CALLBACKS

WATCHERS = [name for name in CALLBACKS.names() if issubclass(CALLBACKS.get(name) or object, MonitorSpec)]
REQUIRED = {"filepath": "a.keras", "directory": "kept"}


def spec(name: str, **arguments: str) -> MonitorSpec:
    found = CALLBACKS.get(name)
    assert found is not None
    assert issubclass(found, MonitorSpec)
    return found(**{key: REQUIRED[key] for key in REQUIRED if key in found.model_fields}, **arguments)


def test_some_watch_a_metric() -> None:
    assert {"EarlyStopping", "ReduceLROnPlateau", "ModelCheckpoint"} <= set(WATCHERS)


@pytest.mark.parametrize("name", WATCHERS)
def test_a_metric_has_a_name_and_a_direction(name: str) -> None:
    assert spec(name, monitor="val_auc", mode="max").monitor == "val_auc"
    for wrong in ({"monitor": ""}, {"mode": "higher"}):
        with pytest.raises(ValidationError):
            spec(name, **wrong)
