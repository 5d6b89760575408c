"""An experiment is loaded, or all of its problems are told as values."""

from __future__ import annotations

from pathlib import Path

import pytest
from workplace import Workplace

import trainctl


@pytest.fixture
def file(workplace: Workplace) -> Path:
    return workplace.write()


def test_load_gives_the_sections(file: Path) -> None:
    experiment = trainctl.load(file, set=["fit.epochs=7"])
    assert (experiment.name, experiment.seed, experiment.fit.epochs) == ("small", 7, 7)
    assert experiment.data.batch_size == 16
    assert len(experiment.callbacks) == 0


def test_its_yaml_is_an_experiment_too(file: Path, tmp_path: Path) -> None:
    text = trainctl.load(file, set="fit.epochs=7").to_yaml()
    (tmp_path / "again.yaml").write_text(text)
    assert trainctl.load(tmp_path / "again.yaml").fit.epochs == 7


def test_an_invalid_experiment_raises_every_problem(workplace: Workplace) -> None:
    file = workplace.write(fit={"epochs": 0, "epoch": 1})
    with pytest.raises(trainctl.ConfigError) as caught:
        trainctl.load(file)
    assert len(caught.value.diagnostics) == 2
    (note,) = caught.value.__notes__
    assert f"{file}:" in note
    assert "epochs" in note


def test_validate_returns_them(workplace: Workplace) -> None:
    assert trainctl.validate(workplace.write()) == []
    found = trainctl.validate(workplace.write(fit={"epochs": 0, "epoch": 1}))
    assert len(found) == 2
    assert all(isinstance(each, trainctl.Diagnostic) and each.is_error for each in found)


def test_validate_returns_warnings(workplace: Workplace) -> None:
    late = {"callbacks": [{"EarlyStopping": {"patience": 100}}]}
    found = trainctl.validate(workplace.write(**late))
    assert [each.is_error for each in found] == [False]


@pytest.mark.parametrize("call", [trainctl.load, trainctl.validate])
def test_no_such_file(call, tmp_path: Path) -> None:
    with pytest.raises(trainctl.UsageError, match="does not exist"):
        call(tmp_path / "none.yaml")


def test_own_modules(workplace: Workplace, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(
        "import trainctl\n\n@trainctl.data_source\ndef two_rows(n: int = 2):\n    return None\n"
    )
    file = workplace.write(data={"source": "TwoRows"})
    assert [each.code for each in trainctl.validate(file)] == ["unknown-component"]
    assert trainctl.validate(file, imports=[str(tmp_path / "own.py")]) == []
