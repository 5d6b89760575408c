"""Whether an optional package is there, without importing it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from trainctl.components.extras import Extra


def test_a_module_that_is_there_is_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "optional_module.py").write_text("raise RuntimeError('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    assert Extra("optional", "optional_module").is_installed
    assert "optional_module" not in sys.modules


@pytest.mark.parametrize("module", ["no_such_module", "no_such_package.module", "json.no_such_module"])
def test_a_module_that_is_missing(module: str) -> None:
    assert not Extra("optional", module).is_installed


def test_what_installs_it() -> None:
    assert Extra("orbax", "orbax.checkpoint").command == 'pip install "trainctl[orbax]"'
