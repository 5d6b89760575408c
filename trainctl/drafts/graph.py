"""A saved model → its layers as an experiment lists them: each chain in one piece, `from:` only where it must be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from trainctl import catalog, limits
from trainctl.aliases import Value
from trainctl.components.nodes.model import ALONE, BESIDE
from trainctl.drafts.components import MODELS, ComponentWriter, Saved, is_automatic
from trainctl.drafts.masks import without_automatic_masks
from trainctl.drafts.notes import Note, Noted
from trainctl.drafts.operations import is_operation, operation
from trainctl.drafts.repeats import with_repeats
from trainctl.drafts.tensors import Tensor, ends, is_tensor, tensors_in, with_tensors
from trainctl.drafts.values import plain
from trainctl.errors import DataError

_INPUT = "InputLayer"
_ADD = "Add"
Node = tuple[str, int]


@dataclass(frozen=True, slots=True)
class InputSpec:
    """An input of a saved model.

    Args:
        name: Its name, valid in an experiment.
        shape: Shape of one sample; `None` for any size.
        dtype: Its dtype.
        batch_size: Samples in every batch; `None` for any number.
        saved_as: Its name in the file.
    """

    name: str
    shape: tuple[int | None, ...] | None
    dtype: str
    batch_size: int | None = None
    saved_as: str = ""

    @property
    def declared(self) -> dict[str, Value]:
        """What an experiment must say of it, as the data does not."""
        told: dict[str, Value] = {}
        if self.shape is not None and None in self.shape:
            told["shape"] = list(self.shape)
        if self.dtype not in {"float32", "string", "int32"}:
            told["dtype"] = self.dtype
        if self.batch_size is not None:
            told["batch_size"] = self.batch_size
        return told


@dataclass(slots=True)
class Item:
    """One item of a list of layers.

    Args:
        takes: What it is called on, in order.
        nodes: The calls whose outputs it gives.
        value: The component as it is written, or `None` for a group.
        name: The name that a person gave it; `None` if Keras gave it one.
        call: Further arguments of the call.
        notes: What is said of it.
        group: The items of a residual branch, whose sum it is.
        part: Which of its outputs is meant; `None` if it has one.
        reuse: The call whose layer it calls again; `None` if it has one of its own.
    """

    takes: tuple[Tensor, ...]
    nodes: tuple[Node, ...]
    value: Value = None
    name: str | None = None
    call: Mapping[str, Value] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    group: list[Item] = field(default_factory=list)
    part: int | None = None
    reuse: Node | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """The layers of a model as they are written.

    Args:
        inputs: Its inputs.
        layers: Its items, plain values; a `Noted` where there is something to say.
        outputs: The outputs, each with what it comes from; empty where the last layer is the only one.
    """

    inputs: tuple[InputSpec, ...]
    layers: list[Value]
    outputs: Mapping[str, str]

    @property
    def outputs_as_written(self) -> Value:
        """What is under `outputs:`: a list where each is called as what it comes from."""
        return list(self.outputs) if all(name == ref for name, ref in self.outputs.items()) else dict(self.outputs)


def written_model(saved: Saved, vocabularies: Mapping[str, Sequence[str]], place: str = "") -> Written:
    """Return the layers of a saved model.

    Args:
        saved: The model as Keras saves it: of the classes in `MODELS`.
        vocabularies: What its preprocessing layers have learned, by their place in the file.
        place: Its own place there, ending in `/`.

    Raises:
        DataError: The file is damaged, or the model far too large.
    """
    config = saved.get("config") or {}
    layers = config.get("layers")
    if not isinstance(layers, list):
        raise DataError("config.json does not list the layers of the model", hint="save the model again")
    if len(layers) > limits.LAYERS:
        raise DataError(f"the model has {len(layers):,} layers; at most {limits.LAYERS:,} can be written")
    graph = _Graph(layers, vocabularies, place)
    return graph.functional(config) if "input_layers" in config else graph.sequential(saved)


class _Graph:
    """The layers of one model and what is written of them."""

    def __init__(self, layers: list[Saved], vocabularies: Mapping[str, Sequence[str]], place: str) -> None:
        self.is_nested = bool(place)
        self.layers = {str(_name(each)): each for each in layers}
        self.vocabularies = vocabularies
        self.places = dict(zip(self.layers, _places(layers, place), strict=True))
        self.writer = ComponentWriter(self._argument)
        self.names: dict[Node, str] = {}
        self.parts: dict[str, list[str]] = {}
        self.taken: set[str] = set()
        self.inputs: tuple[InputSpec, ...] = ()

    # ---- the two kinds of models

    def sequential(self, saved: Saved) -> Written:
        """Return the layers of a chain."""
        found = [_input(each) for each in self.layers.values() if each["class_name"] == _INPUT]
        built = (saved.get("build_config") or {}).get("input_shape")
        shape = tuple(built[1:]) if built and not isinstance(built[0], list) else None
        self.inputs = tuple(found or [InputSpec("input", shape, "float32")])
        self.taken = {each.name for each in self.inputs}
        chain = [name for name, each in self.layers.items() if each["class_name"] != _INPUT]
        items: list[Item] = []
        for name in chain:
            before = (Tensor(items[-1].nodes[0][0], 0),) if items else ()
            items.append(self._layer((name, 0), list(before), {}))
        return Written(self.inputs, self._emitted(items, None, set()), {})

    def functional(self, config: Saved) -> Written:
        """Return the layers of a graph."""
        self._name_inputs(_sorted(ends(config, "input_layers"), is_nested=self.is_nested))
        calls = {
            (name, index): (with_tensors(node.get("args", [])), with_tensors(node.get("kwargs", {})))
            for name, layer in self.layers.items()
            for index, node in enumerate(_inbound(layer))
        }
        calls = without_automatic_masks(self.layers, calls)
        named = ends(config, "output_layers")
        outputs = _sorted(named, is_nested=self.is_nested)
        items = [item for node in _ordered(outputs, calls) for item in self._call(node, calls)]
        masked = any(_is_masked(each) for each in self.layers.values())
        items = _with_branches(items, self.layers, outputs, sums_too=not masked)
        alone = len(outputs) == 1 and bool(items) and outputs[0].node in items[-1].nodes and items[-1].part is None
        alone = alone and not self._is_several(outputs[0].layer)
        needed = set() if alone else {each.node for each in outputs}
        layers = self._emitted(items, self._first(), needed)
        keys = sorted(named, key=_order) if self.is_nested else list(named)
        names = [
            each.layer.rsplit(".", 1)[-1] if key.isdigit() or not key else key
            for key, each in zip(keys, outputs, strict=True)
        ]
        names = _unique([self._valid(name) for name in names])
        written = {} if alone else {name: self._reference(each) for name, each in zip(names, outputs, strict=True)}
        return Written(self.inputs, layers, written)

    def _first(self) -> Node | None:
        return next((node for node in self.names), None) if len(self.inputs) == 1 else None

    def _name_inputs(self, tensors: Sequence[Tensor]) -> None:
        found = []
        for tensor in tensors:
            spec = _input(self.layers[tensor.layer])
            name = self._free(self._valid(spec.name))
            self.names[tensor.node] = name
            found.append(replace(spec, name=name))
        if len(found) == 1 and (self.is_nested or not found[0].declared):
            found = [replace(found[0], name="input")]
            self.names[tensors[0].node] = "input"
            self.taken = {"input"}
        self.inputs = tuple(found)

    # ---- one call

    def _call(self, node: Node, calls: Mapping[Node, tuple[Any, Any]]) -> Iterator[Item]:
        name, index = node
        saved = self.layers[name]
        if saved["class_name"] == _INPUT:
            return
        args, kwargs = calls[node]
        if is_operation(saved):
            yield from self._operation(node, args, kwargs)
        elif index and any(each in self.names or each[0] == name for each in calls if each[1] < index):
            takes, call = self._given(saved, args, kwargs)
            yield Item(takes, (node,), reuse=(name, 0), call=call)
        else:
            yield self._layer(node, args, kwargs)

    def _layer(self, node: Node, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Item:
        name = node[0]
        saved = self.layers[name]
        class_name = str(saved["class_name"])
        takes, call = self._given(saved, args, kwargs)
        own = None if is_automatic(name, class_name) else self._valid(name)
        if class_name in MODELS:
            value: Value = {"Model": self._model(name, saved)}
        else:
            value = self.writer.written(saved, ("layer",), self._vocabulary(name, saved))
        notes, self.writer.notes = tuple(self.writer.notes), []
        return Item(takes, (node,), value, own, call, (*notes, *self._learning(name, saved)))

    def _operation(self, node: Node, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Iterator[Item]:
        saved = self.layers[node[0]]
        steps = operation(saved, args, kwargs)
        own = None if is_automatic(node[0], str(saved["class_name"])) else self._valid(node[0])
        if isinstance(steps, Note):
            op = catalog.snake_case(str(saved["class_name"]))
            yield Item(tuple(tensors_in((args, kwargs))), (node,), {"Op": {"op": op}}, own, {}, (steps,))
            return
        before: tuple[Tensor, ...] = ()
        for number, step in enumerate(steps, start=1):
            is_last = number == len(steps)
            here = node if is_last else (node[0], -number)
            value = {"Op": {"op": step.op, **step.arguments}}
            yield Item(step.takes or before, (here,), value, own if is_last else None, step.call, (), [], step.part)
            before = (Tensor(*here, part=step.part or 0),)

    def _given(
        self, saved: Saved, args: Sequence[Value], kwargs: Mapping[str, Value]
    ) -> tuple[tuple[Tensor, ...], dict[str, Value]]:
        """Return what `from:` and `call:` hold for what a layer is called with."""
        signature = catalog.call_signature(str(saved["class_name"]))
        # Keras saves defaults too: `training: false` of a Dropout says nothing.
        usual = signature.defaults if signature is not None else {}
        call = {key: value for key, value in kwargs.items() if not _is_nothing(value) and value is not usual.get(key)}
        required = signature.required if signature is not None else len(args)
        takes: list[Tensor] = []
        for index, value in enumerate(args):
            if index < max(1, required):
                takes.extend(tensors_in(value))
            elif value is not None and signature is not None and index < len(signature.names):
                call[signature.names[index]] = value
        for name in signature.names[len(args) : required] if signature is not None else ():
            if name in call:  # a required argument that is given by name
                takes.extend(tensors_in(call.pop(name)))
        is_list = required <= 1 and bool(args) and isinstance(args[0], list)
        same = len(set(takes)) == 1 and not is_list
        return tuple(takes[:1] if same else takes), call

    def _model(self, name: str, saved: Saved) -> dict[str, Value]:
        """Return a model within the model, without its name."""
        inner = written_model(saved, self.vocabularies, f"{self.places[name]}/")
        found: dict[str, Value] = {}
        config = saved["config"]
        if config.get("trainable") is False:
            found["trainable"] = False
        if len(inner.inputs) > 1:
            found["inputs"] = [each.name for each in inner.inputs]
        found["layers"] = [_trainable(each) for each in inner.layers] if "trainable" in found else inner.layers
        if inner.outputs:
            found["outputs"] = inner.outputs_as_written
        self.parts[name] = list(inner.outputs) if len(inner.outputs) > 1 else []
        return found

    def _argument(self, saved: Saved) -> Value:
        """Return a model that is an argument of a layer."""
        inner = written_model(saved, self.vocabularies)
        return {"Model": {"layers": inner.layers}}

    # ---- what preprocessing layers have learned

    def _vocabulary(self, name: str, saved: Saved) -> dict[str, Value]:
        terms = self.vocabularies.get(self.places[name])
        config = saved.get("config") or {}
        if terms is None or config.get("vocabulary") is not None or config.get("output_mode") == "tf_idf":
            return {}
        return {"vocabulary": Vocabulary(_without_special(list(terms), config), str(saved["class_name"]))}

    def _learning(self, name: str, saved: Saved) -> Iterator[Note]:
        config = saved.get("config") or {}
        class_name = saved["class_name"]
        unset = {"Normalization": "mean", "Discretization": "bin_boundaries"}.get(str(class_name), "")
        is_learned = bool(unset) and not config.get(unset)
        if is_learned or config.get("output_mode") == "tf_idf":
            yield Note("learns again, from your training data")

    # ---- names and what refers to them

    def _is_several(self, layer: str) -> bool:
        return bool(self.parts.get(layer))

    def _valid(self, name: str) -> str:
        """Return the name as a node may be called."""
        valid = re.sub(r"[^A-Za-z0-9_\-]", "_", name)
        valid = valid[:1].lower() + valid[1:]
        valid = valid if re.match(r"[a-z_]", valid) else f"_{valid}"
        return f"{valid}_" if valid in {*BESIDE, *ALONE} else valid

    def _free(self, name: str) -> str:
        """Return the name, counted up if it is taken."""
        count, free = 1, name
        while free in self.taken:
            free, count = f"{name}_{count}", count + 1
        self.taken.add(free)
        return free

    def _reference(self, tensor: Tensor) -> str:
        parts = self.parts.get(tensor.layer)
        name = self.names[tensor.node]
        if parts:
            return f"{name}.{parts[tensor.part]}"
        several = tensor.part > 0 or tensor.node in self.split or tensor.node in self.several
        return f"{name}.{self.split.get(tensor.node, tensor.part)}" if several else name

    def _emitted(self, items: list[Item], first: Node | None, needed: set[Node]) -> list[Value]:
        """Return the items as they are written; each gets a name where another one refers to it."""
        flat = list(_flat(items))
        self.split = {item.nodes[-1]: item.part for item in flat if item.part is not None}
        self.several = {
            tensor.node
            for item in flat
            for tensor in tensors_in((item.takes, item.call))
            if tensor.part and tensor.node not in self.split
        }
        parted = {node for item in flat for node in item.nodes if self._is_several(node[0])}
        wanted = needed | set(_wanted(items, first, self.split.keys() | self.several | parted))
        wanted |= {item.reuse for item in flat if item.reuse is not None}
        for item in flat:
            base = item.name or (self._valid(item.nodes[-1][0]) if wanted & set(item.nodes) else None)
            if base is not None:
                name = self._free(base)
                self.names |= dict.fromkeys(item.nodes, name)
                item.name = name
        return with_repeats(self._list(items, first))

    def _list(self, items: Sequence[Item], first: Node | None) -> list[Value]:
        above = first
        found = []
        for item in items:
            found.append(self._item(item, above))
            above = item.nodes[-1]
        return found

    def _item(self, item: Item, above: Node | None) -> Value:
        if len(item.group) == 1 and item.name is None:
            written: dict[str, Value] = dict(_named(item.group[0].value, item.group[0].name))
            written |= {"call": self._called(item.group[0].call)} if item.group[0].call else {}
        elif item.group:
            written = {"layers": self._list(item.group, item.takes[0].node)}
            written |= {"name": item.name} if item.name else {}
        elif item.reuse is not None:
            written = {"reuse": self.names[item.reuse]} | ({"name": item.name} if item.name else {})
        else:
            written = _named(item.value, item.name)
        if not self._follows(item, above):
            refs = [self._reference(each) for each in item.takes]
            written["from"] = refs[0] if len(refs) == 1 else refs
        if item.call:
            written["call"] = self._called(item.call)
        if item.group:
            written["residual"] = True
        value: Value = next(iter(written)) if len(written) == 1 and next(iter(written.values())) is None else written
        return Noted(value, item.notes) if item.notes else value

    def _follows(self, item: Item, above: Node | None) -> bool:
        """Return whether the item takes just what is above it."""
        if not item.takes:
            return True
        if len(item.takes) != 1 or item.takes[0].node != above:
            return False
        node = item.takes[0].node
        return (
            node not in self.split
            and node not in self.several
            and not self._is_several(node[0])
            and not item.takes[0].part
        )

    def _called(self, value: Value) -> Value:
        if is_tensor(value):
            return self._reference(value)
        if isinstance(value, Mapping):
            return {key: self._called(each) for key, each in value.items()}
        return [self._called(each) for each in value] if isinstance(value, list) else value


@dataclass(frozen=True)
class Vocabulary:
    """The terms that a preprocessing layer has learned, which may be too many for the file itself.

    Args:
        terms: The terms, special ones removed.
        layer: The layer's class.
    """

    terms: list[str]
    layer: str


def _without_special(terms: list[str], config: Saved) -> list[str]:
    """Return the terms without those that the layer adds itself: padding, and the one for unknown terms."""
    mask, unknown = config.get("mask_token", ""), config.get("oov_token", "[UNK]")
    if terms and terms[0] == mask:
        terms = terms[1:]
    while terms and terms[0] == unknown:
        terms = terms[1:]
    return terms


def _trainable(item: Value) -> Value:
    """Return an item without the `trainable: false` that the model around it says already."""
    if isinstance(item, Noted):
        return Noted(_trainable(item.value), item.notes)
    if not isinstance(item, dict):
        return item
    found = {
        key: _trainable(value) if isinstance(value, dict) else value
        for key, value in item.items()
        if key != "trainable"
    }
    if isinstance(found.get("layers"), list):
        found["layers"] = [_trainable(each) for each in found["layers"]]
    key = next(iter(found), "")
    if found == {key: {}} and key[:1].isupper():
        return key
    return {key: None if value == {} and key[:1].isupper() else value for key, value in found.items()}


def _named(value: Value, name: str | None) -> dict[str, Value]:
    """Return a component as a mapping, its name among its arguments."""
    if isinstance(value, dict):
        [(key, arguments)] = value.items()
        named = {"name": name} if name else {}
        return {key: {**named, **arguments} if key == "Model" else {**arguments, **named}}
    return {value: {"name": name} if name else None}


def _is_nothing(value: Value) -> bool:
    return value is None or (isinstance(value, list) and all(each is None for each in value))


def _order(key: str) -> tuple[int, str]:
    return (int(key), "") if key.isdigit() else (0, key)


def _sorted(tensors: Mapping[str, Tensor], *, is_nested: bool) -> list[Tensor]:
    """Return the tensors in the order in which Keras flattens them, which is what a call around a model goes by."""
    keys = sorted(tensors, key=_order) if is_nested else list(tensors)
    return [tensors[key] for key in keys]


def _name(saved: Saved) -> str:
    return str(saved.get("name") or (saved.get("config") or {}).get("name"))


def _inbound(layer: Saved) -> list[Mapping[str, Value]]:
    nodes = layer.get("inbound_nodes") or []
    if nodes and not isinstance(nodes[0], Mapping):
        raise DataError("the model was written by Keras 2", hint="load it with Keras 3 and save it again")
    return list(nodes)


def _input(layer: Saved) -> InputSpec:
    config = layer["config"]
    shape = config.get("batch_shape") or [None, *(config.get("shape") or [])]
    dtype = plain(config.get("dtype")) or "float32"
    return InputSpec(str(config["name"]), tuple(shape[1:]), str(dtype), shape[0], str(config["name"]))


def _places(layers: Sequence[Saved], place: str) -> Iterator[str]:
    """Yield each layer's place in the file, as Keras names it: by its class, counted."""
    counts: dict[str, int] = {}
    for each in layers:
        base = catalog.snake_case(str(each["class_name"]))
        count = counts.get(base, 0)
        counts[base] = count + 1
        yield f"{place}layers/{base}" + (f"_{count}" if count else "")


def _unique(names: Sequence[str]) -> list[str]:
    counts: dict[str, int] = {}
    found = []
    for name in names:
        count = counts.get(name, 0)
        counts[name] = count + 1
        found.append(f"{name}_{count}" if count else name)
    return found


def _is_masked(layer: Saved) -> bool:
    return layer["class_name"] == "Masking" or bool((layer.get("config") or {}).get("mask_zero"))


def _ordered(outputs: Sequence[Tensor], calls: Mapping[Node, tuple[Any, Any]]) -> list[Node]:
    """Return the calls behind the outputs, each after what it takes, each chain in one piece."""
    done: dict[Node, None] = {}
    open_: list[tuple[Node, bool]] = [(each.node, False) for each in reversed(outputs)]
    entered: set[Node] = set()
    while open_:
        node, is_ready = open_.pop()
        if is_ready:
            done[node] = None
        elif node not in entered:
            entered.add(node)
            open_.append((node, True))
            before = [each.node for each in tensors_in(calls.get(node, ()))]
            open_ += [(each, False) for each in reversed(before) if each not in entered]
    return list(done)


def _flat(items: Sequence[Item]) -> Iterator[Item]:
    for item in items:
        yield from _flat(item.group)
        yield item


def _wanted(items: Sequence[Item], first: Node | None, several: set[Node]) -> Iterator[Node]:
    """Yield the calls that an item refers to by name, as it does not just take what is above it."""
    above = first
    for item in items:
        takes = [each.node for each in item.takes]
        if takes != [above] or set(takes) & several:
            yield from takes
        yield from (each.node for each in tensors_in(item.call))
        yield from _wanted(item.group, takes[0] if takes else None, several)
        above = item.nodes[-1]


def _with_branches(
    items: list[Item], layers: Mapping[str, Saved], outputs: Sequence[Tensor], *, sums_too: bool
) -> list[Item]:
    """Return the items with `x + f(x)` as one: a group whose branch is added to what it takes."""
    used: dict[Node, int] = {}
    for tensor in [*outputs, *tensors_in([(item.takes, item.call) for item in items])]:
        used[tensor.node] = used.get(tensor.node, 0) + 1
    found: list[Item] = []
    for item in items:
        start = _start_of_branch(item, found, layers, used, sums_too=sums_too)
        if start is None:
            found.append(item)
            continue
        branch = found[start:]
        del found[start:]
        found.append(Item(branch[0].takes, item.nodes, group=branch))
    return found


def _start_of_branch(
    item: Item, before: Sequence[Item], layers: Mapping[str, Saved], used: Mapping[Node, int], *, sums_too: bool
) -> int | None:
    """Return where the branch begins that the item adds to its shortcut; `None` if it does not do so."""
    saved = layers[item.nodes[0][0]]
    is_sum = (
        saved["class_name"] == _ADD and item.reuse is None and item.name is None and not item.call and not item.notes
    )
    if not is_sum or (is_operation(saved) and not sums_too) or len(item.takes) != 2 or not before:
        return None
    last = before[-1].nodes[-1]
    branch = [each for each in item.takes if each.node == last]
    shortcut = [each for each in item.takes if each.node != last]
    if len(branch) != 1 or len(shortcut) != 1 or branch[0].shape != shortcut[0].shape or not branch[0].shape:
        return None
    if any(each.part for each in item.takes):
        return None
    for index in range(len(before) - 1, -1, -1):
        each = before[index]
        if len(each.takes) != 1 or used.get(each.nodes[-1], 0) != 1 or each.part is not None or each.reuse is not None:
            return None
        if each.takes[0] == shortcut[0]:
            return index
        if index == 0 or each.takes[0].node != before[index - 1].nodes[-1] or each.takes[0].part:
            return None
    return None
