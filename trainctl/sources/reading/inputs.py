"""The files that data sources read: finding them, and naming them in messages."""

from __future__ import annotations

import glob
import os
import re
from pathlib import Path

from trainctl.errors import DataError
from trainctl.files import hint_for_missing, is_of_system

AS_UTF8, ANOTHER_ENCODING = "save the file as UTF-8", "set its encoding, such as encoding: latin-1"
"""What to do about a file in another encoding, and what to change in the experiment instead."""


COMPRESSIONS = (".gz", ".bz2", ".zst", ".lz4")
"""How the names of compressed files end that are unpacked while they are read."""


def without_mark(encoding: str) -> str:
    """The encoding that also takes off the mark that spreadsheets put before UTF-8."""
    return "utf-8-sig" if encoding == "utf-8" else encoding


def shown(path: Path) -> str:
    """The path as a person would write it here: relative where it lies under the working directory."""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100  # resolve() would also follow links
    return str(absolute.relative_to(Path.cwd()) if absolute.is_relative_to(Path.cwd()) else absolute)


def existing_file(path: str | Path, field: str = "path") -> Path:
    """The file at `path`.

    Args:
        path: The file.
        field: The argument of the data source that names it.

    Raises:
        DataError: Nothing stands there, it is not a file, or it may not be read.
    """
    try:
        return _existing_file(Path(path))
    except DataError as error:
        error.field = field
        raise


def _existing_file(file: Path) -> Path:
    refuse_address(str(file))
    if file.is_file() and not is_of_system(file):
        if not os.access(file, os.R_OK):
            raise _unreadable(file)
        return file
    if file.is_dir():
        raise DataError(f"{shown(file)} is a folder, expected a file", hint="name the file in it")
    if os.path.lexists(file):
        raise DataError(
            f"{shown(file)} is not a regular file", hint="data is read from files, not from pipes or devices"
        )
    raise missing(file)


def existing_folder(path: str, field: str = "path") -> Path:
    """The folder at `path`.

    Args:
        path: The folder.
        field: The argument of the data source that names it.

    Raises:
        DataError: Nothing stands there, or it is not a folder.
    """
    folder = Path(path)
    if folder.is_dir() and not is_of_system(folder):
        if not os.access(folder, os.R_OK | os.X_OK):
            raise _unreadable(folder, field)
        return folder
    error = DataError(f"{shown(folder)} is a file, expected a folder") if folder.exists() else missing(folder)
    error.field = field
    raise error


def _unreadable(path: Path, field: str = "path") -> DataError:
    return DataError(f"{shown(path)} cannot be read: permission denied", hint="check its permissions", field=field)


def existing_files(path: str, suffix: str) -> tuple[Path, ...]:
    """The files that `path` means, sorted: a file, a folder's files that end in `suffix`, or what a glob matches.

    Raises:
        DataError: There is none.
    """
    refuse_address(path)
    if Path(path).is_dir():
        existing_folder(path)
        endings = (suffix, *(f"{suffix}{each}" for each in COMPRESSIONS if suffix == ".csv"))
        found = sorted(each for each in Path(path).iterdir() if each.name.lower().endswith(endings) and each.is_file())
        if not found:
            raise DataError(f"the folder {shown(Path(path))} holds no {suffix} file", hint="name another under path:")
        return tuple(found)
    if glob.has_magic(path) and not Path(path).exists():
        found = matching_files(path)
        if not found:
            raise DataError(f"no file matches {shown(Path(path))}", hint=EXPERIMENT_DIRECTORY)
        return tuple(found)
    return (existing_file(path),)


def matching_files(pattern: str) -> list[Path]:
    """Return the files that a glob matches, sorted; `**` matches folders at any depth."""
    return sorted(Path(each) for each in glob.glob(pattern, recursive=True) if Path(each).is_file())  # noqa: PTH207


def refuse_address(path: str) -> None:
    """Refuse a path that is an address on a network.

    Raises:
        DataError: It is one.
    """
    found = _ADDRESS.search(path)
    if found is not None:
        address = f"{found[1]}://{found[2]}"
        how = f"aws s3 cp {address} ." if found[1] == "s3" else f"curl -LO '{address}'"
        raise DataError(
            f"{address} is an address on the network; data is read from local files",
            hint=f"download it first, such as with {how}",
        )


_ADDRESS = re.compile(r"(?:^|/)(https?|s3|gs|ftp|hdfs|abfss?|wasbs?):/+(.*)")


def missing(path: Path) -> DataError:
    """The error for a path at which nothing stands; its hint names the nearest file beside it."""
    refuse_address(str(path))
    return DataError(f"{shown(path)} does not exist", hint=hint_for_missing(path, EXPERIMENT_DIRECTORY))


EXPERIMENT_DIRECTORY = "paths are relative to the experiment file in which they are written"
