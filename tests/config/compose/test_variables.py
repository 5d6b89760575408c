"""Environment variables behind an experiment: a change is noticed, and the value is not kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trainctl.config.compose.variables import changed, hashed

TEXT = """\
vars: {token: "${env:TOKEN}"}
data: {source: Synthetic}
model: {layers: [Dense: {units: 3}]}
compile: {loss: mse}
fit: {epochs: "${env:EPOCHS:-2}"}
callbacks: [RemoteMonitor: {headers: {Authorization: "Bearer ${vars.token}", X: "${env:OTHER}"}}]
"""


def test_a_change_is_noticed_and_nothing_else(load_text: Callable[..., Any]) -> None:
    environ = {"TOKEN": "hunter2", "OTHER": "x"}
    kept = hashed(load_text(TEXT, environ=environ).resolved, environ)
    assert list(kept) == ["OTHER", "TOKEN"]  # a default is no secret
    assert list(changed(kept, environ)) == []
    assert list(changed(kept, {**environ, "TOKEN": "hunter3"})) == ["TOKEN"]
    assert list(changed(kept, {"TOKEN": "hunter2"})) == ["OTHER"]


def test_the_value_is_not_kept_and_the_salt_differs(load_text: Callable[..., Any]) -> None:
    environ = {"TOKEN": "hunter2", "OTHER": "hunter2"}
    tree = load_text(TEXT, environ=environ).resolved
    once, twice = hashed(tree, environ), hashed(tree, environ)
    assert "hunter2" not in repr(once)
    assert len({once["TOKEN"], once["OTHER"], twice["TOKEN"]}) == 3
