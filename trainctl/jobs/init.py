"""`init`: write a new experiment file, never over one that is there."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np

from trainctl.aliases import Data, Value
from trainctl.components.dataset import read
from trainctl.components.spec import SourceSpec, reads_path
from trainctl.config.text.source import read_source
from trainctl.diagnostics import Diagnostic, Location, Source
from trainctl.drafts.data_draft import DataFacts, draft_of_data
from trainctl.drafts.draft import Draft
from trainctl.drafts.keras_file import read_keras_file
from trainctl.drafts.model_draft import draft_of_model
from trainctl.errors import ConfigError, DataError, RunDirError, UsageError
from trainctl.files import is_own_file
from trainctl.jobs.data import Understood, understand_file
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
        DataError: It cannot be read, or all its labels are the same.
    """
    found = understand_file(path, label, arguments)
    _require_one_label(found, path)
    excluded = _excluded(found)
    draft = draft_of_data(_facts(found, arguments, excluded, place), re.sub(r"[^A-Za-z0-9_.-]+", "-", stem))
    warnings = [
        f"{each.fact}; the file leaves it out" if each.column in excluded else each.text
        for each in found.report.warnings
    ]
    return replace(draft, about=(*warnings, *found.report.notices))


def _require_one_label(found: Understood, path: Path) -> None:
    """Refuse data from which no model of one output can learn.

    Raises:
        UsageError: The column to predict is not named, or there are several.
        DataError: All labels are the same.
    """
    report = found.report
    if found.labels is None:
        names = [str(each["name"]) for each in report.columns]
        raise UsageError(
            f"name the column of {path} to predict: --label COLUMN",
            hint=f"it may be {one_of(likely_labels(report.columns))}; the columns are {one_of(names[:30], 'and')}",
        )
    if "outputs" in report.label:
        raise UsageError(f"{path} has several labels; init writes models with one", hint="write the experiment by hand")
    classes = report.label.get("classes")
    if len(classes) == 1 if classes else report.label.get("min") == report.label.get("max"):
        value = next(iter(classes)) if classes else f"{report.label['min']:g}"
        what = "name another column: --label COLUMN" if report.columns else "check the data"
        raise DataError(f"every label of {path} is {value}: nothing can be learned from it", hint=what)


def _excluded(found: Understood) -> dict[str, str]:
    """Return the columns that the file leaves out, each with the reason; none where nothing would be left to learn from."""
    harmful = {
        each.column: each.fact
        for each in found.report.warnings
        if each.column is not None and each.code in {"leakage", "near-unique", "constant"}
    }
    return harmful if len(harmful) < len(found.report.columns) else {}


def _facts(found: Understood, arguments: Mapping[str, Value], excluded: Mapping[str, str], place: Path) -> DataFacts:
    """Return what a draft must know of the data."""
    report = found.report
    first: Mapping[str, Value] = report.inputs[0] if report.inputs else {"shape": (), "dtype": ""}
    classes = report.label.get("classes") or {}
    return DataFacts(
        source=(report.source, _arguments(found.source, arguments, place)),
        samples=report.samples["training"],
        is_table=bool(report.columns),
        shape=tuple(first["shape"]),
        dtype=str(first["dtype"]),
        classes=classes,
        numbers=(0.0, 1.0) if classes else _numbers(found.train.y),
        excluded=excluded,
        brings_validation=found.source.brings_validation,
    )


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


def _arguments(source: SourceSpec, given: Mapping[str, Value], place: Path) -> dict[str, Value]:
    """Return the arguments of a source as they are written in a file at `place`.

    Args:
        source: The source.
        given: Those that the person gave, as they were given.
        place: The file.
    """
    spec = type(source)
    names = [name for name in spec.model_fields if name in source.model_fields_set]
    values = {name: given.get(name, getattr(source, name)) for name in sorted(names, key=lambda name: name != "path")}
    return {
        name: os.path.relpath(value, place.parent) if reads_path(spec, name) else value
        for name, value in values.items()
        if value not in (None, spec.model_fields[name].default)
    }


def _numbers(y: Data) -> tuple[float, float]:
    """Return mean and standard deviation."""
    values = np.asarray(read(y, np.arange(len(y))) if not isinstance(y, np.ndarray) else y, dtype=float)
    values = values[np.isfinite(values)]
    return float(values.mean()), float(values.std())


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
    texts = {path: draft.text, **{path.with_name(name): text for name, text in draft.files.items()}}
    try:
        with ExitStack() as undo:  # also where the person interrupts
            for place, text in texts.items():
                with place.open("x", encoding="utf-8", newline="\n") as file:
                    undo.callback(place.unlink, missing_ok=True)
                    file.write(text)
            undo.pop_all()
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        what = "exists and is kept" if isinstance(error, FileExistsError) else f"cannot be written: {reason}"
        raise RunDirError(f"{error.filename or path} {what}", hint="choose another file: -o FILE") from error
    return tuple(texts)


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
