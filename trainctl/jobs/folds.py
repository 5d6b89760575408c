"""Cross-validation: a run for each fold; what they predict of the samples held out from them, and their ensemble."""

from __future__ import annotations

import csv
import heapq
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from trainctl.config.load import Loaded
from trainctl.events import ChildRuns, Notice, Phase, PhaseStarted, Sink
from trainctl.files import is_own_file, saved_atomically
from trainctl.jobs.session import draw_history, keras_at_work
from trainctl.jobs.several import Plan
from trainctl.runs.layout import FOLDS, RunDirectory


def plan_folds(loaded: Loaded, seed: int) -> Plan | None:
    """Return a run for each fold; `None` if the experiment is not cross-validated.

    Raises:
        ConfigError: The experiment of a fold is invalid.
    """
    folds = loaded.experiment.data.folds
    if folds is None or not loaded.experiment.data.is_cross_validated:
        return None
    # What is expected is expected of the means.
    shared = (f"seed={seed}", *(["expect=null"] if loaded.experiment.expect else []))
    numbers = range(1, folds.k + 1)
    experiments = {str(each): loaded.with_overrides([*shared, f"data.folds.fold={each}"]) for each in numbers}
    return Plan(FOLDS, experiments, conclude)


def conclude(directory: RunDirectory, folds: ChildRuns, emit: Sink) -> None:
    """Write the predictions of all folds in the order of the data, the ensemble of their models, and their curves.

    Args:
        directory: The directory of the whole run.
        folds: The runs.
        emit: Where events go.

    Raises:
        OSError: The disk is full.
    """
    emit(PhaseStarted(phase=Phase.SAVING))
    parts = {run.name: RunDirectory(directory.path / run.directory) for run in folds.runs}
    found = {name: part.predictions for name, part in parts.items() if is_own_file(part.predictions)}
    if found:
        saved_atomically(directory.predictions, lambda aside: _write_merged(found, Path(aside)))
    reason = keras_at_work().ensemble.write_ensemble(list(parts.values()), directory)
    if reason is not None:
        emit(Notice(message=f"no model averages the folds: {reason}; each fold has its own model.keras", loud=True))
    draw_history(directory, directory.path.parent.name, list(parts.values()))


def _write_merged(parts: dict[str, Path], path: Path) -> None:
    """Write the rows of all folds, each of which has its rows in order, in the order of the data."""
    with ExitStack() as stack, path.open("w", encoding="utf-8", newline="") as out:
        readers = {
            name: csv.reader(stack.enter_context(part.open(encoding="utf-8", newline="")))
            for name, part in parts.items()
        }
        heads = [next(reader) for reader in readers.values()]
        rows = heapq.merge(*(_rows(reader, name) for name, reader in readers.items()), key=lambda row: int(row[0]))
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([heads[0][0], "fold", *heads[0][1:]])
        writer.writerows(rows)


def _rows(reader: Iterator[list[str]], name: str) -> Iterator[list[str]]:
    for row, *cells in reader:
        yield [row, name, *cells]
