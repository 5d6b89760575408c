"""Shapes that a saved model does not list: what its outputs have, and which inputs hold indices."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trainctl.aliases import Value
from trainctl.drafts.components import MODELS, Saved
from trainctl.drafts.operations import is_operation
from trainctl.drafts.tensors import ends, tensors_in, with_tensors

Shape = tuple[int | None, ...]
"""Shape of one sample; `None` for any size."""

_KEEPING = (
    "Activation Softmax ReLU LeakyReLU ELU PReLU Dropout AlphaDropout GaussianDropout GaussianNoise BatchNormalization "
    "LayerNormalization GroupNormalization UnitNormalization RMSNormalization Rescaling Normalization Add Subtract Multiply "
    "Average Maximum Minimum Identity ActivityRegularization SpatialDropout1D SpatialDropout2D SpatialDropout3D"
)
"""Layers whose output has the shape of their input."""

_CHANNELS = {"Dense": "units", "LSTM": "units", "GRU": "units", "SimpleRNN": "units", "Embedding": "output_dim"}


def output_shape(model: Saved, index: int = 0) -> Shape | None:
    """Return the shape of an output of a saved model, as far as it can be told without building it.

    Args:
        model: The model as Keras saves it.
        index: Which of its outputs.
    """
    if model.get("class_name") not in MODELS:
        return None
    layers = model["config"]["layers"]
    if "output_layers" not in model["config"]:
        return _after_chain(model, layers)
    by_name = {str(each["name"]): each for each in layers}
    tensor = list(ends(model["config"], "output_layers").values())[index]
    saved = by_name[tensor.layer]
    if saved["class_name"] == "InputLayer":
        return tuple(saved["config"]["batch_shape"][1:])
    node = saved["inbound_nodes"][tensor.call]
    given = [each.shape[1:] for each in tensors_in(with_tensors(node.get("args", [])))]
    return _after(saved, given, tensor.part)


def _after_chain(model: Saved, layers: Sequence[Saved]) -> Shape | None:
    built = (model.get("build_config") or {}).get("input_shape")
    shape: Shape | None = tuple(built[1:]) if built and not isinstance(built[0], list) else None
    for each in layers:
        if each["class_name"] == "InputLayer":
            shape = tuple(each["config"]["batch_shape"][1:])
        elif shape is not None:
            shape = _after(each, [shape])
    return shape


def _after(saved: Saved, given: Sequence[Shape], part: int = 0) -> Shape | None:
    """Return what a layer gives for inputs of these shapes; `None` if that is not known here."""
    name, config = str(saved["class_name"]), saved.get("config") or {}
    first = given[0] if given else None
    if name in MODELS:
        return output_shape(saved, part)
    if first is None or is_operation(saved):
        return first if first is not None and name in {"Add", "Subtract", "Multiply", "TrueDivide"} else None
    if name in _KEEPING.split():
        return _broadcast(given)
    if name in _CHANNELS:
        kept = first if name == "Embedding" else first[:-1]
        is_last = name not in {"Dense", "Embedding"} and not config.get("return_sequences")
        return (*(first[:-2] if is_last else kept), int(config[_CHANNELS[name]]))
    return _after_convolution(name, config, first) or _reshaped(name, config, first)


def _broadcast(shapes: Sequence[Shape]) -> Shape:
    """Return the shape of the sum of arrays of these shapes."""
    rank = max(map(len, shapes))
    padded = [(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes]
    return tuple(next((size for size in sizes if size != 1), 1) for sizes in zip(*padded, strict=True))


def _after_convolution(name: str, config: Mapping[str, Any], first: Shape) -> Shape | None:
    if not name.startswith(("Conv", "SeparableConv")) or "filters" not in config or "LSTM" in name:
        return None
    sizes: list[int | None] = []
    for size, kernel, stride in zip(first[:-1], config["kernel_size"], config["strides"], strict=False):
        if size is None:
            sizes.append(None)
        elif name.endswith("Transpose"):
            sizes.append(size * stride + (max(kernel - stride, 0) if config["padding"] == "valid" else 0))
        else:
            sizes.append((size - kernel) // stride + 1 if config["padding"] == "valid" else -(-size // stride))
    return (*sizes, int(config["filters"]))


def _reshaped(name: str, config: Mapping[str, Any], first: Shape) -> Shape | None:
    known = [each for each in first if each is not None]
    if name == "Flatten":
        return (math.prod(known),) if len(known) == len(first) else None
    if name == "Reshape" and -1 not in config["target_shape"]:
        return tuple(config["target_shape"])
    return first[-1:] if name.startswith("Global") and "Pool" in name else None


def index_counts(model: Saved) -> Mapping[str, int]:
    """Return how many different indices an input of the model may hold, by its name in the file; others are not listed.

    An input holds indices where an Embedding reads it. That of a chain is called `""`.
    """
    if model.get("class_name") not in MODELS:
        return {}
    return dict(_index_counts(model))


def _index_counts(model: Saved) -> Iterator[tuple[str, int]]:
    layers = model["config"]["layers"]
    if "output_layers" not in model["config"]:
        real = [each for each in layers if each["class_name"] != "InputLayer"]
        if real and real[0]["class_name"] == "Embedding":
            yield "", int(real[0]["config"]["input_dim"])
        return
    for each in layers:
        for node in each.get("inbound_nodes", ()):
            tensor = next(tensors_in(with_tensors(node.get("args", []))), None)
            if tensor is None:
                continue
            if each["class_name"] == "Embedding":
                yield tensor.layer, int(each["config"]["input_dim"])
            elif each["class_name"] in MODELS:
                inner = list(index_counts(each).values())
                if inner:
                    yield tensor.layer, inner[0]


def last_activation(model: Saved, index: int = 0) -> str | None:
    """Return the activation of an output of a saved model, such as `softmax`."""
    if model.get("class_name") not in MODELS:
        return None
    layers = model["config"]["layers"]
    saved: Value = layers[-1] if layers else {}
    if "output_layers" in model["config"]:
        tensor = list(ends(model["config"], "output_layers").values())[index]
        saved = next(each for each in layers if each["name"] == tensor.layer)
    if saved.get("class_name") in MODELS:
        return last_activation(saved)
    activation = (saved.get("config") or {}).get("activation")
    if saved.get("class_name") in {"Softmax", "Sigmoid"}:
        return str(saved["class_name"]).lower()
    return activation if isinstance(activation, str) else None
