"""Tensors of a saved graph: the outputs of its calls, as Keras refers to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeGuard

from trainctl.aliases import Value


@dataclass(frozen=True, slots=True)
class Tensor:
    """An output of a call.

    Args:
        layer: The layer's name in the file.
        call: Which of its calls, from 0.
        part: Which of its outputs, from 0.
        shape: Its shape with the batch; `None` for any size.
        dtype: Its dtype.
    """

    layer: str
    call: int
    part: int = 0
    shape: tuple[int | None, ...] = ()
    dtype: str = "float32"

    @property
    def node(self) -> tuple[str, int]:
        """The call that it is an output of."""
        return self.layer, self.call


def is_tensor(value: Value) -> TypeGuard[Tensor]:
    """Return whether a value is a tensor of the graph."""
    return isinstance(value, Tensor)


def with_tensors(value: Value) -> Value:
    """Return what a call is given, with a `Tensor` for each reference."""
    if isinstance(value, Mapping):
        if value.get("class_name") == "__keras_tensor__":
            return _referred(value["config"])
        return {key: with_tensors(each) for key, each in value.items()}
    return [with_tensors(each) for each in value] if isinstance(value, list) else value


def _referred(config: Mapping[str, Value]) -> Tensor:
    layer, call, part = config["keras_history"]
    return Tensor(str(layer), int(call), int(part), tuple(config.get("shape") or ()), str(config.get("dtype")))


def tensors_in(value: Value) -> Iterator[Tensor]:
    """Yield every tensor in what a call is given."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, Mapping):
        for key in sorted(value):  # as Keras does
            yield from tensors_in(value[key])
    elif isinstance(value, list | tuple):
        for each in value:
            yield from tensors_in(each)


def ends(config: Mapping[str, Value], key: str) -> dict[str, Tensor]:
    """Return the tensors that a saved graph begins or ends with, by their names, else by their places.

    Args:
        config: The graph's config.
        key: `input_layers` or `output_layers`: one, a list, or a mapping.
    """
    models = {str(each["name"]) for each in config["layers"] if each["class_name"] == "Functional"}
    found = dict(_listed(config[key], ""))
    # Keras counts the calls of a model within the model from 1 here, and from 0 everywhere else.
    return {name: replace(each, call=each.call - 1) if each.layer in models else each for name, each in found.items()}


def _listed(value: Value, name: str) -> Iterator[tuple[str, Tensor]]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _listed(each, str(key))
    elif isinstance(value, list) and len(value) == 3 and isinstance(value[0], str) and isinstance(value[1], int):
        yield name, Tensor(value[0], value[1], int(value[2]))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _listed(each, str(index))
