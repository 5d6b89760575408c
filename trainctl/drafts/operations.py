"""A function of keras.ops in a saved model, `x + y` and `x[:, 0]` too → how it is written: `Op: {op: add}`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from trainctl import catalog
from trainctl.aliases import Value
from trainctl.drafts.notes import Note
from trainctl.drafts.tensors import Tensor, is_tensor
from trainctl.drafts.values import plain
from trainctl.text import folded

_MODULE = "keras.src.ops."
_ITEM = "get_item"


@dataclass(frozen=True, slots=True)
class Step:
    """One `Op`.

    Args:
        op: The function.
        arguments: Its arguments that are no tensors.
        takes: The tensors of its first arguments; none for what the step before gives.
        call: Tensors by name.
        part: Which of its outputs is meant; `None` if it has one.
    """

    op: str
    arguments: Mapping[str, Value] = field(default_factory=dict)
    takes: tuple[Tensor, ...] = ()
    call: Mapping[str, Tensor] = field(default_factory=dict)
    part: int | None = None


def is_operation(saved: Mapping[str, Value]) -> bool:
    """Return whether a saved node is a function of keras.ops rather than a layer."""
    return str(saved.get("module") or "").startswith(_MODULE)


def operation(saved: Mapping[str, Value], args: Sequence[Value], kwargs: Mapping[str, Value]) -> list[Step] | Note:
    """Return the steps that do what the function does, or a note that says why there are none.

    Args:
        saved: The function as Keras saves it.
        args: What it is called on, in order: tensors and plain values.
        kwargs: What it is given by name.
    """
    name = _public_names().get(folded(str(saved["class_name"])))
    entry = catalog.find("op", name) if name else None
    if name is None or entry is None:
        what = f"{saved['class_name']} is not a function of keras.ops"
        return Note(what, "write it as a class of your own with @trainctl.layer")
    if name == _ITEM:
        return _item(args)
    parameters = entry.parameter_names
    always = {"name", "dtype"} - set(parameters)  # what Keras writes for each node
    config = {key: value for key, value in (saved.get("config") or {}).items() if key != "name" and key not in always}
    given = {key: value for key, value in {**config, **kwargs}.items() if key in parameters}
    unknown = [key for key, value in config.items() if key not in parameters and value is not None]
    if unknown:
        return Note(
            f"keras.ops.{name} has no argument {unknown[0]}", "write it as a class of your own with @trainctl.layer"
        )
    return [_step(entry, args, given)]


def _step(entry: catalog.Entry, args: Sequence[Value], given: Mapping[str, Value]) -> Step:
    """Return the call of a function: tensors in their places as far as these are the first, all else by name."""
    arguments: dict[str, Value] = {}
    call: dict[str, Tensor] = {}
    takes: list[Tensor] = []
    free = [name for name in entry.parameter_names if name not in given]
    gap = False
    for index, value in enumerate(args):
        name = free[index] if index < len(free) else ""
        if is_tensor(value):
            if gap and name:
                call[name] = value
            else:
                takes.append(value)
        elif isinstance(value, list | tuple) and value and all(map(is_tensor, value)):
            takes.extend(value)
        elif name:
            arguments[name] = plain(value)
            gap = bool(takes)
    for name, value in given.items():
        if is_tensor(value):
            call[name] = value
        elif not _is_default(entry, name, plain(value)):
            arguments[name] = plain(value)
    return Step(entry.name, arguments, tuple(takes), call)


def _is_default(entry: catalog.Entry, name: str, value: Value) -> bool:
    parameter = entry.parameter(name)
    return parameter is not None and not parameter.required and parameter.default == value


def _item(args: Sequence[Value]) -> list[Step] | Note:
    """Return the steps of `x[key]`: one for each axis that it indexes."""
    tensor, key = args[0], args[1] if len(args) > 1 else None
    if not is_tensor(tensor):
        return Note("an index of a constant", "write it as a class with @trainctl.layer")
    keys = list(key) if isinstance(key, list | tuple) else [key]
    keys = _without_ellipsis(keys, len(tensor.shape))
    steps: list[Step] = []
    axis, source = 0, 0
    for each in keys:
        size = tensor.shape[source] if each is not None and source < len(tensor.shape) else None
        made = _index(each, axis, size)
        if isinstance(made, Note):
            return made
        steps += made
        axis += 0 if isinstance(each, int) else 1
        source += each is not None
    first = steps[0] if steps else Step("identity")
    return [Step(first.op, first.arguments, (tensor,), {}, first.part), *steps[1:]]


def _without_ellipsis(keys: list[Value], rank: int) -> list[Value]:
    places = [index for index, each in enumerate(keys) if _is(each, "__ellipsis__")]
    if not places:
        return keys
    missing = rank - sum(each is not None for each in keys) + 1
    whole = {"class_name": "__slice__", "config": {}}
    return [*keys[: places[0]], *[whole] * missing, *keys[places[0] + 1 :]]


def _index(key: Value, axis: int, size: int | None) -> list[Step] | Note:
    """Return the steps that index one axis."""
    refused = Note(
        f"an index of axis {axis} that no function of keras.ops does", "write it as a class with @trainctl.layer"
    )
    if key is None:
        return [Step("expand_dims", {"axis": axis})]
    if isinstance(key, int) and not isinstance(key, bool):
        return [Step("take", {"indices": key, "axis": axis})] if axis or size is not None else refused
    if not _is(key, "__slice__"):
        return refused
    bounds = [key["config"].get(word) for word in ("start", "stop", "step")]
    start, stop, step = (each if isinstance(each, int) else None for each in bounds)
    if start in (None, 0) and stop is None and step in (None, 1):
        return []
    if step == -1 and start is None and stop is None:
        return [Step("flip", {"axis": axis})]
    if size is not None:
        chosen = range(*slice(start, stop, step).indices(size))
        if len(chosen) == size and step in (None, 1):
            return []
        if step not in (None, 1) or not chosen:
            return [Step("take", {"indices": list(chosen), "axis": axis})] if chosen else refused
        cuts = [each for each in (chosen.start, chosen.stop) if 0 < each < size]
        return [Step("split", {"indices_or_sections": cuts, "axis": axis}, part=int(chosen.start > 0))]
    known = axis > 0 and step in (None, 1) and (start or 0) >= 0 and (stop is None or stop >= 0)
    cuts = [each for each in (start, stop) if each]
    return [Step("split", {"indices_or_sections": cuts, "axis": axis}, part=int(bool(start)))] if known else refused


def _is(value: Value, what: str) -> bool:
    return isinstance(value, Mapping) and value.get("class_name") == what


@cache
def _public_names() -> Mapping[str, str]:
    """Return the functions by what Keras calls their classes: `TrueDivide` is `true_divide`."""
    names = catalog.names("op")
    return {folded(name.rsplit(".", 1)[-1]): name for name in sorted(names, key=lambda name: "." not in name)}
