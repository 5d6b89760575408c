"""`trainctl doctor`: what is installed, also where TensorFlow is not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from workplace import Workplace

from trainctl.cli import doctor


def test_facts_as_lines_and_as_json(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "facts", lambda: {"trainctl": "1.2", "packages": "none"})
    _without_tensorflow(monkeypatch)
    found = json.loads(workplace.call("doctor", "--json").stdout)
    assert found["trainctl"] == "1.2"
    assert "cannot be imported" in found["device"]
    lines = workplace.call("doctor").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["trainctl", "packages", "device"]


def _without_tensorflow(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    module: Any = None  # makes `from … import` raise ImportError
    monkeypatch.setitem(sys.modules, "trainctl.training.environment", module)
