"""Python's search path without the working directory, whose files must not take the place of installed modules."""

from __future__ import annotations

import os
import sys


def is_working_directory(place: str, index: int) -> bool:
    """Tell whether an entry of `sys.path` stands for the working directory, and for nothing that is installed.

    Python puts it first for `python -m` and in a notebook, and where PYTHONPATH has an empty entry. An editable
    installation comes after the standard library; an absolute path in PYTHONPATH was chosen by the person.

    Args:
        place: The entry.
        index: Where it stands.
    """
    if place in {"", os.curdir}:
        return True
    standard = os.__file__.rpartition(os.sep)[0]  # as it stands in sys.path
    before = index < (sys.path.index(standard) if standard in sys.path else len(sys.path))
    chosen = place in os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return before and not chosen and place == _here()


def leave_out_working_directory() -> None:
    """Take the working directory out of `sys.path`, for the rest of the process."""
    sys.path[:] = [place for index, place in enumerate(list(sys.path)) if not is_working_directory(place, index)]


def _here() -> str | None:
    try:
        return os.getcwd()  # noqa: PTH109  # pathlib is not needed this early
    except OSError:
        return None
