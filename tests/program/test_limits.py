"""Limits of the system, what stands in the place of a file, and signals in each phase: the right exit code, nothing lost."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from workplace import Trained, Workplace

from trainctl.events import EpochEnded, Event, Phase, PhaseStarted
from trainctl.runs.recorder import Recorder

pytestmark = pytest.mark.tf

WIDE = {"layers": [{"Dense": {"units": units}} for units in (300, 300, 3)]}
CALLBACKS = [
    {"CSVLogger": {"filename": "log.csv"}},
    {"ModelCheckpoint": {"filepath": "best.keras"}},
    {"LambdaCallback": {"on_epoch_end": "swap"}},
]
SWAP = """
from pathlib import Path

import trainctl


@trainctl.function
def swap(epoch, logs):
    name = Path(__file__).with_suffix(".name")
    if name.exists():
        (run,) = Path("runs/small").glob("2*")
        path = run / name.read_text()
        path.unlink(missing_ok=True)
        path.mkdir()
        name.unlink()
"""
"""Puts a directory in the place of a file after the first epoch, once."""


def limited(workplace: Workplace, limit: str, *args: str, **sections: Any) -> subprocess.CompletedProcess[str]:
    """Run the small experiment in a shell with a limit."""
    command = f"{limit} exec '{sys.executable}' -m trainctl run '{workplace.write(**sections)}' {' '.join(args)}"
    environment = {**os.environ, **workplace.environ}
    return subprocess.run(
        ["bash", "-c", command], cwd=workplace.folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("limit", "code", "words"),
    [
        ("ulimit -f 8;", 7, "raise the limit on file sizes: ulimit -f unlimited"),
        ("ulimit -f 200;", 7, "raise the limit on file sizes: ulimit -f unlimited"),
        ("ulimit -n 8;", 7, "raise the limit on open files: ulimit -n 4096"),
        ("ulimit -v 1000000;", 6, "raise the limit: ulimit -v unlimited"),
    ],
)
def test_a_limit_is_named(workplace: Workplace, limit: str, code: int, words: str) -> None:
    checkpoint = {"ModelCheckpoint": {"filepath": "best.keras"}}
    ended = limited(workplace, limit, model=WIDE, callbacks=[checkpoint])
    assert ended.returncode == code, ended.stderr
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not list(workplace.folder.glob("runs/*/2*/*.keras"))


@pytest.mark.parametrize("folder", ["runs", "runs/small"])
def test_a_user_who_may_not_write(workplace: Workplace, folder: str) -> None:
    place = workplace.folder / folder
    place.mkdir(parents=True)
    place.chmod(0o500)
    drop = "setpriv --bounding-set -dac_override,-dac_read_search" if os.geteuid() == 0 else ""
    if drop and shutil.which("setpriv") is None:
        pytest.skip("root may write anywhere, and there is no setpriv")
    command = f"exec {drop} '{sys.executable}' -m trainctl run '{workplace.write()}'"
    ended = subprocess.run(["bash", "-c", command], cwd=workplace.folder, capture_output=True, text=True, check=False)
    assert ended.returncode == 7, ended.stderr
    assert "cannot make the run directory" in ended.stderr
    assert "Permission denied" in ended.stderr
    assert "check that the run directory is writable, or choose another folder with --runs-dir" in ended.stderr


def train_with_swap(workplace: Workplace, name: str, exit_code: int) -> Trained:
    module = workplace.folder / "mine.py"
    module.write_text(SWAP)
    module.with_suffix(".name").write_text(name)
    return workplace.train("--import", str(module), callbacks=CALLBACKS, exit_code=exit_code)


@pytest.mark.parametrize("name", ["metrics.jsonl", "run.json", "best.keras", "model.keras"])
def test_a_directory_that_takes_the_place_of_a_file(workplace: Workplace, name: str) -> None:
    run = train_with_swap(workplace, name, exit_code=7)
    assert f"{name}: Is a directory" in run.stderr
    assert "a directory has taken the place of the file; move it away" in run.stderr
    assert "Traceback" not in run.stderr
    assert not list(run.directory.rglob(".saving-*"))
    if name == "run.json":
        return
    assert run.record["exit_code"] == 7
    (run.directory / name).rmdir()
    ended = workplace.call("resume", str(run.directory))
    assert ended.exit_code == 0, ended.stderr
    assert [line["epoch"] for line in run.history] == [1, 2]
    assert (run.directory / "model.keras").is_file()


def test_a_log_that_is_removed_while_it_is_written(workplace: Workplace) -> None:
    run = train_with_swap(workplace, "log.csv", exit_code=0)
    assert "log.csv was removed during the run; what is written to it is lost" in run.stderr


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), OSError(27, "File too large")])
def test_a_disk_that_is_full_at_the_final_save(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    import keras

    straight = workplace.train()
    save = keras.Model.save

    def full(_model: Any, name: str) -> None:
        Path(name).write_text("half")
        raise error

    monkeypatch.setattr(keras.Model, "save", full)
    run = workplace.train(exit_code=7)
    assert run.record["exit_code"] == 7
    assert "resume: trainctl resume" in run.stderr
    assert not list(run.directory.glob("*.keras"))
    monkeypatch.setattr(keras.Model, "save", save)
    assert workplace.call("resume", str(run.directory)).exit_code == 0
    assert run.record["weights"] == straight.record["weights"]
    assert [line["epoch"] for line in run.history] == [1, 2]


PHASES = [Phase.IMPORTING, Phase.LOADING_DATA, Phase.BUILDING_MODEL, Phase.BUILDING_GRAPH, Phase.TESTING, Phase.SAVING]


def test_a_warning_signal_in_each_phase(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """SLURM sends SIGUSR1 when a job's time is nearly over."""
    data = {"source": "Iris", "validation_split": 0.2, "test_split": 0.2, "batch_size": 16}
    straight = workplace.train(data=data)
    record = Recorder.__call__
    for moment in (*PHASES, None):  # None: after the first epoch

        def heard(self: Recorder, event: Event, moment: Phase | None = moment) -> None:
            record(self, event)
            phase = event.phase if isinstance(event, PhaseStarted) else None
            if phase == moment and (moment is not None or (isinstance(event, EpochEnded) and event.epoch == 1)):
                signal.raise_signal(signal.SIGUSR1)

        monkeypatch.setattr(Recorder, "__call__", heard)
        run = workplace.train(data=data, exit_code=143)
        assert run.record["status"] == "terminated", moment
        assert "terminated by SIGUSR1" in run.stderr
        assert "Traceback" not in run.stderr
        monkeypatch.setattr(Recorder, "__call__", record)
        ended = workplace.call("resume", str(run.directory), "--json")
        assert ended.exit_code == 0, ended.stderr
        assert run.record["weights"] == straight.record["weights"], moment
        assert json.loads(ended.stdout)["metrics"] == straight.record["metrics"]
        assert [line["epoch"] for line in run.history] == [1, 2]
