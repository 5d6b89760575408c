"""A run keeps what it was asked to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from workplace import Workplace

from trainctl.config.load import load
from trainctl.errors import RunDirError
from trainctl.runs.directory import create
from trainctl.runs.experiment_files import write_inputs
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
