"""Callbacks that do nothing, do harm, or cannot work together, and that Keras accepts silently."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from trainctl.aliases import Value
from trainctl.components.spec import CallbackSpec, SourceSpec
from trainctl.config.checks.places import error, place_of, warning
from trainctl.config.component import KerasComponent
from trainctl.config.experiment import Experiment
from trainctl.config.model.keras_names import canonical_name, inner_optimizer
from trainctl.config.text.nodes import Node
from trainctl.diagnostics import Diagnostic
from trainctl.files import unwritable_folder


def extras_are_installed(experiment: Experiment, _tree: Node) -> Iterator[Diagnostic]:
    """Report optional packages that a callback or data source needs and that are not installed."""
    offline = () if experiment.data.offline is None else (experiment.data.offline,)
    specs: tuple[SourceSpec | CallbackSpec, ...] = (*experiment.data.sources, *offline, *experiment.callbacks)
    for spec in specs:
        if spec.extra is not None and not spec.extra.is_installed:
            yield error(
                "missing-extra",
                f"{spec.name_in_yaml} needs the package {spec.extra.module}, which is not installed",
                (spec.written_at, spec.setting),
                hint=spec.extra.command,
            )


def inputs_are_there(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Report files that a callback reads and that do not exist."""
    for callback in experiment.callbacks:
        for field, path in callback.inputs():
            if not Path(path).is_file():
                yield error(
                    "missing-file",
                    f"{path} does not exist",
                    place_of(tree, callback, field),
                    hint="paths are relative to the experiment file in which they are written",
                )


def settings_have_effect(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Warn about arguments that change nothing in this run, or that are accepted for old configs only."""
    for callback in experiment.callbacks:
        for field, message in callback.notes():
            place = place_of(tree, callback, field) if field else (callback.written_at, callback.setting)
            yield warning("no-effect", f"{callback.name_in_yaml}: {message}", place)
    epochs: Value = experiment.fit.epochs
    for callback in experiment.callbacks if isinstance(epochs, int) else ():
        for field, message, hint in callback.never_acts(epochs):
            yield warning("no-effect", message, place_of(tree, callback, field), hint=hint)


def learning_rate_is_settable(experiment: Experiment, _tree: Node) -> Iterator[Diagnostic]:
    """Report callbacks that set the learning rate if the optimizer has a schedule, or is several optimizers."""
    match inner_optimizer(experiment.compile.optimizer):
        case KerasComponent(name="MultiOptimizer"):
            what = "MultiOptimizer has several learning rates"
        case KerasComponent(arguments={"learning_rate": KerasComponent(name=schedule)}):
            what = f"the optimizer uses the schedule {schedule}"
        case _:
            return
    for callback in experiment.callbacks:
        if callback.changes_learning_rate:
            name = callback.name_in_yaml
            yield error(
                "schedule-conflict",
                f"{name} sets the learning rate, but {what}",
                (callback.written_at, callback.setting),
                hint=f"use one optimizer whose learning_rate is a number, or remove {name}",
            )


def averages_are_kept(experiment: Experiment, _tree: Node) -> Iterator[Diagnostic]:
    """Report a callback that needs moving averages of the weights if the optimizer keeps none."""
    optimizer = inner_optimizer(experiment.compile.optimizer)
    keeps = isinstance(optimizer, KerasComponent) and optimizer.arguments.get("use_ema") is True
    for callback in experiment.callbacks:
        if callback.needs_ema and not keeps and isinstance(optimizer, KerasComponent):
            name = canonical_name(optimizer)
            yield error(
                "no-averages",
                f"{callback.name_in_yaml} needs moving averages, but the optimizer does not keep them",
                (callback.written_at, callback.setting),
                hint=f"write: {optimizer.path.rsplit('.', 1)[-1]}: {{{name}: {{use_ema: true}}}}",
            )


def order_defeats_nobody(experiment: Experiment, _tree: Node) -> Iterator[Diagnostic]:
    """Warn about an order in which a callback does not work; callbacks are called in the order of the list."""
    callbacks = experiment.callbacks
    for index, first in enumerate(callbacks):
        reasons = ((second, first.defeated_by(second)) for second in callbacks[index + 1 :])
        second, reason = next(((each, why) for each, why in reasons if why is not None), (first, None))
        if reason is not None:
            yield warning(
                "callback-order",
                f"{first.name_in_yaml} is listed before {second.name_in_yaml}: {reason}",
                (first.written_at, first.setting),
                hint=f"move {first.name_in_yaml} below {second.name_in_yaml}",
            )


def outputs_are_writable(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Report absolute output paths in folders that are not writable."""
    for callback in experiment.callbacks:
        for field, path in callback.outputs():
            if not Path(path).is_absolute():
                continue
            folder = unwritable_folder(Path(path).parent)
            if folder is not None:
                yield error(
                    "output-path",
                    f"cannot write '{path}': {folder} is not a writable folder",
                    place_of(tree, callback, field),
                    hint="use another folder, or a path relative to the run directory",
                )
