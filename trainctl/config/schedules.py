"""Learning-rate schedules: those of ours in Keras's terms, and what each gives at a step, in plain floating point for checks."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from trainctl import catalog
from trainctl.aliases import Value
from trainctl.config.component import KerasComponent
from trainctl.config.experiment import Experiment
from trainctl.config.text.nodes import Late

Numbers = Mapping[str, Value]
Rate = Callable[[float], float]


def rate_of(schedule: KerasComponent) -> Rate | None:
    """Return the learning rate as a function of the step, from 0; `None` if no one knows it without running Keras.

    The function raises `ArithmeticError` or `ValueError` where the schedule divides by zero or has no real value; Keras
    trains with NaN or infinity there.

    Args:
        schedule: One in steps, as `in_steps` gives it, with all that it requires.
    """
    inner = schedule.arguments.get("learning_rate")
    if schedule.name == "Warmup" and isinstance(inner, KerasComponent):
        return _warmed(rate_of(inner), schedule.arguments.get("steps"))
    formula = _FORMULAS.get(schedule.name) if _is_known(schedule) else None
    if formula is None:
        return None
    numbers = {each.name: each.default for each in _parameters(schedule)} | dict(schedule.arguments)
    if not all(_is_plain(value) for value in numbers.values()):
        return None  # a fact of the data, or null where Keras takes none
    return lambda step: _require_real(formula(numbers, step))


def in_steps(schedule: KerasComponent, epochs: int | None, steps_per_epoch: int | None) -> KerasComponent | None:
    """Return a schedule in terms of Keras, lengths in steps; `None` where a length is not known yet.

    Args:
        schedule: Any, with all that it requires.
        epochs: Epochs that are trained.
        steps_per_epoch: Steps of each.
    """
    change = _IN_STEPS.get(schedule.name)
    if change is None:
        return schedule
    given = {each.name: each.default for each in _parameters(schedule)} | dict(schedule.arguments)
    length = given["epochs"] or (epochs if given["steps"] is None else None)
    steps = given["steps"]
    if steps is None and isinstance(length, int | float) and steps_per_epoch is not None:
        steps = max(1, round(length * steps_per_epoch))
    return (
        change(schedule, given, steps)
        if isinstance(steps, int) and not any(isinstance(each, Late) for each in given.values())
        else None
    )


def spans_training(schedule: KerasComponent) -> bool:
    """Return whether a schedule whose length is not given is as long as the training."""
    return schedule.name == "OneCycle"


def with_steps(experiment: Experiment, steps_per_epoch: int) -> Experiment:
    """Return the experiment with every schedule in terms of Keras, once the data says how many steps an epoch has.

    For a callback, which asks for a rate once an epoch, an epoch is a step.
    """
    epochs = experiment.fit.epochs - experiment.fit.initial_epoch
    optimizer: Value = _with_plain_schedules(experiment.compile.optimizer, epochs, steps_per_epoch)
    callbacks = tuple(
        each.model_copy(
            update={
                name: _with_plain_schedules(value, experiment.fit.epochs, 1)
                for name, value in each
                if isinstance(value, KerasComponent)
            }
        )
        for each in experiment.callbacks
    )
    section = experiment.compile.model_copy(update={"optimizer": optimizer})
    return experiment.model_copy(update={"compile": section, "callbacks": callbacks})


def _with_plain_schedules(value: Value, epochs: int, steps_per_epoch: int) -> Value:
    match value:
        case KerasComponent():
            inner = {
                name: _with_plain_schedules(each, epochs, steps_per_epoch) for name, each in value.arguments.items()
            }
            changed = replace(value, arguments=inner)
            return in_steps(changed, epochs, steps_per_epoch) or changed
        case Mapping():
            return {name: _with_plain_schedules(each, epochs, steps_per_epoch) for name, each in value.items()}
        case list() | tuple():
            return [_with_plain_schedules(each, epochs, steps_per_epoch) for each in value]
    return value


def _as_cosine(schedule: KerasComponent, given: Numbers, steps: int) -> KerasComponent:
    """One cycle of so many steps as Keras's CosineDecay."""
    top, rising = given["max_learning_rate"], round(given["warmup_fraction"] * steps)
    first = top / 25 if given["initial_learning_rate"] is None else given["initial_learning_rate"]
    last = first / 10_000 if given["end_learning_rate"] is None else given["end_learning_rate"]
    arguments: dict[str, Value] = {"decay_steps": max(1, steps - rising), "alpha": last / top}
    if rising == 0:
        arguments["initial_learning_rate"] = top
    else:
        arguments |= {"initial_learning_rate": first, "warmup_target": top, "warmup_steps": rising}
    return replace(schedule, name="CosineDecay", arguments=arguments)


def _as_warm(schedule: KerasComponent, given: Numbers, steps: int) -> KerasComponent:
    """A warm-up of so many steps: of a constant rate, a line of Keras's."""
    rate = given["learning_rate"]
    if isinstance(rate, KerasComponent):
        return replace(schedule, arguments={"learning_rate": rate, "steps": steps})
    line = {
        "initial_learning_rate": rate / steps,
        "end_learning_rate": rate,
        "decay_steps": max(1, steps - 1),
    }
    return replace(schedule, name="PolynomialDecay", arguments=line)


_IN_STEPS: Mapping[str, Callable[[KerasComponent, Numbers, int], KerasComponent]] = {
    "OneCycle": _as_cosine,
    "Warmup": _as_warm,
}


def breaks_of(schedule: KerasComponent) -> list[float]:
    """Return the steps at which the schedule turns, as far as its arguments say, ascending."""
    given = schedule.arguments
    ends = [given.get(name) for name in ("decay_steps", "first_decay_steps", "warmup_steps", "steps")]
    turns = [*ends, *(given.get("boundaries") or [])]
    return sorted(float(each) for each in turns if isinstance(each, int | float) and math.isfinite(each))


def _warmed(rate: Rate | None, steps: Value) -> Rate | None:
    return (lambda step: rate(step) * min(1.0, (step + 1) / steps)) if rate is not None and steps else None


def _is_known(schedule: KerasComponent) -> bool:
    entry = catalog.find("schedule", schedule.name)
    return entry is not None and entry.target is None


def _parameters(schedule: KerasComponent) -> tuple[catalog.Parameter, ...]:
    entry = catalog.find("schedule", schedule.name)
    return entry.parameters if entry is not None else ()


def _is_plain(value: Value) -> bool:
    if isinstance(value, list | tuple):
        return all(isinstance(each, int | float) for each in value)
    return value is None or isinstance(value, int | float | str)


def _require_real(value: float | complex) -> float:
    if isinstance(value, complex):
        raise ValueError("no real number")
    return float(value)


def _compute_exponential(given: Numbers, step: float) -> Value:
    return given["initial_learning_rate"] * given["decay_rate"] ** _compute_share(given, step)


def _compute_inverse_time(given: Numbers, step: float) -> Value:
    return given["initial_learning_rate"] / (1 + given["decay_rate"] * _compute_share(given, step))


def _compute_share(given: Numbers, step: float) -> float:
    share: float = step / given["decay_steps"]
    return math.floor(share) if given["staircase"] else share


def _compute_piecewise(given: Numbers, step: float) -> Value:
    index = next((i for i, bound in enumerate(given["boundaries"]) if step <= bound), len(given["boundaries"]))
    return given["values"][index]


def _compute_polynomial(given: Numbers, step: float) -> Value:
    steps, end = given["decay_steps"], given["end_learning_rate"]
    if given["cycle"]:
        steps *= math.ceil(step / steps) if step else 1
    left = 1 - min(step, steps) / steps
    return (given["initial_learning_rate"] - end) * left ** given["power"] + end


def _compute_cosine(given: Numbers, step: float) -> Value:
    first, target, warmup = given["initial_learning_rate"], given["warmup_target"], given["warmup_steps"]
    if target is not None and step < warmup:
        return first + (target - first) * step / warmup
    after, top = (step, first) if target is None else (step - warmup, target)
    share = min(after, given["decay_steps"]) / given["decay_steps"]
    return top * _interpolate_cosine(given["alpha"], share)


def _compute_cosine_restarts(given: Numbers, step: float) -> Value:
    longer, share = given["t_mul"], step / given["first_decay_steps"]
    if longer == 1:
        restarts = math.floor(share)
        share -= restarts
    else:
        restarts = math.floor(math.log(1 - share * (1 - longer)) / math.log(longer))
        share = (share - (1 - longer**restarts) / (1 - longer)) / longer**restarts
    half = 0.5 * given["m_mul"] ** restarts * (1 + math.cos(math.pi * share))
    return given["initial_learning_rate"] * ((1 - given["alpha"]) * half + given["alpha"])


def _interpolate_cosine(alpha: float, share: float) -> float:
    return (1 - alpha) * 0.5 * (1 + math.cos(math.pi * share)) + alpha


_FORMULAS: Mapping[str, Callable[[Numbers, float], Value]] = {
    "CosineDecay": _compute_cosine,
    "CosineDecayRestarts": _compute_cosine_restarts,
    "ExponentialDecay": _compute_exponential,
    "InverseTimeDecay": _compute_inverse_time,
    "PiecewiseConstantDecay": _compute_piecewise,
    "PolynomialDecay": _compute_polynomial,
}
