"""A learning-rate range test: train a moment at rates that grow, and see where the loss falls and where it breaks.

Source: Smith, Cyclical Learning Rates for Training Neural Networks, 2017, section 3.3.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from trainctl.aliases import Value
from trainctl.config.load import Loaded
from trainctl.errors import BuildError
from trainctl.events import Sink
from trainctl.training.splits_as_batches import training_data
from trainctl.training.train import prepare

_SMOOTHING = 0.9  # how much of the mean of the losses before remains
_BROKEN = 3.0  # times the size of the lowest smoothed loss: that much above it, the test ends
_FIRST = 10  # steps that are no reason to end it
_REACH = 0.08  # of the steps on each side of one, over which the fall of the loss is looked at
_LEAST_FALL = 0.02  # of the first loss: less is noise, and no suggestion comes of it


@dataclass(frozen=True, slots=True)
class RateCurve:
    """What the test measured.

    Args:
        rates: The learning rate of each step, growing.
        losses: The loss before each step, smoothed; as many, or fewer where the last were not finite.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]

    @property
    def lowest_at(self) -> float:
        """The rate at which the smoothed loss is lowest."""
        return self.rates[int(np.argmin(self.losses))]

    @property
    def broke_at(self) -> float | None:
        """The rate at which the loss was far above its lowest, or not finite; `None` if it never was."""
        was_finite = len(self.rates) == len(self.losses)
        return None if was_finite and not _is_broken(self.losses) else self.rates[-1]

    @property
    def suggestion(self) -> float | None:
        """The rate at which the loss falls fastest over the logarithm of the rate; `None` if it hardly falls."""
        losses, lowest = np.array(self.losses), int(np.argmin(self.losses))
        reach = max(2, round(len(losses) * _REACH))
        if lowest <= 2 * reach or losses[0] - losses[lowest] < _LEAST_FALL * abs(losses[0]):
            return None
        # Each over a stretch, not over one noisy step.
        falls = losses[: lowest + 1 - 2 * reach] - losses[2 * reach : lowest + 1]
        return self.rates[reach + int(np.argmax(falls))]


def measure(loaded: Loaded, emit: Sink, rates: Sequence[float], tell: Callable[[], None]) -> RateCurve:
    """Train one step at each rate until the loss breaks.

    Args:
        loaded: The experiment.
        emit: Where the notices go that a run would show.
        rates: Learning rates, growing.
        tell: Called after each step.

    Raises:
        ConfigError, DataError: As a run would.
        BuildError: Also, the optimizer takes no learning rate from outside.
    """
    built = prepare(loaded, loaded.experiment.seed or 0, emit)
    model, smoothed = built.model, _Smoothed()
    seen: list[float] = []
    losses: list[float] = []
    batches = training_data(built, len(rates)).dataset
    for number, (rate, batch) in enumerate(zip(rates, batches, strict=True), 1):
        _set_rate(model.optimizer, rate)
        model.reset_metrics()
        loss = float(_step(model, batch)["loss"])
        seen.append(rate)
        if not math.isfinite(loss):
            break
        losses.append(smoothed.add(loss))
        tell()
        if number > _FIRST and _is_broken(losses):
            break
    return RateCurve(tuple(seen), tuple(losses))


def _is_broken(losses: Sequence[float]) -> bool:
    """Return whether the last loss is far above the lowest, which may be negative."""
    lowest = min(losses)
    return losses[-1] > lowest + _BROKEN * abs(lowest)


class _Smoothed:
    """A mean that forgets, corrected for how short it is."""

    def __init__(self) -> None:
        self._mean, self._count = 0.0, 0

    def add(self, value: float) -> float:
        self._count += 1
        self._mean = _SMOOTHING * self._mean + (1 - _SMOOTHING) * value
        return self._mean / (1 - _SMOOTHING**self._count)


def _step(model: Value, batch: Value) -> dict[str, Value]:
    logs: dict[str, Value] = model.train_on_batch(*(batch if isinstance(batch, tuple) else (batch,)), return_dict=True)
    return logs


def _set_rate(optimizer: Value, rate: float) -> None:
    try:
        optimizer.learning_rate = rate
    except (AttributeError, TypeError, ValueError) as error:
        name = type(optimizer).__name__
        raise BuildError(
            f"{name} takes no learning rate: {error}", hint="test with one optimizer of a plain rate"
        ) from error
