"""Learning rates of schedules, evaluated step by step before training."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from trainctl import catalog
from trainctl.aliases import Value
from trainctl.components.spec import CallbackSpec
from trainctl.config.checks.numbers import are_in_range, argument_place
from trainctl.config.checks.places import error, place_of, warning
from trainctl.config.component import KerasComponent, walk_components
from trainctl.config.experiment import Experiment
from trainctl.config.schedules import Rate, breaks_of, in_steps, rate_of, spans_training
from trainctl.config.text.nodes import Node
from trainctl.diagnostics import Diagnostic, Location

_SAMPLES = 200
_MOST_EPOCHS = 1_000
_GROWTH = 1_000.0

Place = tuple[Location | None, str]


def schedules_give_rates(experiment: Experiment, _tree: Node) -> Iterator[Diagnostic]:
    """Yield a schedule of the optimizer gives finite rates of 0 or more, as far as the training goes."""
    for schedule in walk_components(experiment.compile.optimizer):
        if schedule.kind != "schedule":
            continue
        problems = [*_boundaries(schedule), *_lengths(schedule)]
        yield from problems
        if not are_in_range(schedule):
            continue
        plain = in_steps(schedule, _whole(experiment.fit.epochs), _whole(experiment.fit.steps_per_epoch))
        rate = rate_of(plain) if plain is not None and not problems else None
        if plain is not None and rate is not None:
            place = (schedule.location, schedule.path)
            yield from _judged(schedule.name, rate, _steps(experiment, plain), "step", place, _written(plain))


def planned_rates_make_sense(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Yield a callback that plans the learning rate plans finite rates of 0 or more, from the first epoch on."""
    first: Value = experiment.fit.initial_epoch
    last: Value = experiment.fit.epochs
    start = _first_rate(experiment)
    if not isinstance(first, int) or not isinstance(last, int) or start is None:
        return
    epochs = range(first, min(last, first + _MOST_EPOCHS))
    for callback in experiment.callbacks:
        for field, value in callback:
            if isinstance(value, KerasComponent) and value.kind == "schedule":
                yield from _boundaries(value)
            planned = callback.planned_rate(field, rate_of)
            if planned is not None:
                yield from _judged_in_order(callback, planned, epochs, start, place_of(tree, callback, field))


def _judged_in_order(
    callback: CallbackSpec, planned: Callable[[int, float], float], epochs: Iterable[int], start: float, place: Place
) -> Iterator[Diagnostic]:
    """Yield the problems of a plan in which each epoch's rate depends on the one before."""
    rates, before = dict[int, float](), start

    def rate(epoch: float) -> float:
        nonlocal before
        before = rates[int(epoch)] = planned(int(epoch), before)
        return before

    yield from _judged(callback.name_in_yaml, rate, epochs, "epoch", place, start)


def _judged(
    name: str, rate: Rate, moments: Iterable[int], unit: str, place: Place, written: float
) -> Iterator[Diagnostic]:
    """Yield the first problem of the rates at `moments`.

    Args:
        name: Whose rates they are.
        rate: The rate at a moment.
        moments: Steps or epochs from 0, ascending.
        unit: What they are called.
        place: Where to point at.
        written: The largest rate that the file names.
    """
    highest, moment = 0.0, 0
    for moment in moments:
        try:
            value = rate(moment)
        except (ArithmeticError, TypeError, ValueError) as problem:
            reason = "divides by zero" if isinstance(problem.__cause__ or problem, ZeroDivisionError) else "fails"
            yield error("bad-rate", f"{name} {reason} at {unit} {moment}", place, hint=f"{unit}s count from 0")
            return
        if not math.isfinite(value) or value < 0:
            message = f"{name} gives the learning rate {value:g} at {unit} {moment}; it must be finite and at least 0"
            yield error("bad-rate", message, place)
            return
        if value > highest:
            highest = value
            if written > 0 and value > _GROWTH * written:
                message = f"{name} raises the learning rate to {value:g} by {unit} {moment}, from {written:g}"
                yield warning("bad-rate", message, place, hint="did you mean a rate that decreases?")
                return
    if highest == 0:
        yield warning("bad-rate", f"{name} gives the learning rate 0 throughout: the model learns nothing", place)


def _boundaries(schedule: KerasComponent) -> Iterator[Diagnostic]:
    """Report boundaries that do not ascend, or whose number does not match the values."""
    bounds, values = schedule.arguments.get("boundaries"), schedule.arguments.get("values")
    if not isinstance(bounds, list) or not all(isinstance(each, int | float) for each in bounds):
        return
    place = argument_place(schedule, "boundaries")
    if not bounds:
        yield error("bad-rate", "`boundaries` is empty", place, hint="write a number as the learning_rate")
    if any(later <= earlier for earlier, later in pairwise(bounds)):
        hint = f"write boundaries: {sorted(set(bounds))}"
        yield error("bad-rate", f"`boundaries` must ascend, got {bounds}", place, hint=hint)
    if isinstance(values, list) and len(values) != len(bounds) + 1:
        message = f"`values` must have one entry more than `boundaries`: {len(bounds) + 1}, got {len(values)}"
        yield error("bad-rate", message, argument_place(schedule, "values"))


def _lengths(schedule: KerasComponent) -> Iterator[Diagnostic]:
    """Report a schedule whose length is given twice, or not at all."""
    entry = catalog.find("schedule", schedule.name)
    names = [name for name in ("epochs", "steps") if entry is not None and entry.parameter(name) is not None]
    given = [name for name in names if schedule.arguments.get(name) is not None]
    if len(given) == 2:
        message = f"{schedule.name} takes epochs or steps, not both"
        yield error("wrong-value", message, argument_place(schedule, "steps"), hint="remove one of them")
    elif names and not given and not spans_training(schedule):
        place = (schedule.location, schedule.path)
        yield error("missing-argument", f"{schedule.name} needs the argument 'epochs' or 'steps'", place)


def _whole(value: Value) -> int | None:
    return value if isinstance(value, int) else None


def _steps(experiment: Experiment, schedule: KerasComponent) -> list[int]:
    """Yield the steps to check: those of the training, or, if their number is unknown, those of the schedule."""
    per_epoch: Value = experiment.fit.steps_per_epoch
    epochs: Value = experiment.fit.epochs
    turns = breaks_of(schedule)
    last = int(10 * max([100, *turns]))
    if isinstance(per_epoch, int) and isinstance(epochs, int):
        last = per_epoch * epochs
    evenly = {last * i // _SAMPLES for i in range(_SAMPLES + 1)}
    near = {int(turn) + each for turn in turns for each in (-1, 0, 1)}
    return sorted(step for step in {0, 1, *evenly, *near} if 0 <= step <= last)


def _written(schedule: KerasComponent) -> float:
    """Return the largest rate among the arguments."""
    names = ("initial_learning_rate", "end_learning_rate", "warmup_target", "values")
    values = [schedule.arguments.get(name) for name in names]
    flat = [each for value in values for each in (value if isinstance(value, list) else [value])]
    return max([0.0, *(float(each) for each in flat if isinstance(each, int | float))])


def _first_rate(experiment: Experiment) -> float | None:
    """Return the optimizer's learning rate, where it is a number."""
    optimizer: Value = experiment.compile.optimizer
    if not isinstance(optimizer, KerasComponent):
        return None
    entry = catalog.find("optimizer", optimizer.name)
    parameter = entry.parameter("learning_rate") if entry is not None else None
    rate = optimizer.arguments.get("learning_rate", parameter.default if parameter is not None else None)
    return float(rate) if isinstance(rate, int | float) else None
