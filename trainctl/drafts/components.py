"""A component of a saved model → how it is written in an experiment, without what is the default anyway."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from trainctl import catalog
from trainctl.aliases import Value
from trainctl.drafts.notes import Note
from trainctl.drafts.values import as_size, is_same, plain

Saved = Mapping[str, Any]
"""A component as Keras saves it: `module`, `class_name`, `config`."""

MODELS = frozenset({"Functional", "Sequential", "Model"})
"""Classes of models whose layers the file lists."""

_CODE = {
    "Lambda": "write it with `Op:` or as a class of your own with @trainctl.layer",
    **dict.fromkeys(
        ("TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"),
        "write it as a class of your own with @trainctl.layer",
    ),
}
"""Layers that hold code of somebody, and what to do instead."""

_SIZES = frozenset({"kernel_size", "strides", "pool_size", "dilation_rate", "size", "padding", "cropping"})
_NOT_WRITTEN = frozenset({"name", "shared_object_id", "vocabulary_size", "has_input_vocabulary", "batch_input_shape"})
_SAME_AS = {"strides": "pool_size", "value_dim": "key_dim"}
"""Arguments that are another's value where they are omitted; the file has the value."""
_OF_THE_WRAPPER = frozenset({"name", "zero_output_for_mask", "go_backwards"})
"""What Bidirectional itself sets in the layers that it wraps."""


@dataclass
class ComponentWriter:
    """Writes components.

    Args:
        nested: Writes a model that is an argument of a layer.
        notes: What is to be said where the component is written; emptied by whoever writes it.
    """

    nested: Callable[[Saved], Value]
    notes: list[Note] = field(default_factory=list)

    def written(self, saved: Value, kinds: Sequence[str], extra: Mapping[str, Value] | None = None) -> Value:
        """Return the component as it is written: `Flatten`, `{Dense: {units: 4}}`, or a lower-case word.

        Args:
            saved: As Keras saves it; text stays as it is.
            kinds: Which kinds it may be.
            extra: Further arguments, such as its name.
        """
        if not isinstance(saved, Mapping) or "class_name" not in saved:
            return plain(saved)
        name, config = str(saved["class_name"]), saved.get("config")
        if name in MODELS:
            return self.nested(saved)
        if name in {"function", "__lambda__"} or not isinstance(config, Mapping):
            return self._function(name, config, kinds)
        if name in _CODE:
            self.notes.append(Note(f"{name} holds Python code, which is not read", _CODE[name]))
            return name
        entry = next(filter(None, (catalog.find(kind, name) for kind in kinds if name[:1].isupper())), None)
        arguments = {**self._arguments(entry, config, saved), **(extra or {})}
        self._check(name, entry, saved, kinds)
        if arguments:
            return {name: arguments}
        word = catalog.snake_case(name)
        is_word = entry is not None and entry.kind in _WORDS and catalog.stands_for(entry.kind, word) == name
        return word if is_word else name

    def _function(self, name: str, config: Value, kinds: Sequence[str]) -> Value:
        if name == "function" and isinstance(config, str):
            if any(catalog.stands_for(kind, config) is not None for kind in kinds):
                return config
            self.notes.append(
                Note(
                    f"{config} is a function of its own", "register it with @trainctl.function, and pass --import FILE"
                )
            )
            return config
        self.notes.append(Note("a lambda is Python code, which is not read", "write the name of a function"))
        return None

    def _check(self, name: str, entry: catalog.Entry | None, saved: Saved, kinds: Sequence[str]) -> None:
        """Note what an experiment cannot say."""
        if entry is None:
            home = str(saved.get("registered_name") or saved.get("module") or "")
            what = kinds[0] if kinds[0] in {"layer", "loss", "metric", "schedule"} else "function"
            self.notes.append(
                Note(
                    f"{name} is not part of Keras ({home})",
                    f"register its class with @trainctl.{what}, and pass --import FILE",
                )
            )

    def _arguments(self, entry: catalog.Entry | None, config: Saved, saved: Saved) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for key, value in config.items():
            parameter = entry.parameter(key) if entry is not None else None
            if key in _NOT_WRITTEN or (entry is not None and parameter is None and not entry.target):
                self._refuse(entry, key, value)
                continue
            kinds = parameter.kinds if parameter is not None else ()
            given = self._value(value, kinds or catalog.KINDS)
            if not _is_default(key, given, parameter, config, saved):
                found[key] = as_size(given) if key in _SIZES else given
        order = list(entry.parameter_names) if entry is not None else list(found)
        found = dict(sorted(found.items(), key=lambda each: order.index(each[0]) if each[0] in order else len(order)))
        return _without_what_the_wrapper_sets(found, config) if "backward_layer" in config else found

    def _refuse(self, entry: catalog.Entry | None, key: str, value: Value) -> None:
        if key not in _NOT_WRITTEN and value not in (None, False, [], {}) and entry is not None:
            self.notes.append(
                Note(f"{entry.name} of the installed Keras has no argument {key}; the file has {plain(value)}")
            )

    def _value(self, value: Value, kinds: Sequence[str]) -> Value:
        """Return the value of an argument, components in it written."""
        if isinstance(value, Mapping) and isinstance(value.get("class_name"), str):
            special = value["class_name"] in {"__numpy__", "__tensor__", "DTypePolicy"}
            return plain(value) if special else self.written(value, kinds)
        if isinstance(value, Mapping):
            return {str(key): self._value(each, kinds) for key, each in value.items()}
        if isinstance(value, list) and any(isinstance(each, Mapping | list) for each in value):
            return [self._value(each, kinds) for each in value]
        return plain(value)


_USUAL_DTYPES = (None, "float32", "int64", "string")
"""What Keras chooses: int64 for counting metrics, string for texts."""

_WORDS = frozenset({"initializer", "regularizer", "constraint", "activation", "loss", "metric"})
"""Kinds whose members are written as a lower-case word where they have no arguments."""


def _is_default(key: str, value: Value, parameter: catalog.Parameter | None, config: Saved, saved: Saved) -> bool:
    """Return whether the argument can be omitted."""
    if key == "dtype":
        return value in _USUAL_DTYPES
    if key == "trainable":
        return value is True
    if key == "data_format":
        return value in (None, "channels_last")
    if key in _SAME_AS and is_same(value, plain(config.get(_SAME_AS[key]))):
        return True
    if key == "attention_axes" and value is not None:
        shape = (saved.get("build_config") or {}).get("shapes_dict", {}).get("query_shape", ())
        return is_same(value, list(range(1, len(shape) - 1)))
    if parameter is None or parameter.default is catalog.MISSING:
        return value is None and parameter is not None and not parameter.required
    default = parameter.default
    if value is None or default is None:
        return value is default or (default is None and value == "linear" and "activation" in parameter.kinds)
    return is_same(value, default) or _means(parameter.kinds, default) == _means(parameter.kinds, value) is not None


def _means(kinds: Sequence[str], value: Value) -> str | None:
    """Return the component that a word stands for, or a component without arguments is."""
    if not isinstance(value, str):
        return None
    return next((found for kind in kinds if (found := catalog.stands_for(kind, value)) is not None), value)


def _without_what_the_wrapper_sets(written: dict[str, Value], config: Saved) -> dict[str, Value]:
    """Return a bidirectional layer's arguments without the backward layer, where it is the forward one turned round."""
    forward, backward = (_stripped(config[key]) for key in ("layer", "backward_layer"))
    turned = bool(config["layer"]["config"].get("go_backwards")) != bool(
        config["backward_layer"]["config"].get("go_backwards")
    )
    if forward == backward and turned:
        written.pop("backward_layer", None)
    for key in ("layer", "backward_layer"):
        for arguments in (written.get(key) or {}).values() if isinstance(written.get(key), dict) else ():
            arguments.pop("zero_output_for_mask", None)
    return written


def _stripped(value: Value) -> Value:
    """Return a saved component without what differs between two equal ones."""
    if isinstance(value, Mapping):
        unlike = {*_OF_THE_WRAPPER, "shared_object_id", "build_config"}
        return {key: _stripped(each) for key, each in value.items() if key not in unlike}
    return [_stripped(each) for each in value] if isinstance(value, list) else value


def is_automatic(name: str, class_name: str) -> bool:
    """Return whether Keras, or a block, has given the name to something of this class: `dense_3`, `stage_1.dense`."""
    last = name.rsplit(".", 1)[-1]
    bases = {catalog.snake_case(class_name), class_name.lower()}
    bases |= {"functional", "sequential", "model"} if class_name in MODELS else set()
    return re.sub(r"_\d+$", "", last) in bases
