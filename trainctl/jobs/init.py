"""`init`: write a new experiment file, never over one that is there."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from trainctl.diagnostics import Diagnostic, Location, Source
from trainctl.drafts.draft import Draft
from trainctl.drafts.keras_file import read_keras_file
from trainctl.drafts.model_draft import draft_of_model
from trainctl.errors import ConfigError, RunDirError


def draft_from_model(path: Path, stem: str) -> Draft:
    """Return the experiment that builds the model of a .keras file anew; nothing of the file is run.

    Args:
        path: The file.
        stem: What the draft will be called, without its ending.

    Raises:
        DataError: It is not a model of Keras 3, or damaged.
    """
    return draft_of_model(read_keras_file(path), path, stem)


def write_draft(draft: Draft, path: Path) -> tuple[Path, ...]:
    """Write a draft and what lies beside it; returns the paths.

    Raises:
        RunDirError: One of the files exists, or cannot be written; then none is left.
    """
    written: list[Path] = []
    try:
        for place, text in {
            path: draft.text,
            **{path.with_name(name): text for name, text in draft.files.items()},
        }.items():
            with place.open("x", encoding="utf-8", newline="\n") as file:
                written.append(place)
                file.write(text)
    except OSError as error:
        for each in written:
            with suppress(OSError):
                each.unlink()
        if isinstance(error, FileExistsError):
            raise RunDirError(f"{error.filename} exists and is kept", hint="choose another file: -o FILE") from error
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise RunDirError(
            f"{error.filename or path} cannot be written: {reason}", hint="choose another file: -o FILE"
        ) from error
    return tuple(written)


def require_complete(draft: Draft, name: str) -> None:
    """Report what does not work in a draft, each at its line.

    Args:
        draft: The draft.
        name: What its file is called.

    Raises:
        ConfigError: There is something to change first.
    """
    source = Source(name, draft.text, Path.cwd(), Path(name))
    problems = []
    for line, note in draft.problems:
        text = source.line(line)
        column = len(text) - len(text.lstrip(" -")) + 1
        place = Location(source, line, column, max(1, len(text) - column + 1))
        problems.append(Diagnostic("not-expressible", note.text, place, hint=note.hint))
    if problems:
        raise ConfigError(diagnostics=problems)
