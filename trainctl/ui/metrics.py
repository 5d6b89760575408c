"""Metrics on the screen: which belong together, which value is best, how they went."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trainctl.aliases import Value

T = TypeVar("T")

PARTS = {"train": "", "val": "val_", "test": "test_"}
"""The parts of the data, and what the names of their metrics begin with."""

Point = tuple[int, float]
"""An epoch (from 1) and a metric's value in it."""

_BLOCKS = "▁▂▃▄▅▆▇█"


def base_names(names: Iterable[str]) -> list[str]:
    """Return the metrics behind `names`, each once: `loss` for `loss` and `val_loss`."""
    return list(dict.fromkeys(base_name(name) for name in names))


def base_name(name: str) -> str:
    """`loss` for `val_loss`."""
    for prefix in ("val_", "test_"):
        if name.startswith(prefix) and name != prefix:
            return name.removeprefix(prefix)
    return name


@dataclass(frozen=True, slots=True)
class Panel:
    """Metrics that are drawn over each other.

    Args:
        title: What they have in common.
        metrics: Without what tells training, validation and test apart, such as `f1_score`, `f1_score/cat`, `f1_score/dog`.
    """

    title: str
    metrics: tuple[str, ...]


_RATE = "learning_rate"
_NOT_METRICS = frozenset({"epoch", "seconds", _RATE})


def list_panels(rows: Sequence[Mapping[str, Value]]) -> list[Panel]:
    """Return what to draw of the lines of `metrics.jsonl`: related metrics together, and the learning rate where it changes.

    The values of each class belong to their mean, and those of each output of a model to those of the whole.
    """
    logged = dict.fromkeys(name for row in rows for name in row if name not in _NOT_METRICS)
    bases = base_names(name for name in logged if _is_measured(rows, name))
    outputs = sorted((name.removesuffix("loss") for name in bases if name.endswith("_loss")), key=len, reverse=True)
    families: dict[str, list[str]] = {}
    for name in bases:
        whole = name.partition("/")[0]
        output = next((each for each in outputs if whole.startswith(each)), "")
        families.setdefault(whole.removeprefix(output), []).append(name)
    changes = len({row.get(_RATE) for row in rows} - {None}) > 1
    found = [Panel(family if len(names) > 1 else names[0], tuple(names)) for family, names in families.items()]
    return [*found, Panel(_RATE, (_RATE,))] if changes else found


def _is_measured(rows: Sequence[Mapping[str, Value]], name: str) -> bool:
    """Whether the values are numbers, or what stands for NaN; other programs may have written into the file."""
    return all(each is None or isinstance(each, int | float) for each in (row.get(name) for row in rows))


def merge_panels(panels: Sequence[Panel], most: int) -> list[Panel]:
    """Return at most `most` panels: the first and the learning rate as they are, and the others several in one."""
    if len(panels) <= most:
        return list(panels)
    rate = [panel for panel in panels if panel.metrics == (_RATE,)]
    others = [panel for panel in panels[1:] if panel not in rate]
    return [panels[0], *(_merged(part) for part in _split_chunks(others, most - 1 - len(rate))), *rate]


def _merged(panels: Sequence[Panel]) -> Panel:
    return Panel(", ".join(each.title for each in panels), tuple(name for each in panels for name in each.metrics))


def without_classes(names: Iterable[str]) -> list[str]:
    """Return the metrics that one line has room for: `f1_score`, the mean, without `f1_score/cat` of each class."""
    every = list(names)
    return [name for name in every if "/" not in name or name.partition("/")[0] not in every]


def best(points: Sequence[Point], direction: str | None) -> Point | None:
    """Return the best of `points`, the earliest of equals; `None` if there is none.

    Args:
        points: A metric's values.
        direction: Whether lower (`min`) or higher (`max`) is better; `None` if no one can tell which is best.
    """
    finite = [point for point in points if math.isfinite(point[1])]
    if direction is None or not finite:
        return None
    return (max if direction == "max" else min)(finite, key=lambda point: point[1])


def spark_line(values: Sequence[float], width: int) -> str:
    """`▁▃▆█`: the whole history in at most `width` characters, with a blank where no value is finite."""
    columns = [_average(chunk) for chunk in _split_chunks(values, width)]
    finite = [value for value in columns if value is not None]
    if not finite:
        return ""
    low, high = min(finite), max(finite)
    return "".join(" " if value is None else _pick_block(value, low, high) for value in columns)


def _pick_block(value: float, low: float, high: float) -> str:
    # Halved, because the span of two huge numbers may be infinite.
    share = (value / 2 - low / 2) / (high / 2 - low / 2) if high / 2 > low / 2 else 0.5
    return _BLOCKS[min(int(share * len(_BLOCKS)), len(_BLOCKS) - 1)]


def _split_chunks(values: Sequence[T], count: int) -> list[Sequence[T]]:
    if len(values) <= count:
        return [values[index : index + 1] for index in range(len(values))]
    edges = [round(index * len(values) / count) for index in range(count + 1)]
    return [values[start:end] for start, end in pairwise(edges)]


def _average(values: Sequence[float]) -> float | None:
    finite = [value for value in values if math.isfinite(value)]
    return sum(value / len(finite) for value in finite) if finite else None
