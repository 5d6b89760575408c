"""`find-lr`: a learning-rate range test of an experiment; nothing of it is kept but its curve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from trainctl.config.load import Loaded
from trainctl.errors import TrainingError, UsageError
from trainctl.events import Sink

_RATE = "compile.optimizer.learning_rate"


def tested_setting(loaded: Loaded) -> str:
    """Return what the test changes, and what its suggestion is for: the learning rate, of stages that of the first."""
    stages = loaded.experiment.stages
    return f"{stages[0].setting}.{_RATE}" if stages else _RATE


@dataclass(frozen=True, slots=True)
class FoundRate:
    """What a learning-rate range test came to.

    Args:
        suggestion: The learning rate at which the loss falls fastest; `None` if it hardly falls at any.
        lowest_at: The learning rate at which the loss is lowest.
        broke_at: The learning rate at which the loss rises or is no number; `None` if it never does.
        learning_rates: The learning rate of each step.
        losses: The smoothed loss of each step.
    """

    suggestion: float | None
    lowest_at: float
    broke_at: float | None
    learning_rates: tuple[float, ...]
    losses: tuple[float, ...]


def require_range(lowest: float, highest: float, steps: int) -> None:
    """Refuse a range that cannot be tested.

    Raises:
        UsageError: It is empty, not positive, or has too few steps for a curve.
    """
    if not 0 < lowest < highest:
        raise UsageError(f"--from must be above 0 and below --to, got {lowest:g} and {highest:g}")
    if steps < 20:
        raise UsageError(f"--steps must be 20 or more, got {steps}")


def find_lr(
    loaded: Loaded, emit: Sink, tell: Callable[[], None], *, lowest: float, highest: float, steps: int
) -> FoundRate:
    """Train `steps` steps at learning rates that grow from `lowest` to `highest`.

    Args:
        loaded: The experiment; its learning rate is a number, not a schedule.
        emit: Where the notices go that a run would show.
        tell: Called after each step.
        lowest: The first learning rate.
        highest: The last one.
        steps: How many; each rate is the one before times the same factor.

    Raises:
        ConfigError, DataError, BuildError: As a run would.
        TrainingError: The loss is not finite from the first steps on.
    """
    from trainctl.training.learning_rate_range import measure  # TensorFlow, which a wrong range need not wait for

    rates = [lowest * (highest / lowest) ** (step / (steps - 1)) for step in range(steps)]
    curve = measure(loaded, emit, rates, tell)
    if len(curve.losses) < 2:
        message = f"the loss is not finite at a learning rate of {curve.rates[-1]:g}"
        raise TrainingError(message, hint="look for NaN in the data, or begin lower with --from")
    known = curve.rates[: len(curve.losses)]
    return FoundRate(curve.suggestion, curve.lowest_at, curve.broke_at, known, curve.losses)
