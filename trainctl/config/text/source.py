"""Experiment files: reading them, and reporting those that cannot be read."""

from __future__ import annotations

import errno
import stat
from pathlib import Path

from trainctl import limits
from trainctl.diagnostics import Diagnostic, Location, Source
from trainctl.errors import ConfigError, UsageError
from trainctl.files import WORKING_DIRECTORY, hint_for_missing, hint_for_unreadable, is_of_system
from trainctl.text import literal


def read_config(name: str) -> Source:
    """Read the experiment file given on the command line.

    Raises:
        UsageError: It is missing, a directory, or cannot be read.
        ConfigError: It is not UTF-8 text, or far too large.
    """
    path = Path(name)
    try:
        return read_source(name, path)
    except FileNotFoundError:
        raise UsageError(
            f"{literal(name)} does not exist",
            hint=hint_for_missing(path, WORKING_DIRECTORY),
        ) from None
    except IsADirectoryError:
        raise UsageError(f"{literal(name)} is a directory, not an experiment file", hint=_suggest_file(path)) from None
    except OSError as error:
        raise UsageError(f"cannot read {literal(name)}: {error.strerror}", hint=hint_for_unreadable(error)) from None


def read_source(name: str, path: Path, extended_from: Location | None = None) -> Source:
    """Read `path`, and name it as the user did.

    Raises:
        OSError: It cannot be read.
        ConfigError: It is not UTF-8 text, or far too large.
    """
    if "\0" in str(path):
        raise OSError(errno.EINVAL, "a name cannot contain the character NUL")
    _require_file(path, by_person=extended_from is None)
    with path.open("rb") as file:
        data = file.read(limits.CONFIG_BYTES + 1)
    text = data.decode("utf-8-sig", errors="replace") if len(data) <= limits.CONFIG_BYTES else ""
    source = Source(name, text, path.absolute().parent, path.absolute(), extended_from, data)
    if len(data) > limits.CONFIG_BYTES:
        raise ConfigError(
            diagnostics=[
                Diagnostic(
                    "too-large",
                    f"the file is larger than {limits.CONFIG_BYTES // 1024**2} MiB, too large for an experiment",
                    Location(source, 1, 1),
                )
            ]
        )
    _require_utf8(data, source)
    return source


def _require_file(path: Path, *, by_person: bool) -> None:
    """Refuse what is no file of a person's: a device, a pipe that nobody fills, the processes' own files with their secrets.

    Raises:
        OSError: It is.
    """
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        return  # reading it says so
    if by_person and stat.S_ISFIFO(mode) and path.parts[:2] == ("/", "dev"):
        return  # `trainctl validate <(make-config)`, or a pipe to /dev/stdin
    if not stat.S_ISREG(mode) or is_of_system(path):
        raise OSError(errno.EINVAL, "it is not a regular file", str(path))


def _require_utf8(data: bytes, source: Source) -> None:
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = len(data[data.rfind(b"\n", 0, error.start) + 1 : error.start].decode("utf-8", "replace")) + 1
        raise ConfigError(
            diagnostics=[
                Diagnostic(
                    "not-utf8",
                    f"the file is not UTF-8 text: invalid byte 0x{data[error.start]:02x}",
                    Location(source, line, column),
                    hint="save it as UTF-8",
                )
            ]
        ) from None


def _suggest_file(path: Path) -> str:
    names = sorted(entry.name for entry in path.iterdir() if entry.suffix in {".yaml", ".yml"})
    return f"name a file in it, such as {path / names[0]}" if names else "name a YAML file"
