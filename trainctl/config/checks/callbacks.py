"""Callbacks that do nothing, do harm, or cannot work together: what Keras lets pass."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from trainctl.aliases import Value
from trainctl.components.expressions import logged_keys
from trainctl.components.spec import CallbackSpec, SourceSpec
from trainctl.config.checks.places import error, place_of, warning
from trainctl.config.experiment import Experiment, KerasComponent
from trainctl.config.model.keras_names import canonical_name
from trainctl.config.model.log_keys import epoch_keys
from trainctl.config.text.nodes import Node
from trainctl.diagnostics import Diagnostic
from trainctl.text import nearest


def extras_are_installed(experiment: Experiment, _tree: Node) -> Iterator[Diagnostic]:
    """A callback or data source that needs an optional package finds it; said now rather than after the data is loaded."""
    specs: tuple[SourceSpec | CallbackSpec, ...] = (*experiment.data.sources, *experiment.callbacks)
    for spec in specs:
        if spec.extra is not None and not spec.extra.is_installed:
            yield error(
                "missing-extra",
                f"{spec.name_in_yaml} needs the package {spec.extra.module}, which is not installed",
                (spec.written_at, spec.setting),
                hint=spec.extra.command,
            )


def inputs_are_there(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """A file that a callback reads exists."""
    for callback in experiment.callbacks:
        for field, path in callback.inputs():
            if not Path(path).is_file():
                yield error(
                    "missing-file",
                    f"there is no file {path}",
                    place_of(tree, callback, field),
                    hint="a relative path starts at the config's folder",
                )


def settings_have_effect(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Settings that are accepted for old configs, or that change nothing in this run."""
    for callback in experiment.callbacks:
        for field, message in callback.notes():
            place = place_of(tree, callback, field) if field else (callback.written_at, callback.setting)
            yield warning("no-effect", f"{callback.name_in_yaml}: {message}", place)
    epochs: Value = experiment.fit.epochs
    for callback in _named(experiment, "EarlyStopping") if isinstance(epochs, int) else ():
        patience, restores = getattr(callback, "patience", 0), getattr(callback, "restore_best_weights", False)
        if isinstance(patience, int) and patience >= epochs and not restores:
            yield warning(
                "no-effect",
                f"EarlyStopping waits {patience} epochs, and there are only {epochs}: it can never stop",
                place_of(tree, callback, "patience"),
                hint="lower patience, or raise fit.epochs",
            )


def learning_rate_is_settable(experiment: Experiment, _tree: Node) -> Iterator[Diagnostic]:
    """A callback that sets the learning rate cannot, where the optimizer holds a schedule, or several optimizers."""
    optimizer: Any = experiment.compile.optimizer
    if not isinstance(optimizer, KerasComponent):
        return
    rate = optimizer.arguments.get("learning_rate")
    if optimizer.name == "MultiOptimizer":
        what = "MultiOptimizer has several"
    elif isinstance(rate, KerasComponent):
        what = f"the optimizer's is the schedule {rate.name}"
    else:
        return
    for name in ("LearningRateScheduler", "ReduceLROnPlateau"):
        for callback in _named(experiment, name):
            yield error(
                "schedule-conflict",
                f"{name} sets the learning rate, but {what}",
                (callback.written_at, callback.setting),
                hint=f"give one optimizer a number, or remove {name}",
            )


def averages_are_kept(experiment: Experiment, _tree: Node) -> Iterator[Diagnostic]:
    """SwapEMAWeights needs an optimizer that keeps moving averages."""
    optimizer = experiment.compile.optimizer
    keeps = isinstance(optimizer, KerasComponent) and optimizer.arguments.get("use_ema") is True
    for callback in _named(experiment, "SwapEMAWeights"):
        if not keeps and isinstance(optimizer, KerasComponent):
            name = canonical_name(optimizer)
            yield error(
                "no-averages",
                "SwapEMAWeights needs moving averages, which the optimizer does not keep",
                (callback.written_at, callback.setting),
                hint=f"write: optimizer: {{{name}: {{use_ema: true}}}}",
            )


def batches_have_what_is_watched(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Validation metrics exist only at the end of an epoch, not between batches."""
    for callback in _named(experiment, "ModelCheckpoint", "OrbaxCheckpoint"):
        every = getattr(callback, "save_freq", "epoch")
        for field, key in callback.monitored():
            if isinstance(every, int) and key.startswith("val_"):
                yield error(
                    "val-between-batches",
                    f"{callback.name_in_yaml} saves every {every} batches, but '{key}' is known only after an epoch",
                    place_of(tree, callback, field),
                    hint=f"watch '{key[4:]}', or set save_freq: epoch",
                )


def expressions_read_what_is_logged(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """`logs['…']` in an expression at the end of an epoch names something that is logged."""
    keys = epoch_keys(experiment)
    for callback in experiment.callbacks:
        for field, text, at_epoch_end in callback.expressions():
            for key in logged_keys(text) if at_epoch_end else ():
                if key not in keys:
                    close = nearest(key, keys)
                    yield error(
                        "unknown-metric",
                        f"the expression reads logs['{key}'], which is not logged",
                        place_of(tree, callback, field),
                        expected=f"one of {', '.join(keys)}",
                        hint=f"did you mean '{close}'?" if close else None,
                    )


# Pairs of callbacks of which the first, listed before the second, is defeated; and why.
_ORDER: tuple[tuple[str, Callable[[Any], bool], str, str], ...] = (
    (
        "CSVLogger",
        lambda _: True,
        "LearningRateScheduler|ReduceLROnPlateau",
        "it writes the logs before {second} adds learning_rate to them",
    ),
    (
        "LambdaCallback",
        lambda spec: "learning_rate" in "".join(text for _, text, at_end in spec.expressions() if at_end),
        "ReduceLROnPlateau",
        "it reads learning_rate before {second} changes it",
    ),
    ("ModelCheckpoint", lambda _: True, "SwapEMAWeights", "it saves before {second} puts the averages in place"),
    (
        "BackupAndRestore",
        lambda _: True,
        "ReduceLROnPlateau|EarlyStopping|LearningRateScheduler",
        "it saves the state before {second} changes it",
    ),
)


def order_defeats_nobody(experiment: Experiment, _tree: Node) -> Iterator[Diagnostic]:
    """List order is call order, and some orders defeat a callback."""
    callbacks = experiment.callbacks
    for index, first in enumerate(callbacks):
        for name, concerned, others, reason in _ORDER:
            if first.name_in_yaml != name or not concerned(first):
                continue
            second = next((each for each in callbacks[index + 1 :] if each.name_in_yaml in others.split("|")), None)
            if second is not None:
                yield warning(
                    "callback-order",
                    f"{name} stands before {second.name_in_yaml}: {reason.format(second=second.name_in_yaml)}",
                    (first.written_at, first.setting),
                    hint=f"move {name} below {second.name_in_yaml}",
                )


def outputs_are_writable(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """An absolute output path needs a folder that can be written."""
    for callback in experiment.callbacks:
        for field, path in callback.outputs():
            if not Path(path).is_absolute():
                continue
            folder = next(parent for parent in Path(path).parents if parent.exists())
            if not folder.is_dir() or not os.access(folder, os.W_OK):
                yield error(
                    "output-path",
                    f"cannot write '{path}': {folder} is not a folder that can be written",
                    place_of(tree, callback, field),
                    hint="name another folder, or a path relative to the run directory",
                )


def _named(experiment: Experiment, *names: str) -> Iterator[CallbackSpec]:
    return (callback for callback in experiment.callbacks if callback.name_in_yaml in names)
