"""One process runs a run; the lock ends with the process, however that ends."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from trainctl.errors import RunDirError
from trainctl.runs import lock
from trainctl.runs.directory import create
from trainctl.runs.layout import RunDirectory
from trainctl.runs.lock import is_held, locked

_HOLD = """
import sys, time
from pathlib import Path
from trainctl.runs.layout import RunDirectory
from trainctl.runs.lock import locked
with locked(RunDirectory(Path(sys.argv[1]))):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def directory(tmp_path: Path) -> RunDirectory:
    return create(tmp_path, "x")


def test_a_second_one_is_refused(directory: RunDirectory) -> None:
    with locked(directory):
        assert is_held(directory) is True
        with pytest.raises(RunDirError, match="another process is running"), locked(directory):
            raise AssertionError
    assert is_held(directory) is False
    with locked(directory):
        pass


def test_a_look_is_waited_for(directory: RunDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    descriptor = os.open(directory.path, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    waits: list[float] = []

    def looked(seconds: float) -> None:
        waits.append(seconds)
        os.close(descriptor)

    monkeypatch.setattr(lock.time, "sleep", looked)
    with locked(directory):
        assert is_held(directory) is True
    assert len(waits) == 1


def test_after_the_last_try_nobody_waits(directory: RunDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(lock.time, "sleep", waits.append)
    with locked(directory), pytest.raises(RunDirError), locked(directory):
        raise AssertionError
    assert len(waits) == lock._TRIES - 1


def test_a_kill_gives_it_back(directory: RunDirectory) -> None:
    with subprocess.Popen([sys.executable, "-c", _HOLD, str(directory.path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(RunDirError), locked(directory):
            raise AssertionError
        process.kill()
        process.wait()
        with locked(directory):
            assert is_held(directory) is True


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(RunDirError, match="No such file"), locked(RunDirectory(tmp_path / "gone")):
        raise AssertionError
