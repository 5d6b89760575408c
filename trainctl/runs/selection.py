"""Which runs a list shows, and in what order: conditions on their metrics and facts."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

from trainctl.aliases import Value
from trainctl.errors import UsageError
from trainctl.runs.children import kind_of_children
from trainctl.runs.record import flat_baselines
from trainctl.runs.store import Run
from trainctl.text import literal, nearest, one_of, parse_duration

STATUSES = ("done", "failed", "interrupted", "terminated", "paused", "running", "died")

_OPERATORS: Mapping[str, Callable[[Value, Value], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "!=": operator.ne,
    "==": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
_CONDITION = re.compile(r"\s*([^<>=!\s]+)\s*(>=|<=|!=|==|>|<|=)\s*(?![<>=!])(.+?)\s*")


@dataclass(frozen=True, slots=True)
class Condition:
    """What must be true of a run: `val_accuracy > 0.9`, `status = done`, `duration < 2h`."""

    key: str
    operator: str
    bound: float | str

    def holds(self, value: Value) -> bool:
        """Tell whether a value meets it; what was not measured, and NaN, does not."""
        compare = _OPERATORS[self.operator]
        if isinstance(value, Sequence) and not isinstance(value, str):  # tags
            return (self.bound in value) == (self.operator != "!=")
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return False
        if isinstance(value, str) or isinstance(self.bound, str):
            return compare(str(value), str(self.bound))
        return compare(value, self.bound)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which runs to show.

    Args:
        where: All must be true.
        name: A pattern for the experiment's name, such as `mnist*`.
        statuses: One of them.
        tags: All of them.
        since: The earliest start.
        sort: A metric, best first, or a fact; `None` is newest first.
        reverse: Whether the order is turned round.
        limit: Runs at most; `None` is all.
    """

    where: Sequence[Condition] = ()
    name: str | None = None
    statuses: Sequence[str] = ()
    tags: Sequence[str] = ()
    since: datetime | None = None
    sort: str | None = None
    reverse: bool = False
    limit: int | None = None


def parse_condition(text: str) -> Condition:
    """Return the condition that `text` states.

    Raises:
        UsageError: It states none.
    """
    match = _CONDITION.fullmatch(text)
    if match is None:
        raise UsageError(
            f"a condition must be KEY OPERATOR VALUE, received {literal(text)}",
            hint=f"such as 'val_accuracy > 0.9'; the operators are {one_of(_OPERATORS, 'and')}",
        )
    key, compare, bound = match.groups()
    number = _number(bound)
    if number is None and compare not in {"=", "==", "!="}:
        raise UsageError(
            f"{literal(bound)} in {literal(text)} must be a number, or a duration such as 90s, 5min, 2h or 7d"
        )
    return Condition(key, compare, bound.strip("'\"") if number is None else number)


def parse_since(text: str, now: datetime | None = None) -> datetime:
    """Return the time that `7d`, `12h` or `2026-01-31` means; a date without time zone is of this machine's.

    Raises:
        UsageError: It means none.
    """
    seconds = parse_duration(text)
    try:
        if seconds is None:
            return datetime.fromisoformat(text.strip()).astimezone(UTC)
        return (now or datetime.now(UTC)) - timedelta(seconds=seconds)
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"a time must be a duration or a date, received {literal(text)}", hint="such as 7d, 12h or 2026-01-31"
        ) from error


def select(runs: Sequence[Run], selection: Selection) -> list[Run]:
    """Return the runs that are meant, in order.

    Raises:
        UsageError: No run has a metric or a fact that is asked for.
    """
    for key in [each.key for each in selection.where] + [selection.sort] * bool(selection.sort):
        require_key(str(key), runs)
    found = [run for run in runs if _is_meant(run, selection)]
    if selection.sort is not None:
        found = sort(found, selection.sort)
    if selection.reverse:
        found.reverse()
    return found if selection.limit is None else found[: selection.limit]


def sort(runs: Iterable[Run], key: str) -> list[Run]:
    """Return the runs by a metric, the best first, by another number, the highest first, or by a text. What has none is last."""
    runs = list(runs)
    measured = [run for run in runs if _is_comparable(value_of(run, key))]
    numbers = all(isinstance(value_of(run, key), int | float) for run in measured)
    measured.sort(
        key=lambda run: value_of(run, key) if numbers else str(value_of(run, key)),
        reverse=numbers and direction_of(runs, key) != "min",
    )
    return measured + [run for run in runs if not _is_comparable(value_of(run, key))]


def direction_of(runs: Iterable[Run], key: str) -> str | None:
    """Return whether lower (`min`) or higher (`max`) is better in a metric, as the runs recorded; `None` if no run says."""
    trained = key.removeprefix("val_").removeprefix("test_").partition(".")[0]
    known = (run.record.get("directions", {}).get(trained) for run in runs)
    return next((way for way in known if way is not None), "min" if trained == "loss" else None)


def metrics_of(run: Run) -> Mapping[str, float | None]:
    """Return the metrics of a run; of one that consists of several, their means."""
    kind = kind_of_children(run.record)
    if kind is None:
        return run.record.get("metrics") or {}
    return {key: each["mean"] for key, each in run.record[kind]["metrics"].items()}


def value_of(run: Run, key: str) -> Value:
    """Return a fact, a metric or a baseline (`val_accuracy.majority`) of a run; `None` where it has none."""
    if key in FACTS:
        return FACTS[key](run)
    metrics = metrics_of(run)
    return metrics[key] if key in metrics else baselines_of(run).get(key)


def baselines_of(run: Run) -> Mapping[str, float]:
    """Return the baselines of a run by a key each: `{"val_accuracy.majority": 0.616}`."""
    known: Mapping[str, float] | None = run.record.get("baselines")
    return flat_baselines(run.record) if known is None else known


def require_key(key: str, runs: Iterable[Run]) -> None:
    """Refuse what is no fact of runs, and no metric or baseline of any of them.

    Raises:
        UsageError: It is neither.
    """
    if key in FACTS or any(key in metrics_of(run) or key in baselines_of(run) for run in runs):
        return
    known = [*FACTS, *dict.fromkeys(each for run in runs for each in (*metrics_of(run), *baselines_of(run)))]
    close = nearest(key, known)
    hint = f"did you mean '{close}'?" if close else f"there is {one_of(known[:20], 'and')}"
    raise UsageError(f"no run has {literal(key)}", hint=hint)


def started(run: Run) -> datetime | None:
    """Return when a run began; `None` where its record does not say."""
    try:
        began = datetime.fromisoformat(str(run.record.get("started")))
    except ValueError:
        return None
    return began if began.tzinfo is not None else began.replace(tzinfo=UTC)


def _age(run: Run) -> float | None:
    began = started(run)
    return None if began is None else (datetime.now(UTC) - began).total_seconds()


FACTS: Mapping[str, Callable[[Run], Value]] = {
    "run": lambda run: run.directory.run_id,
    "name": lambda run: run.name,
    "status": lambda run: run.status,
    "age": _age,
    "duration": lambda run: run.record.get("seconds"),
    "epochs": lambda run: run.epochs,
    "kept_epoch": lambda run: run.record.get("kept_epoch"),
    "started": lambda run: run.record.get("started"),
    "seed": lambda run: run.record.get("seed"),
    "parameters": lambda run: run.record.get("parameters"),
    "exit_code": lambda run: run.record.get("exit_code"),
    "device": lambda run: run.record.get("device"),
    "config": lambda run: run.record.get("config"),
    "source": lambda run: (run.record.get("data") or {}).get("source"),
    "stand_in_for": lambda run: run.stand_in_for,
    "tags": lambda run: run.record.get("tags") or [],
    "note": lambda run: run.record.get("note"),
}
"""What a list may say of a run besides its metrics; age and duration in seconds."""


def _is_meant(run: Run, selection: Selection) -> bool:
    began = started(run) if selection.since is not None else None
    return (
        (selection.name is None or fnmatchcase(run.name, selection.name))
        and (not selection.statuses or run.status in selection.statuses)
        and (not selection.tags or set(selection.tags) <= set(value_of(run, "tags")))
        and (selection.since is None or (began is not None and began >= selection.since))
        and all(each.holds(value_of(run, each.key)) for each in selection.where)
    )


def _is_comparable(value: Value) -> bool:
    return value is not None and not (isinstance(value, float) and math.isnan(value))


def _number(text: str) -> float | None:
    duration = parse_duration(text)
    if duration is not None:
        return duration
    try:
        return float(text)
    except ValueError:
        return None
