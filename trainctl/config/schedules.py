"""What Keras's learning-rate schedules give at a step, in plain floating point: for checks, which have no TensorFlow."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from trainctl import catalog
from trainctl.aliases import Value
from trainctl.config.component import KerasComponent

Numbers = Mapping[str, Value]
Rate = Callable[[float], float]


def rate_of(schedule: KerasComponent) -> Rate | None:
    """Return the learning rate as a function of the step, from 0; `None` if no one knows it without running Keras.

    The function raises `ArithmeticError` or `ValueError` where the schedule divides by zero or has no real value; Keras
    trains with NaN or infinity there.

    Args:
        schedule: One of Keras's, with all that it requires.
    """
    entry = catalog.find("schedule", schedule.name)
    formula = _FORMULAS.get(schedule.name)
    if entry is None or entry.target is not None or formula is None:
        return None
    numbers = {each.name: each.default for each in entry.parameters} | dict(schedule.arguments)
    if not all(_is_plain(value) for value in numbers.values()):
        return None  # a fact of the data, or null where Keras takes none
    return lambda step: _require_real(formula(numbers, step))


def breaks_of(schedule: KerasComponent) -> list[float]:
    """Return the steps at which the schedule turns, as far as its arguments say, ascending."""
    given = schedule.arguments
    ends = [given.get(name) for name in ("decay_steps", "first_decay_steps", "warmup_steps")]
    turns = [*ends, *(given.get("boundaries") or [])]
    return sorted(float(each) for each in turns if isinstance(each, int | float) and math.isfinite(each))


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
