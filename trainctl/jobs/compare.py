"""`runs compare`: in which settings runs differ, and what each came to. The runs are read as data; nothing of them is run."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from trainctl.aliases import Value
from trainctl.config.text.document import parse
from trainctl.config.text.source import read_source
from trainctl.errors import RunDirError
from trainctl.files import is_own_file
from trainctl.runs.layout import RESOLVED
from trainctl.runs.selection import direction_of, metrics_of, value_of
from trainctl.runs.store import Run

_FACTS = ("status", "epochs", "kept_epoch", "duration", "parameters")


@dataclass(frozen=True, slots=True)
class Row:
    """A setting or a result of several runs.

    Args:
        key: The path of the setting, or the metric or fact.
        values: Of each run; `None` where it has none, NaN where that is what it came to.
        best: The places of the best among `values`; none if no one can tell, or all are the same.
        direction: Whether lower (`min`) or higher (`max`) is better; `None` if no one can tell.
    """

    key: str
    values: tuple[Value, ...]
    best: tuple[int, ...] = ()
    direction: str | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Several runs side by side: the settings in which they differ, and their results."""

    runs: tuple[Run, ...]
    settings: tuple[Row, ...]
    results: tuple[Row, ...]


def compare(runs: Sequence[Run]) -> Comparison:
    """Return how the runs differ.

    Raises:
        RunDirError: One of them has no resolved.yaml.
        ConfigError: One of these is not YAML.
    """
    return Comparison(tuple(runs), compare_settings(runs), compare_results(runs))


def compare_settings(runs: Sequence[Run]) -> tuple[Row, ...]:
    """Return the settings in which the runs differ.

    Raises:
        RunDirError: One of them has no resolved.yaml.
        ConfigError: One of these is not YAML.
    """
    settings = [dict(_flat(_settings(run))) for run in runs]
    paths = dict.fromkeys(path for each in settings for path in each)
    rows = (Row(path, tuple(each.get(path) for each in settings)) for path in paths)
    return tuple(row for row in rows if any(value != row.values[0] for value in row.values))


def compare_results(runs: Sequence[Run]) -> tuple[Row, ...]:
    """Return what each of the runs came to."""
    metrics = dict.fromkeys(key for run in runs for key in metrics_of(run))
    facts = (Row(key, tuple(value_of(run, key) for run in runs)) for key in _FACTS)
    return (*(_metric(runs, key) for key in metrics), *facts)


def _settings(run: Run) -> Value:
    path = run.directory.resolved
    if not is_own_file(path):
        raise RunDirError(
            f"{run.directory.path} has no {RESOLVED}", hint="the run may have been killed before it started"
        )
    return parse(read_source(str(path), path)).plain()


def _flat(value: Value, path: str = "") -> Iterator[tuple[str, Value]]:
    """Yield each value with its path, such as `model.layers.0.Dense.units`."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not items:
        yield path, _plain(value)
    for key, each in items:
        yield from _flat(each, f"{path}.{key}" if path else str(key))


def _plain(value: Value) -> Value:
    """Return an absolute path without `..`: one file is not two for how it was written."""
    return os.path.normpath(value) if isinstance(value, str) and value.startswith(os.sep) else value


def _metric(runs: Sequence[Run], key: str) -> Row:
    known = [metrics_of(run) for run in runs]
    values = tuple(math.nan if key in each and each[key] is None else each.get(key) for each in known)
    direction = direction_of(runs, key)
    finite = [value for value in values if value is not None and math.isfinite(value)]
    if direction is None or len(set(finite)) < 2:
        return Row(key, values, direction=direction)
    best = max(finite) if direction == "max" else min(finite)
    return Row(key, values, tuple(place for place, value in enumerate(values) if value == best), direction)
