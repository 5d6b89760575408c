"""Numbers that a model predicts, back in the label's own unit: what `data.map_labels` changed, undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trainctl.aliases import Tensors
from trainctl.backend import keras
from trainctl.components.label_change import Undo
from trainctl.components.labels import Labels


def undone(values: Tensors, steps: Sequence[Undo]) -> Tensors:
    """Return labels or predictions, float32 of any shape, in the label's own unit."""
    values = keras.ops.cast(values, "float32")
    for kind, factor, offset in steps:
        values = keras.ops.exp(values) if kind == "exp" else values * factor + offset
    return values


def with_own_units(model: keras.Model, labels: Labels) -> keras.Model:
    """Return the model whose predictions are in the labels' own units; itself where they are already.

    The layers behind it are Keras's own, so that the file loads where trainctl is not installed. A class of the user's that
    has no graph stays as it is.
    """
    undo = {name: each.undo for name, each in labels.outputs.items() if each.undo}
    if not undo or not has_graph(model):
        return model
    output = model.output
    if isinstance(output, Mapping):
        outputs = {name: _layers(tensor, undo.get(name, ())) for name, tensor in output.items()}
    else:
        outputs = _layers(output, undo[""])
    return keras.Model(model.input, outputs, name=model.name)


def has_graph(model: keras.Model) -> bool:
    """Return whether the model is made of inputs and layers, behind which others can be put."""
    return bool(getattr(model, "inputs", None))


def _layers(tensor: Tensors, steps: Sequence[Undo]) -> Tensors:
    for kind, factor, offset in steps:
        if kind == "exp":
            tensor = keras.layers.Activation("exponential", dtype="float32")(tensor)
        else:
            tensor = keras.layers.Rescaling(factor, offset, dtype="float32")(tensor)
    return tensor
