"""What ended a run, as an error that a person can mend."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from trainctl.errors import DataError, RunDirError, TrainingError
from trainctl.runs.failure import in_directory, limit_error, memory_error, translate_error
from trainctl.runs.layout import RunDirectory


@pytest.fixture
def directory(tmp_path: Path) -> RunDirectory:
    found = RunDirectory(tmp_path)
    found.resolved.write_text("name: a")
    return found


def test_a_full_disk_is_said_wherever_it_is_noticed(directory: RunDirectory) -> None:
    for error in (OSError(errno.ENOSPC, "No space left on device"), RuntimeError("write failed: errno = 28")):
        found = translate_error(error, directory)
        assert isinstance(found, RunDirError)
        assert "disk is full" in str(found)
        assert found.__cause__ is error


@pytest.mark.parametrize(
    ("error", "message", "hint"),
    [
        (OSError(errno.EFBIG, "File too large"), "larger than the limit on file sizes", "ulimit -f"),
        (RuntimeError("UNKNOWN: x; File too large"), "larger than the limit on file sizes", "ulimit -f"),
        (OSError(errno.EMFILE, "Too many open files"), "too many files are open", "ulimit -n"),
    ],
)
def test_a_limit_is_said_wherever_it_is_noticed(
    directory: RunDirectory, error: Exception, message: str, hint: str
) -> None:
    failed = TrainingError("ModelCheckpoint failed in on_epoch_end")
    failed.__cause__ = error
    for found in (translate_error(error, directory), translate_error(failed, directory)):
        assert isinstance(found, RunDirError)
        assert message in found.message
        assert hint in str(found.hint)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MemoryError(), 6),
        (ImportError("libtensorflow_cc.so.2: failed to map segment from shared object"), 6),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), 6),
        (OSError(errno.EMFILE, "Too many open files", "/any/file"), 7),
        (OSError(errno.ENOSPC, "No space left on device", "/any/file"), 7),
        (ImportError("no module named x"), None),
        (OSError(errno.ENOENT, "No such file"), None),
        (ValueError("file too large a word"), None),
    ],
)
def test_limits_outside_of_a_run(error: Exception, code: int | None) -> None:
    found = memory_error(error) or limit_error(error)
    assert (found and found.exit_code) == code


def test_a_callback_that_could_not_write_is_not_to_blame(directory: RunDirectory) -> None:
    error = TrainingError("the callback CSVLogger failed")
    error.__cause__ = OSError(errno.EACCES, "Permission denied", str(directory.path / "log.csv"))
    found = translate_error(error, directory)
    assert isinstance(found, RunDirError)
    assert "log.csv" in str(found)


def test_a_run_directory_that_was_deleted(directory: RunDirectory) -> None:
    directory.resolved.unlink()
    found = translate_error(OSError(errno.ENOENT, "No such file", str(directory.path / "x")), directory)
    assert isinstance(found, RunDirError)
    assert "was deleted during the run" in str(found)


@pytest.mark.parametrize("code", [0, None, "text"])
def test_imported_code_cannot_end_the_program_with_a_success(directory: RunDirectory, code: object) -> None:
    found = translate_error(SystemExit(code), directory)
    assert isinstance(found, TrainingError)
    assert "sys.exit" in str(found)


def test_no_memory_is_a_failed_training(directory: RunDirectory) -> None:
    assert isinstance(translate_error(MemoryError(), directory), TrainingError)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), DataError("d"), RunDirError("r"), ZeroDivisionError()])
def test_what_says_enough_by_itself_stays(directory: RunDirectory, error: BaseException) -> None:
    assert translate_error(error, directory) is error


def test_what_the_disk_refuses_is_an_error_of_the_directory(tmp_path: Path) -> None:
    with pytest.raises(RunDirError, match=r"cannot read .*there"), in_directory(tmp_path / "there", "read"):
        (tmp_path / "there").read_bytes()
    with in_directory(tmp_path):
        pass


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        (errno.EACCES, "is writable"),
        (errno.EROFS, "is writable"),
        (errno.EISDIR, "place of the file"),
        (errno.EFBIG, "ulimit -f"),
        (errno.EMFILE, "ulimit -n"),
        (errno.EIO, "None"),
    ],
)
def test_a_hint_stands_only_where_it_is_true(directory: RunDirectory, number: int, hint: str) -> None:
    directory.resolved.write_text("")
    error = translate_error(OSError(number, "no", str(directory.path / "model.keras")), directory)
    assert isinstance(error, RunDirError)
    assert hint in str(error.hint)


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        (errno.ENOSPC, "free some space, or choose another folder"),
        (errno.EFBIG, "raise the limit on file sizes: ulimit -f unlimited"),
        (errno.ENOENT, "choose another folder"),
    ],
)
def test_the_hint_of_what_is_done_is_added_where_it_helps(tmp_path: Path, number: int, hint: str) -> None:
    with pytest.raises(RunDirError) as caught, in_directory(tmp_path, "make", "choose another folder"):
        raise OSError(number, "no")
    assert caught.value.hint == hint
