"""`init`: write a new experiment file, never over one that is there."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from trainctl.aliases import Data, Value
from trainctl.components.dataset import read
from trainctl.components.spec import SourceSpec
from trainctl.config.text.source import read_source
from trainctl.diagnostics import Diagnostic, Location, Source
from trainctl.drafts.data_draft import DataFacts, draft_of_data
from trainctl.drafts.draft import Draft
from trainctl.drafts.keras_file import read_keras_file
from trainctl.drafts.model_draft import draft_of_model
from trainctl.errors import ConfigError, RunDirError, UsageError
from trainctl.files import is_own_file
from trainctl.jobs.data import understand_file
from trainctl.runs.store import find_run
from trainctl.text import one_of


def draft_from_model(path: Path, stem: str) -> Draft:
    """Return the experiment that builds the model of a .keras file anew; nothing of the file is run.

    Args:
        path: The file.
        stem: What the draft will be called, without its ending.

    Raises:
        DataError: It is not a model of Keras 3, or damaged.
    """
    return draft_of_model(read_keras_file(path), path, stem)


def draft_from_data(path: Path, label: str | None, arguments: Mapping[str, Value], place: Path, stem: str) -> Draft:
    """Return an experiment for a table, arrays, or a folder of images, texts or sounds.

    Args:
        path: The file or folder.
        label: Of a table, the column to predict.
        arguments: Arguments of the source that reads it.
        place: The file that the draft will be; paths in it start at its folder.
        stem: What the experiment will be called.

    Raises:
        UsageError: It is of no known kind, or a table without a label; names columns that may be it.
        DataError: It cannot be read.
    """
    found = understand_file(path, label, arguments)
    report = found.report
    if found.labels is None:
        names = [str(each["name"]) for each in report.columns]
        raise UsageError(
            f"name the column of {path} to predict: --label COLUMN",
            hint=f"it may be {one_of(likely_labels(report.columns))}; the columns are {one_of(names[:30], 'and')}",
        )
    if "outputs" in report.label:
        raise UsageError(f"{path} has several labels; init writes models with one", hint="write the experiment by hand")
    excluded = {
        each.column: each.text.split("; ")[0].split(": is it")[0]
        for each in report.warnings
        if each.column is not None and each.code in {"leakage", "near-unique", "constant"}
    }
    first: Mapping[str, Value] = report.inputs[0] if report.inputs else {"shape": (), "dtype": ""}
    facts = DataFacts(
        source=(report.source, _arguments(found.source, place)),
        samples=report.samples["training"],
        is_table=bool(report.columns),
        shape=tuple(first["shape"]),
        dtype=str(first["dtype"]),
        classes=report.label.get("classes") or {},
        numbers=(0.0, 1.0, 0.0) if report.label.get("classes") else _numbers(found.train.y),
        excluded=excluded,
        brings_validation=found.source.brings_validation,
    )
    draft = draft_of_data(facts, re.sub(r"[^A-Za-z0-9_.-]+", "-", stem))
    notes = [
        f"{excluded[each.column]}; the file leaves it out" if each.column in excluded else each.text
        for each in report.warnings
    ]
    return replace(draft, about=tuple(f"note: {each}" for each in notes))


def likely_labels(columns: Sequence[Mapping[str, Value]]) -> list[str]:
    """Return the columns that are most likely to be predicted: by their names, then the last ones of few values."""
    names = [str(each["name"]) for each in columns]
    called = [name for name in names if name.lower() in _CALLED]
    few = [
        str(each["name"])
        for each in columns
        if each.get("kind") in {"categorical", "boolean"} or each.get("distinct", 99) <= 10
    ]
    return list(dict.fromkeys([*called, *names[-1:], *reversed(few)]))[:3]


_CALLED = frozenset(
    [
        "label",
        "labels",
        "target",
        "class",
        "y",
        "outcome",
        "species",
        "survived",
        "price",
        "churn",
        "diagnosis",
        "quality",
        "rating",
        "result",
    ]
)
"""What labels are often called."""


def _arguments(source: SourceSpec, place: Path) -> dict[str, Value]:
    """Return the arguments of a source as they are written in a file at `place`."""
    given = {name: getattr(source, name) for name in type(source).model_fields if name in source.model_fields_set}
    usual = {name: field.default for name, field in type(source).model_fields.items()}
    told = {name: value for name, value in given.items() if value != usual[name] and value is not None}
    if "path" in told:
        told = {
            "path": os.path.relpath(str(told["path"]), place.parent),
            **{k: v for k, v in told.items() if k != "path"},
        }
    return {name: list(value) if isinstance(value, tuple) else value for name, value in told.items()}


def _numbers(y: Data) -> tuple[float, float, float]:
    """Return mean, standard deviation, and the mean distance from the median."""
    values = np.asarray(read(y, np.arange(len(y))) if not isinstance(y, np.ndarray) else y, dtype=float)
    values = values[np.isfinite(values)]
    return float(values.mean()), float(values.std()), float(np.abs(values - np.median(values)).mean())


def draft_from_run(wanted: str, runs_dir: Path) -> Draft:
    """Return the experiment of a run with everything filled in, so that it can be changed and run again.

    Raises:
        RunDirError: There is no such run, or it does not hold its experiment.
        ConfigError: It holds no text.
    """
    run = find_run(runs_dir, wanted)
    path = run.directory.resolved
    if not is_own_file(path):  # a link may lead to any file of the user's
        raise RunDirError(
            f"{run.directory.path} has no {path.name}", hint="the run may have been killed before it started"
        )
    try:
        text = read_source(str(path), path).text
    except OSError as error:
        raise RunDirError(f"{path} cannot be read: {error.strerror or error}") from error
    return Draft(f"# Written by trainctl init from the run {run.directory.run_id}: everything is filled in.\n{text}")


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
