"""`run` begins a run, or continues the one that a callback remembers: also with a module that was corrected since."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from workplace import Workplace

from trainctl.components.spec import SOURCES
from trainctl.components.user.imports import Imports
from trainctl.config.load import Loaded, load
from trainctl.events import ignore
from trainctl.jobs import session
from trainctl.jobs.run import run
from trainctl.runs import snapshots
from trainctl.runs.ending import Outcome
from trainctl.runs.snapshots import Snapshot

MODULE = "import trainctl\n\n@trainctl.data_source\ndef two_rows(n: int = 2):\n    return None\n"
STATE = {"callbacks": {}, "optimizer": {"paths": ["adam/learning_rate"], "values": [np.float32(0.01)]}}


@pytest.fixture(autouse=True)
def _pretended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainctl.jobs.session.write_history_plot", lambda *_: None)


def loaded(workplace: Workplace) -> Loaded:
    """The experiment with its module, as another process would load it."""
    SOURCES._members.pop("TwoRows", None)
    for name in [name for name in sys.modules if name.startswith("trainctl_user_")]:
        del sys.modules[name]
    backup = {"BackupAndRestore": {"backup_dir": str(workplace.folder / "backup")}}
    file = workplace.write(data={"source": "TwoRows"}, callbacks=[backup])
    return load(str(file), imports=Imports([str(workplace.folder / "own.py")], automatic=False))


def test_an_unfinished_run_goes_on_with_a_corrected_module(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = workplace.folder / "runs"
    (workplace.folder / "own.py").write_text(MODULE)

    def fail(_training: Any, directory: Any, *_: Any) -> Outcome:
        snapshots.save(directory, Snapshot(1, 0, 8, False, 0, STATE, {}), keep=1)
        (workplace.folder / "backup").mkdir()
        (workplace.folder / "backup" / "trainctl-run.json").write_text(json.dumps({"run": str(directory.path)}))
        raise RuntimeError("boom")

    monkeypatch.setattr(session.Training, "__call__", fail)
    first = run(loaded(workplace), runs, ignore).finished
    assert first.exit_code == 1
    (workplace.folder / "own.py").write_text(f"{MODULE}\n# corrected\n")
    begun_at: list[Any] = []

    def succeed(training: session.Training, *_: Any) -> Outcome:
        begun_at.append(training.start)
        return Outcome(2, {"loss": 0.5}, 2)

    monkeypatch.setattr(session.Training, "__call__", succeed)
    second = run(loaded(workplace), runs, ignore).finished
    assert (second.status, second.run_id) == ("done", first.run_id)
    assert begun_at[0].epoch == 1
    assert len(list(Path(runs, "small").glob("2*"))) == 1
