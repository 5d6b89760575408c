"""A fork is called what the person says, whatever YAML would make of it."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from workplace import Workplace

from trainctl.config.load import load
from trainctl.errors import ConfigError
from trainctl.jobs import session
from trainctl.jobs.fork import fork
from trainctl.jobs.run import begin
from trainctl.runs import snapshots
from trainctl.runs.ending import Outcome
from trainctl.runs.snapshots import Snapshot
from trainctl.runs.store import Run, find_run

STATE = {"callbacks": {}, "optimizer": {"paths": ["adam/learning_rate"], "values": [np.float32(0.01)]}}


@pytest.fixture
def run(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr("trainctl.jobs.session.write_history_plot", lambda *_: None)
    monkeypatch.setattr(session.Training, "__call__", lambda *_: Outcome(2, {"loss": 0.5}, 2))
    ended = begin(load(str(workplace.write())), workplace.folder / "runs", mock.Mock())
    found = find_run(workplace.folder / "runs", ended.finished.directory)
    snapshots.save(found.directory, Snapshot(1, 0, 8, False, 0, STATE, {}), keep=1)
    return found


@pytest.mark.parametrize("name", ["2024", "null", "yes", "1e3", "0x10", "2024-01-01", "a.b-c"])
def test_a_name_is_text(run: Run, name: str) -> None:
    folder = run.directory.path.parents[1]
    directory = Path(fork(run, name, mock.Mock(), runs_dir=folder).finished.directory)
    assert directory.parent.name == name
    assert find_run(folder, str(directory)).name == name


def test_a_name_is_no_interpolation(run: Run) -> None:
    with pytest.raises(ConfigError):
        fork(run, "${seed}", mock.Mock(), runs_dir=run.directory.path.parents[1])
