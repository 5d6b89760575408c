"""What `doctor` knows without TensorFlow."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainctl import __version__
from trainctl.components.extras import Extra
from trainctl.jobs import doctor as health


def test_versions_and_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert health.facts()["data cache"] == f"{tmp_path / 'datasets'}: empty"
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "mnist.npz").touch()
    facts = health.facts()
    assert facts["data cache"].endswith("datasets: mnist.npz")
    assert facts["trainctl"] == __version__
    assert facts["keras"].startswith("3.")


def test_the_cache_in_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KERAS_HOME", "~/keras")
    assert health.facts()["data cache"] == f"{tmp_path / 'keras' / 'datasets'}: empty"


def test_a_missing_package_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_NEEDED", ("no-such-package",))
    assert health.facts()["no-such-package"] == 'missing: pip install "no-such-package"'


@pytest.mark.parametrize(("installed", "said"), [(True, "installed"), (False, 'pip install "trainctl[mlflow]"')])
def test_the_optional_packages(monkeypatch: pytest.MonkeyPatch, installed: bool, said: str) -> None:
    monkeypatch.setattr(Extra, "is_installed", installed)
    assert health.facts()["extra mlflow"] == said


def test_what_is_missing_comes_first_where_it_is_needed() -> None:
    found = {"extra onnx": 'pip install "trainctl[onnx]"', "keras": 'missing: pip install "keras"', "python": "3.11"}
    assert health.missing(found) == [
        'keras: pip install "keras"',
        'extra onnx (optional): pip install "trainctl[onnx]"',
    ]
