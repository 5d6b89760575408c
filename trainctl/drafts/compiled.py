"""The compile section of a saved model, or a guess where the file has none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trainctl import catalog
from trainctl.aliases import Value
from trainctl.drafts.components import ComponentWriter, Saved
from trainctl.drafts.notes import Noted
from trainctl.drafts.shapes import last_activation
from trainctl.drafts.values import plain


@dataclass(frozen=True, slots=True)
class Compiled:
    """What is written of how a model was compiled.

    Args:
        section: The compile section.
        execution: What belongs to `execution`.
        losses: The loss of each output by its CapWords name; the only output is called "". `None` if not known.
        is_guess: Whether the file says nothing of the loss.
    """

    section: Mapping[str, Value]
    execution: Mapping[str, Value]
    losses: Mapping[str, str | None]
    is_guess: bool


def written_compile(model: Saved, outputs: Sequence[str], *, needs_loss: bool) -> Compiled:
    """Return what the file says of optimizer, loss and metrics; a guess by the last activations for what it does not say.

    Args:
        model: The model as Keras saves it.
        outputs: The names of its outputs; none if it has one.
        needs_loss: Whether a loss must be there; a model with its own train_step needs none.
    """
    saved = model.get("compile_config") or {}
    writer = ComponentWriter(lambda _: None)
    section: dict[str, Value] = {"optimizer": "Adam"}
    if saved.get("optimizer"):
        section["optimizer"] = _noted(writer, writer.written(saved["optimizer"], ("optimizer",)))
    loss = saved.get("loss")
    is_guess = loss is None and needs_loss
    if loss is not None:
        section["loss"] = _noted(writer, _per_output(loss, outputs, lambda each: writer.written(each, ("loss",))))
    elif needs_loss:
        guesses = [_GUESSES.get(last_activation(model, index) or "", _NUMBERS) for index in range(len(outputs) or 1)]
        words = [guess[0] for guess in guesses]
        section["loss"] = dict(zip(outputs, words, strict=True)) if outputs else words[0]
        metrics = [[guess[1]] for guess in guesses]
        section["metrics"] = dict(zip(outputs, metrics, strict=True)) if outputs else metrics[0]
    if _is_weighted(saved.get("loss_weights")):
        section["loss_weights"] = _per_output(saved["loss_weights"], outputs, plain)
    for key in ("metrics", "weighted_metrics"):
        if saved.get(key):
            section[key] = _noted(writer, _metrics(saved[key], outputs, writer))
    execution = {key: saved[key] for key, usual in _EXECUTION.items() if saved.get(key) not in (None, usual)}
    return Compiled(section, execution, _loss_names(section.get("loss"), outputs), is_guess)


_NUMBERS = ("mse", "mae")
_GUESSES = {
    "softmax": ("sparse_categorical_crossentropy", "accuracy"),
    "sigmoid": ("binary_crossentropy", "accuracy"),
}
"""The loss and a metric that an output with this activation usually has."""

_EXECUTION = {"steps_per_execution": 1, "jit_compile": False}
"""What Keras's compile takes and `execution` holds, each with what it usually is."""


def _noted(writer: ComponentWriter, value: Value) -> Value:
    notes, writer.notes = tuple(writer.notes), []
    return Noted(value, notes) if notes else value


def _is_weighted(value: Value) -> bool:
    values = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else [value]
    return any(each not in (None, 1, 1.0) for each in values)


def _per_output(value: Value, outputs: Sequence[str], written: Callable[[Any], Value]) -> Value:
    """Return what is given for all outputs, or for each: a list in their order becomes a mapping."""
    if isinstance(value, list):
        pairs = zip(outputs or ("",), value, strict=False)
        found = {name: written(each) for name, each in pairs if each is not None}
        return found if outputs else next(iter(found.values()), None)
    if isinstance(value, Mapping) and "class_name" not in value:
        found = {str(name): written(each) for name, each in value.items() if each is not None}
        return found if outputs else next(iter(found.values()), None)
    return written(value)


def _metrics(value: Value, outputs: Sequence[str], writer: ComponentWriter) -> Value:
    def one(each: Value) -> Value:
        return writer.written(each, ("metric", "loss"), _own_name(each))

    def several(each: Value) -> list[Value]:
        return [one(metric) for metric in (each if isinstance(each, list) else [each]) if metric is not None]

    is_nested = isinstance(value, list) and any(isinstance(each, list) for each in value)
    if isinstance(value, Mapping) and "class_name" not in value:
        found = {str(name): several(each) for name, each in value.items() if each}
        return found if outputs else next(iter(found.values()), [])
    if is_nested:
        pairs = {name: several(each) for name, each in zip(outputs or ("",), value, strict=False) if each}
        return pairs if outputs else next(iter(pairs.values()), [])
    return several(value)


def _own_name(metric: Value) -> dict[str, Value]:
    """Return the name of a metric as an argument, where it is not the one that it has anyway."""
    if not isinstance(metric, Mapping) or not isinstance(metric.get("config"), Mapping):
        return {}
    entry = catalog.find("metric", str(metric["class_name"]))
    usual = entry.parameter("name") if entry is not None else None
    default = usual.default if usual is not None and isinstance(usual.default, str) else None
    name = metric["config"].get("name")
    return {} if name in {None, default, catalog.snake_case(str(metric["class_name"]))} else {"name": name}


def _loss_names(loss: Value, outputs: Sequence[str]) -> dict[str, str | None]:
    loss = loss.value if isinstance(loss, Noted) else loss
    each = loss if isinstance(loss, Mapping) and outputs else dict.fromkeys(outputs or ("",), loss)
    return {str(name): _loss_name(value) for name, value in each.items()}


def _loss_name(loss: Value) -> str | None:
    name = next(iter(loss)) if isinstance(loss, Mapping) else loss
    return catalog.stands_for("loss", name) or name if isinstance(name, str) else None
