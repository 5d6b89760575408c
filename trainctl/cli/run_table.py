"""The list of runs: its columns and cells."""

from __future__ import annotations

import csv
import math
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import typer

from trainctl.aliases import Value
from trainctl.cli.output import whole_table
from trainctl.runs.children import kind_of_children
from trainctl.runs.selection import FACTS, baselines_of, metrics_of, require_key, value_of
from trainctl.runs.store import Run
from trainctl.text import printable
from trainctl.ui.facts import format_cell, format_fact, format_statistics
from trainctl.ui.metrics import without_classes

_MOST_METRICS = 4  # columns of metrics that are shown unless others are asked for
_FACTS = ("run", "name", "status", "age", "duration", "epochs")
_WHERE_THERE_ARE_ANY = ("stand_in_for", "tags", "note")
_ONLY_WIDE = ("kept_epoch", "seed", "parameters", "device", "config")


def chosen(columns: str | None, runs: Sequence[Run]) -> list[str] | None:
    """Return the columns that `--columns` names; `None` where it was not given.

    Raises:
        UsageError: No run has one of them.
    """
    if columns is None:
        return None
    keys = [key.strip() for key in columns.split(",") if key.strip()]
    for key in keys if runs else ():
        require_key(key, runs)
    return keys


def print_runs(runs: Sequence[Run], columns: Sequence[str] | None, *, wide: bool) -> None:
    """Print the list for people, and name the columns that are not shown."""
    metrics = _metric_columns(runs)
    shown = metrics if wide else metrics[:_MOST_METRICS]
    given = [key for key in _WHERE_THERE_ARE_ANY if any(value_of(run, key) for run in runs)]
    keys = list(columns or [*_FACTS, *shown, *given, *((*_baseline_columns(runs, shown), *_ONLY_WIDE) if wide else ())])
    order = ["epochs", "duration", "note", "tags", *reversed(shown[1:]), "age", "name", *shown[:1], "status"]
    droppable = [key for key in order if key in keys[1:]] if columns is None else list(reversed(keys[1:]))
    omitted = whole_table(keys, (row(run, keys) for run in runs), droppable, wide=wide)
    omitted += metrics[len(shown) :] if columns is None else []
    if omitted:
        typer.echo(f"\nnot shown: {printable(', '.join(omitted))}; see --wide and --columns", err=True)


def print_csv(runs: Sequence[Run], columns: Sequence[str] | None) -> None:
    """Print the list for programs: numbers as they are, durations in seconds."""
    keys = list(columns or [*FACTS, *dict.fromkeys(key for run in runs for key in metrics_of(run))])
    lines = csv.writer(sys.stdout, lineterminator="\n")
    lines.writerow(keys)
    for run in runs:
        values = (value_of(run, key) for key in keys)
        texts = (" ".join(value) if isinstance(value, list) else value for value in values)
        lines.writerow([printable(value) if isinstance(value, str) else value for value in texts])


def row(run: Run, keys: Sequence[str]) -> list[str]:
    """Return the cells of a run."""
    kind = kind_of_children(run.record)
    metrics = (run.record.get("metrics") or {}) if kind is None else run.record[kind]["metrics"]
    shown = format_cell if kind is None else _statistics
    return [
        _CELLS[key](run)
        if key in _CELLS
        else shown(metrics[key])
        if key in metrics and key not in FACTS
        else format_fact(key, value_of(run, key))
        for key in keys
    ]


def results(record: Mapping[str, Value]) -> Mapping[str, str]:
    """Return each metric of a recorded run: `0.9384`; of one that consists of several, `0.9384 ± 0.0121`."""
    kind = kind_of_children(record)
    if kind is None:
        return {name: format_cell(value) for name, value in (record.get("metrics") or {}).items()}
    return {name: _statistics(each) for name, each in record[kind]["metrics"].items()}


def _metric_columns(runs: Sequence[Run]) -> list[str]:
    """Return the metrics of the runs: of validation and test first, those of most runs first."""
    counts = Counter(key for run in runs for key in without_classes(metrics_of(run)))
    return sorted(counts, key=lambda key: (not key.startswith(("val_", "test_")), -counts[key]))


def _baseline_columns(runs: Sequence[Run], metrics: Sequence[str]) -> list[str]:
    """Return the baselines of the first metric that has some, of a loss only where no other has any."""
    known = dict.fromkeys(key for run in runs for key in baselines_of(run))
    first = next(
        (
            name
            for name in sorted(metrics, key=lambda name: name.endswith("loss"))
            if any(key.startswith(f"{name}.") for key in known)
        ),
        None,
    )
    return [key for key in known if key.rpartition(".")[0] == first]


def _statistics(each: Mapping[str, Value]) -> str:
    return format_statistics(*(math.nan if each[key] is None else float(each[key]) for key in ("mean", "deviation")))


_CELLS: Mapping[str, Callable[[Run], str]] = {
    "status": lambda run: run.shown_status,
    "stand_in_for": lambda run: (
        f"on {value_of(run, 'source')}, stand-in for {run.stand_in_for}" if run.stand_in_for else "-"
    ),
}
"""The cells that say more than the fact."""
