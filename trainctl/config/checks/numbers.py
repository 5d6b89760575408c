"""Numbers of the optimizer and of `fit` that make no sense: Keras accepts them, or fails in the first step."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from trainctl.aliases import Value
from trainctl.components.spec import CallbackSpec
from trainctl.config.checks.places import error, location_at, warning
from trainctl.config.component import KerasComponent, walk_components
from trainctl.config.experiment import Experiment
from trainctl.config.text.nodes import Node
from trainctl.diagnostics import Diagnostic, Location
from trainctl.text import one_of, plural


@dataclass(frozen=True, slots=True)
class Range:
    """What an argument may be.

    Args:
        low: The least value; `None` without one.
        high: The greatest value; `None` without one.
        above: Whether `low` itself is too low.
        below: Whether `high` itself is too high.
        idle: A value that is allowed and switches the argument off, which is worth a warning.
    """

    low: float | None = None
    high: float | None = None
    above: bool = False
    below: bool = False
    idle: float | None = None

    def holds(self, value: float) -> bool:
        """Return whether `value` is finite and in the range."""
        too_low = self.low is not None and (value <= self.low if self.above else value < self.low)
        too_high = self.high is not None and (value >= self.high if self.below else value > self.high)
        return math.isfinite(value) and not too_low and not too_high

    def __str__(self) -> str:
        low = "" if self.low is None else f"{'above' if self.above else 'at least'} {self.low:g}"
        high = "" if self.high is None else f"{'below' if self.below else 'at most'} {self.high:g}"
        return " and ".join(filter(None, (low, high))) or "finite"


_NOT_NEGATIVE, _POSITIVE, _FINITE = Range(0), Range(0, above=True), Range()

RANGES: tuple[tuple[str, Range], ...] = (
    ("learning_rate|initial_learning_rate|end_learning_rate|warmup_target|adam_lr_ratio", _NOT_NEGATIVE),
    (".*weight_decay|.*epsilon.*|.*_strength|initial_accumulator_value|beta|warmup_steps", _NOT_NEGATIVE),
    ("clipnorm|clipvalue|global_clipnorm", Range(0, idle=0)),
    ("(adam_)?beta_[12]|rho", Range(0, 1, below=True)),
    ("momentum|ema_momentum", Range(0, 1)),
    ("beta_2_decay|learning_rate_power", Range(high=0)),
    ("loss_scale_factor|initial_scale|clip_threshold|rms_rate", _POSITIVE),
    ("decay_steps|first_decay_steps|t_mul|max_learning_rate|epochs", _POSITIVE),
    ("warmup_fraction", Range(0, 1, below=True)),
    ("steps", Range(1)),
    ("ema_overwrite_frequency|dynamic_growth_steps|ns_steps", Range(1)),
    ("gradient_accumulation_steps", Range(2)),
)
"""The ranges of arguments of optimizers and schedules, by patterns of their names; other numbers must be finite."""


def range_of(argument: str) -> Range:
    """Return what the argument of an optimizer or a schedule may be."""
    return next((each for pattern, each in RANGES if re.fullmatch(pattern, argument)), _FINITE)


def optimizer_numbers_make_sense(experiment: Experiment, _tree: Node) -> Iterator[Diagnostic]:
    """Report arguments of optimizers and schedules that are out of range, negative or infinite."""
    places = [experiment.compile.optimizer, *(dict(each).values() for each in experiment.callbacks)]
    for component in (found for place in places for found in walk_components(_listed(place))):
        if component.kind not in {"optimizer", "schedule"}:
            continue
        for name, value in component.arguments.items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                yield from _number(component, name, value)
        yield from _clips_once(component)


def are_in_range(schedule: KerasComponent) -> bool:
    """Return whether the numbers among a schedule's arguments are in their ranges."""
    numbers = [(name, value) for name, value in schedule.arguments.items() if isinstance(value, int | float)]
    return all(range_of(name).holds(value) for name, value in numbers)


def _listed(place: Value) -> Value:
    return place if isinstance(place, KerasComponent) else list(place)


def _number(component: KerasComponent, name: str, value: float) -> Iterator[Diagnostic]:
    allowed, place = range_of(name), argument_place(component, name)
    if not allowed.holds(value):
        yield error(
            "out-of-range",
            f"`{name}` must be {'a finite number, ' * (not math.isfinite(value))}{allowed}, got {value:g}",
            place,
            hint=_hint(name, value),
        )
    elif value == allowed.idle:
        yield warning("no-effect", f"{name}: {value:g} clips nothing", place, hint=f"remove {name}")
    elif name in {"momentum", "ema_momentum"} and value == 1:
        yield warning("no-effect", f"with {name}: 1 the average never changes", place, hint="choose a value below 1")


def _hint(name: str, value: float) -> str | None:
    if name == "gradient_accumulation_steps":
        return f"remove {name} to update the weights after each batch"
    if name in {"learning_rate", "initial_learning_rate"} and value < 0:
        return "write a positive rate, such as 1e-3; a negative one maximizes the loss"
    return None


def _clips_once(component: KerasComponent) -> Iterator[Diagnostic]:
    given = [name for name in component.arguments if name in {"clipnorm", "clipvalue", "global_clipnorm"}]
    given = [name for name in given if component.arguments[name] is not None]
    if len(given) > 1:
        message = f"set only one of {one_of(given, 'and')}"
        yield error("out-of-range", message, argument_place(component, given[1]), hint=f"remove {given[1]}")


def argument_place(component: KerasComponent, name: str) -> tuple[Location | None, str]:
    """Return where the value of a component's argument is written, and its path."""
    return component.value_locations.get(name, component.location), f"{component.path}.{name}"


# ---- fit


def weights_make_sense(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Report weights of classes and outputs that are negative, infinite or all zero."""
    weights: Value = experiment.fit.class_weight
    if isinstance(weights, Mapping):
        yield from _weights(tree, "fit.class_weight", weights, _NOT_NEGATIVE)
        yield from _classes_without_weight(experiment, tree, weights)
    yield from _weights(tree, "compile.loss_weights", experiment.compile.loss_weights, _FINITE)


def _weights(tree: Node, path: str, weights: Mapping[str, Value], allowed: Range) -> Iterator[Diagnostic]:
    numbers = {name: value for name, value in weights.items() if isinstance(value, int | float)}
    for name, value in numbers.items():
        if not allowed.holds(value):
            where = f"{path}.{name}".rstrip(".")
            place = (location_at(tree, where), where)
            of = f" of '{name}'" if name else ""
            finite = "a finite number, " * (not math.isfinite(value))
            yield error(
                "out-of-range",
                f"the weight{of} must be {finite}{allowed}, got {value:g}",
                place,
            )
    if numbers and len(numbers) == len(weights) and not any(numbers.values()):
        place = (location_at(tree, path), path)
        yield error("out-of-range", f"every weight in {path.split('.')[1]} is 0: the model learns nothing", place)


def _classes_without_weight(experiment: Experiment, tree: Node, weights: Mapping[str, Value]) -> Iterator[Diagnostic]:
    """Warn of class indices without a weight, where the number of classes is known without loading the data."""
    classes = experiment.data.known_classes
    if classes is None or not all(name.isdigit() for name in weights):
        return
    missing = [str(index) for index in range(classes) if str(index) not in weights]
    if missing:
        yield warning(
            "class-weight",
            f"class_weight has no weight for {plural(len(missing), 'class')}: {one_of(missing[:10], 'and')}; "
            "each counts 1",
            (location_at(tree, "fit.class_weight"), "fit.class_weight"),
            hint="give every class a weight",
        )


def weights_are_updated(experiment: Experiment, _tree: Node) -> Iterator[Diagnostic]:
    """Report gradients that are accumulated over more steps than there are, if the file gives their number."""
    steps: Value = experiment.fit.steps_per_epoch
    if isinstance(steps, int):
        yield from accumulation_problems(experiment, steps)


def accumulation_problems(experiment: Experiment, steps_per_epoch: int) -> Iterator[Diagnostic]:
    """Yield an error for each optimizer that accumulates gradients over more steps than the training has.

    Args:
        experiment: The experiment.
        steps_per_epoch: Batches in an epoch.
    """
    epochs: Value = experiment.fit.epochs
    first: Value = experiment.fit.initial_epoch
    if not isinstance(epochs, int) or not isinstance(first, int):
        return
    total = (epochs - first) * steps_per_epoch
    for component in walk_components(experiment.compile.optimizer):
        wanted = component.arguments.get("gradient_accumulation_steps")
        if isinstance(wanted, int) and wanted > total > 0:
            yield error(
                "no-update",
                f"gradient_accumulation_steps: {wanted} is more than the {plural(total, 'step')} of the whole training: "
                "no weight is ever updated",
                argument_place(component, "gradient_accumulation_steps"),
                hint=f"write at most {total}, or train longer",
            )


def validation_happens(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Report a `validation_freq` that validates no epoch, if something reads validation metrics."""
    every: Value = experiment.fit.validation_freq
    first: Value = experiment.fit.initial_epoch
    last: Value = experiment.fit.epochs
    if not all(isinstance(each, int) for each in (every, first, last)) or last <= first:
        return
    if any(epoch % every == 0 for epoch in range(first + 1, last + 1)):
        return
    readers = [f"{spec.name_in_yaml} watches '{key}'" for spec, key in _watched(experiment)]
    readers += [f"expect names '{key}'" for key in experiment.expect if key.startswith("val_")]
    make = error if readers else warning
    reason = f", but {readers[0]}" if readers else ""
    yield make(
        "no-validation",
        f"validation_freq: {every} validates after none of {plural(last - first, 'epoch')}{reason}",
        (location_at(tree, "fit.validation_freq"), "fit.validation_freq"),
        hint=f"write a validation_freq of at most {last}" if first == 0 else "write validation_freq: 1",
    )


def _watched(experiment: Experiment) -> Iterator[tuple[CallbackSpec, str]]:
    for callback in experiment.callbacks:
        for _, key in callback.monitored():
            if key.startswith("val_"):
                yield callback, key
