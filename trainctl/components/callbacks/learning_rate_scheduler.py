"""LearningRateScheduler."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field, WithJsonSchema, field_validator

from trainctl.aliases import Value
from trainctl.components.callbacks.shared.monitor import Count, Verbose
from trainctl.components.expressions import evaluator, problems
from trainctl.components.fields import ArgumentError, Slot, as_number
from trainctl.components.moment import Moment
from trainctl.components.spec import CallbackSpec, RateOf, callback
from trainctl.components.user.decorators import user_function

_NAMES = ("epoch", "lr", "learning_rate")


@callback("LearningRateScheduler")
class LearningRateScheduler(CallbackSpec):
    """Set the learning rate at the beginning of each epoch.

    The schedule is an expression of `epoch` (from 0) and `lr` (the present rate), such as
    `"lr if epoch < 15 else lr * 0.99"` (`learning_rate` means the same); a table of epochs to rates, such as `{0: 1e-3, 15: 1e-4}`, each holding until the
    next; one of Keras's schedules, such as `CosineDecay: {initial_learning_rate: 1e-3, decay_steps: 20}`, with its steps
    meaning epochs; or the name of a `@trainctl.function` of `(epoch, lr)` or `(epoch)`.

    Source: keras.callbacks.LearningRateScheduler, Keras 3.15; `warmup` is trainctl's.
    """

    controls_learning_rate: ClassVar[bool] = True
    sets_rate_each_epoch: ClassVar[bool] = True

    schedule: Annotated[
        Any,
        Slot(("schedule",), plain=True),
        WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"type": "number"}}]}),
        Field(
            description="Expression of epoch and lr, table of epochs to rates, Keras schedule, or function.",
            examples=["lr if epoch < 15 else lr * 0.99"],
        ),
    ]
    verbose: Verbose = 0
    warmup: Annotated[
        Count, Field(description="Epochs over which the rate first rises linearly to the value of the schedule.")
    ] = 0

    @field_validator("schedule")
    @classmethod
    def _sound(cls, value: Value) -> Any:
        if isinstance(value, Mapping):
            return _table(value)
        if isinstance(value, str):
            _require_sound(value)
        elif isinstance(value, bool | int | float | list) or value is None:
            raise ArgumentError(
                "bad-schedule", "a schedule must be an expression, a table, a Keras schedule or a function"
            )
        return value

    def moment(self, field: str) -> Moment:
        """Before the epoch's first step."""
        del field
        return Moment.NO_LOGS

    def expressions(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """The schedule, where it is an expression."""
        if isinstance(self.schedule, str) and user_function(self.schedule) is None:
            yield "schedule", self.schedule, ()

    def planned_rate(self, field: str, rate_of: RateOf) -> Callable[[int, float], float] | None:
        """What the schedule plans, unless that takes running Keras or the user's function."""
        schedule: Value = self.schedule
        if field != "schedule" or (isinstance(schedule, str) and user_function(schedule) is not None):
            return None
        if isinstance(schedule, str | Mapping):
            return self._rate(_function(schedule, rate_of))
        return None if rate_of(schedule) is None else self._rate(_function(schedule, rate_of))

    def rates(self, instantiate: Callable[[Value], Value]) -> Callable[[int, float], float]:
        """Return the rate of an epoch (from 0) as a function of it and of the rate before.

        Args:
            instantiate: Makes Keras's schedule of a component.
        """
        return self._rate(_function(self.schedule, instantiate))

    def _rate(self, schedule: Callable[[int, float], Value]) -> Callable[[int, float], float]:
        """The schedule, with the share that warm-up takes of it."""
        warmup = self.warmup

        def share(epoch: int) -> float:
            return (epoch + 1) / (warmup + 1) if epoch < warmup else 1.0

        def rate(epoch: int, lr: float) -> float:
            whole = lr / share(epoch - 1) if epoch > 0 else lr  # what the schedule said, before warm-up took its share
            return _number(schedule(epoch, whole), self.schedule) * share(epoch)

        return rate


def _number(rate: Value, schedule: Value) -> float:
    """The rate as a number.

    Raises:
        ValueError: It is none, as where a function returns nothing.
    """
    try:
        return float(rate)
    except (TypeError, ValueError):
        shown = schedule if isinstance(schedule, str) else "the schedule"
        raise ValueError(f"{shown} gave {rate!r} instead of a learning rate") from None


def _require_sound(text: str) -> None:
    if user_function(text) is not None:
        return
    for problem in problems(text, _NAMES):
        raise ArgumentError("bad-expression", problem.message, word=problem.word)


def _table(value: Mapping[str, Value]) -> dict[int, float]:
    table = {}
    for epoch, rate in value.items():
        number = as_number(rate)
        if not str(epoch).isdecimal() or isinstance(number, bool) or not isinstance(number, int | float) or number < 0:
            raise ArgumentError(
                "bad-schedule", f"a table must map epochs (from 0) to rates; '{epoch}: {rate}' does not"
            )
        table[int(epoch)] = float(number)
    if 0 not in table:
        raise ArgumentError("bad-schedule", "a table of rates must start with epoch 0", hint="add the rate of epoch 0")
    return table


def _function(schedule: Any, instantiate: Callable[[Value], Value]) -> Any:
    """The schedule as a function of (epoch, lr)."""
    if isinstance(schedule, Mapping):
        return lambda epoch, _lr: schedule[max(start for start in schedule if start <= epoch)]
    if not isinstance(schedule, str):
        made = instantiate(schedule)
        return lambda epoch, _lr: made(epoch)
    function = user_function(schedule)
    if function is not None:
        return function
    evaluate = evaluator(schedule)
    return lambda epoch, lr: evaluate({"epoch": epoch, "lr": lr, "learning_rate": lr}, {})
