"""A run keeps what it was asked to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from workplace import Workplace

from trainctl.config.load import load
from trainctl.errors import RunDirError
from trainctl.runs.directory import create
from trainctl.runs.experiment_files import describe_edits, require_unedited, write_inputs
from trainctl.runs.layout import RunDirectory


def test_what_the_experiment_extends_is_kept(workplace: Workplace) -> None:
    base = workplace.write("base.yaml")
    config = workplace.folder / "own.yaml"
    config.write_text("extends: base.yaml\nfit:\n  epochs: 3\n")
    directory = create(workplace.folder / "runs", "small")
    write_inputs(directory, load(str(config)), 7)
    assert (directory.path / "experiment.yaml").read_bytes() == config.read_bytes()
    assert (directory.path / "inputs" / "1-base.yaml").read_bytes() == base.read_bytes()
    assert load(str(directory.path / "resolved.yaml")).experiment.fit.epochs == 3


def test_a_directory_that_cannot_be_written(workplace: Workplace, tmp_path: Path) -> None:
    with pytest.raises(RunDirError, match=r"cannot write into .*gone: No such file or directory"):
        write_inputs(RunDirectory(tmp_path / "gone"), load(str(workplace.write())), 7)


@pytest.fixture
def written(workplace: Workplace) -> tuple[RunDirectory, dict[str, Any]]:
    workplace.write("base.yaml")
    config = workplace.folder / "own.yaml"
    config.write_text("extends: base.yaml\nfit:\n  epochs: 3\n")
    directory = create(workplace.folder / "runs", "small")
    return directory, {"inputs": write_inputs(directory, load(str(config)), 7)}


def test_what_is_as_it_was_written(written: tuple[RunDirectory, dict[str, Any]]) -> None:
    directory, record = written
    assert list(record["inputs"]) == ["experiment.yaml", "inputs/1-base.yaml"]
    require_unedited(directory)
    assert list(describe_edits(directory, record)) == []
    assert list(describe_edits(directory, {})) == []
    directory.experiment.unlink()
    assert list(describe_edits(directory, record)) == []


@pytest.mark.parametrize("name", ["experiment.yaml", "inputs/1-base.yaml"])
def test_an_edit_of_what_the_user_wrote_has_no_effect(written: tuple[RunDirectory, dict[str, Any]], name: str) -> None:
    directory, record = written
    path = directory.path / name
    path.write_text(path.read_text() + "\n# more")
    (said,) = describe_edits(directory, record)
    assert said.startswith(f"{name} in the run directory was edited, which has no effect: the run continues with resol")


def test_an_edit_of_the_resolved_experiment_is_refused(written: tuple[RunDirectory, dict[str, Any]]) -> None:
    directory, _ = written
    directory.resolved.write_text(directory.resolved.read_text().replace("epochs: 3", "epochs: 4"))
    with pytest.raises(RunDirError, match=r"resolved\.yaml was edited") as caught:
        require_unedited(directory)
    assert "--fork NAME" in str(caught.value.hint)


def test_a_resolved_experiment_of_the_first_version_says_nothing(
    written: tuple[RunDirectory, dict[str, Any]],
) -> None:
    directory, _ = written
    directory.resolved.write_text(directory.resolved.read_text().split("\n", 1)[1] + "# edited")
    require_unedited(directory)


def test_other_files_that_the_record_names_are_not_read(
    written: tuple[RunDirectory, dict[str, Any]], tmp_path: Path
) -> None:
    directory, _ = written
    (tmp_path / "secret").write_text("x")
    inputs = {str(tmp_path / "secret"): "0", "../../secret": "0", "inputs": "0"}
    assert list(describe_edits(directory, {"inputs": inputs})) == []
