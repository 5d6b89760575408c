"""Callbacks that read the logs: what they watch, put into file names or calculate with is there when they read it."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from trainctl.components.expressions import logged_keys, named
from trainctl.components.moment import Moment
from trainctl.components.spec import CallbackSpec
from trainctl.config.checks.logs import unknown_key
from trainctl.config.checks.places import error, location_at, place_of
from trainctl.config.experiment import Experiment
from trainctl.config.model.log_keys import direction, epoch_keys
from trainctl.config.model.log_times import (
    RATE,
    has_one_rate,
    is_ever_validated,
    is_last_validated,
    is_validated,
    keys_at,
)
from trainctl.config.text.nodes import Node
from trainctl.diagnostics import Diagnostic, Location

_WHOLE = re.compile(r"0?\d{0,2}d?")
_DECIMAL = re.compile(r"0?\d{0,2}(\.\d{1,2})?[efgEFG]?")


@dataclass(frozen=True, slots=True)
class _Reader:
    """One place where a callback reads the logs.

    Args:
        experiment: The experiment.
        index: Its place in the list of callbacks.
        field: The field that names what it reads.
        place: Where that is written.
        also: What it knows besides the logs.
        each_time: Whether it fails where a key is missing, rather than waiting for it.
    """

    experiment: Experiment
    index: int
    field: str
    place: tuple[Location | None, str]
    also: Sequence[str] = ()
    each_time: bool = False

    @property
    def callback(self) -> CallbackSpec:
        return self.experiment.callbacks[self.index]

    @property
    def moment(self) -> Moment:
        return self.callback.moment(self.field)

    def problems(self, key: str, what: str) -> Iterator[Diagnostic]:
        """What is wrong with reading `key`; `what` begins the sentence."""
        if key in self.also or self.moment is Moment.PREDICT:
            return
        if key in keys_at(self.experiment, self.moment, self.index):
            if key.startswith("val_"):
                yield from self._without_validation(key, what)
            return
        adding = next((each for each in self.experiment.callbacks[self.index :] if key in each.adds(self.moment)), None)
        if adding is not None:
            yield self._too_early(adding, what)
        elif key in epoch_keys(self.experiment) and (key != RATE or self.moment is not Moment.EPOCH_END):
            yield self._another_moment(key, what)
        else:
            keys = keys_at(self.experiment, self.moment, self.index)
            yield from unknown_key(self.experiment, key, self.place, what, keys=keys, also=self.also)

    def _too_early(self, adding: CallbackSpec, what: str) -> Diagnostic:
        name, other = self.callback.name_in_yaml, adding.name_in_yaml
        if adding is self.callback:
            return error(
                "log-order", f"{what}, which a later expression adds", self.place, hint="move it up in the list"
            )
        return error(
            "log-order",
            f"{what}, but {other} adds it to the logs after {name} has read them",
            self.place,
            hint=f"move {name} below {other}",
        )

    def _another_moment(self, key: str, what: str) -> Diagnostic:
        bare, callback = key.removeprefix("val_"), self.callback
        if self.moment is Moment.BATCH_END:
            if callback.saves_every_batches is not None:
                what = f"{callback.name_in_yaml} saves every {callback.saves_every_batches} batches"
                hint = "set save_freq: epoch"
            else:
                hint = "use on_epoch_end"
            hint = f"use '{bare}', or {hint}" if bare != key else hint
            message = f"{what}, but '{key}' is computed only at the end of an epoch"
            return error("val-between-batches", message, self.place, hint=hint)
        if self.moment is Moment.TEST:
            hint = f"use '{bare}': in a validation the keys have no val_" if bare != key else "use on_epoch_end"
        else:
            hint = "use on_epoch_end"
        hint = f"use {RATE} without logs" if key == RATE else hint
        return error("log-moment", f"{what}, which is not in the logs {self.moment.value}", self.place, hint=hint)

    def _without_validation(self, key: str, what: str) -> Iterator[Diagnostic]:
        """`val_…` after an epoch that `fit.validation_freq` leaves out."""
        experiment, callback = self.experiment, self.callback
        frequency = experiment.fit.validation_freq
        if not is_ever_validated(experiment):
            if self.each_time:  # else the check of the numbers reports it
                yield error(
                    "no-validation",
                    f"{what}, but no epoch is validated: fit.validation_freq is {frequency}, "
                    f"fit.epochs is {experiment.fit.epochs}",
                    self.place,
                    hint="set fit.validation_freq: 1",
                )
            return
        is_there = (
            is_last_validated(experiment)
            if self.moment is Moment.TRAIN_END
            else is_validated(experiment, callback.saves_every_epochs)
        )
        if self.each_time and not is_there:
            period = f", or period: {frequency}" if "period" in type(callback).model_fields else ""
            yield error(
                "validation-freq",
                f"{what}, but '{key}' is computed only every {frequency} epochs (fit.validation_freq)",
                self.place,
                hint=f"set fit.validation_freq: 1{period}",
            )


def monitored_metrics_exist(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Report callbacks that watch a metric that is not in the logs when they read them."""
    for index, callback in enumerate(experiment.callbacks):
        for field, key in callback.monitored():
            reader = _Reader(experiment, index, field, place_of(tree, callback, field))
            yield from reader.problems(key, f"{callback.name_in_yaml} watches '{key}'")


def monitored_direction_is_known(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Report `mode: auto` for metrics whose direction Keras cannot infer; it would fail after the first epoch."""
    for callback in experiment.callbacks:
        for field, key in callback.monitored():
            known = key in epoch_keys(experiment) and direction(experiment, key) is None
            if known and getattr(callback, "mode", None) == "auto":
                yield error(
                    "unknown-direction",
                    f"mode: auto cannot tell whether a higher '{key}' is better",
                    (location_at(tree, place_of(tree, callback, field)[1]), f"{callback.setting}.mode"),
                    hint=f"set mode: min or mode: max on {callback.name_in_yaml}",
                )


def expressions_read_what_is_logged(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Report `logs['…']` in an expression that names what is not in the logs when it is evaluated."""
    for index, callback in enumerate(experiment.callbacks):
        added: dict[str, list[str]] = {}
        for field, text, adds in callback.expressions():
            known = added.setdefault(field, [])
            known += adds
            # one that looks at the number of the epoch may know when there is a validation
            is_unconditional = "epoch" not in named(text)
            reader = _Reader(experiment, index, field, place_of(tree, callback, field), known, is_unconditional)
            for key in logged_keys(text):
                yield from reader.problems(key, f"the expression reads logs['{key}']")


def placeholders_exist(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Report placeholders in file names, such as `{val_loss:.2f}`, that are not logged or not valid."""
    for index, callback in enumerate(experiment.callbacks):
        for field, path in callback.outputs():
            counters = callback.counters(field)
            if not counters:
                continue  # Keras uses this name literally
            rate = (RATE,) if has_one_rate(experiment) else ()
            own = callback.adds(callback.moment(field))
            also = (*counters, *rate, *own)
            reader = _Reader(experiment, index, field, place_of(tree, callback, field), also, each_time=True)
            yield from _placeholders(reader, path, counters)


def _placeholders(reader: _Reader, path: str, counters: Sequence[str]) -> Iterator[Diagnostic]:
    place = reader.place
    try:
        found = [
            (name, how or "", turned) for _, name, how, turned in string.Formatter().parse(path) if name is not None
        ]
    except ValueError as problem:
        message = f"invalid placeholder in the file name: {problem}"
        yield error("placeholder", message, place, hint="write {{ for a literal {")
        return
    for name, how, turned in found:
        if name == "batch" and name not in counters:
            yield error(
                "placeholder",
                "the file name uses '{batch}', which has a value only within an epoch",
                place,
                hint="save within the epoch, as with save_freq: 100, or remove {batch}",
            )
            continue
        yield from reader.problems(name, f"the file name uses '{{{name}}}'")
        form, example = (_WHOLE, "04d") if name in counters else (_DECIMAL, ".4f")
        if turned or not form.fullmatch(how):  # 'c', for example, formats a number as a dot or a slash
            yield error(
                "placeholder",
                f"the format '{f'!{turned}' if turned else how}' of '{name}' in the file name is not a number format",
                place,
                hint=f"write {{{name}:{example}}}, or {{{name}}}",
            )
