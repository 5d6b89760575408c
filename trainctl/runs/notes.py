"""What a person says of a run: tags and a note, in a file of their own, so that a run in progress keeps them."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass

from trainctl.errors import UsageError
from trainctl.files import is_own_file
from trainctl.runs.directory import write_json
from trainctl.runs.failure import in_directory
from trainctl.runs.layout import RunDirectory
from trainctl.text import literal

_TAG = re.compile(r"[\w.:/+-]{1,60}")


@dataclass(frozen=True, slots=True)
class Notes:
    """Tags and a note.

    Args:
        tags: Words to find the run by, sorted.
        note: A text; empty if there is none.
    """

    tags: tuple[str, ...] = ()
    note: str = ""


def read_notes(directory: RunDirectory) -> Notes:
    """Return what a person said of the run; nothing where the file was not written by trainctl."""
    try:
        said = json.loads(directory.notes.read_text(encoding="utf-8")) if is_own_file(directory.notes) else {}
    except (OSError, ValueError, RecursionError):
        said = {}
    tags, note = (said.get("tags"), said.get("note")) if isinstance(said, dict) else (None, None)
    return Notes(
        tuple(
            sorted(
                {tag for tag in tags if isinstance(tag, str) and _TAG.fullmatch(tag)} if isinstance(tags, list) else ()
            )
        ),
        note if isinstance(note, str) else "",
    )


def write_notes(directory: RunDirectory, notes: Notes) -> None:
    """Record what a person says of the run.

    Raises:
        RunDirError: It cannot be written.
    """
    with in_directory(directory.path):
        write_json(directory.notes, asdict(notes))


def require_tag(tag: str) -> str:
    """Return the tag.

    Raises:
        UsageError: It is not one word.
    """
    if not _TAG.fullmatch(tag):
        raise UsageError(f"a tag must be one word of letters, digits and . : / + - _, received {literal(tag)}")
    return tag
