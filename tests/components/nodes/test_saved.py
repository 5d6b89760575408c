"""Saved: one model, from a file or from a run."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from trainctl.components.nodes.saved import Saved


@pytest.mark.parametrize("given", [{}, {"path": "m.keras", "run": "latest"}, {"path": ""}])
def test_it_names_exactly_one_model(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Saved.model_validate(given)


def test_a_run_directory_means_its_model(tmp_path: Path) -> None:
    assert Saved(path=str(tmp_path)).file == tmp_path / "model.keras"
    assert Saved(path=str(tmp_path / "best.keras")).file == tmp_path / "best.keras"
    assert Saved(run="latest").file is None
