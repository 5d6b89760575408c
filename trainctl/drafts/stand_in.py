"""Made-up data that fits a saved model, so that its draft trains at once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from trainctl.aliases import Value
from trainctl.drafts.graph import InputSpec
from trainctl.drafts.shapes import Shape
from trainctl.sources.synthetic import made_up

_NUMBERS = 30_000_000  # numbers of all samples, at most: 120 MB
_ANY_SIZE = 16  # where the model takes any size
_CATEGORIES = frozenset(
    {"SparseCategoricalCrossentropy", "CategoricalCrossentropy", "CategoricalFocalCrossentropy", "CategoricalHinge"}
)
_TWO = frozenset({"BinaryCrossentropy", "BinaryFocalCrossentropy", "Hinge", "SquaredHinge"})


def stand_in(
    inputs: Sequence[InputSpec],
    indices: Mapping[str, int],
    outputs: Mapping[str, tuple[Shape | None, str | None]],
) -> dict[str, Value]:
    """Return the data section: a source of made-up data, its split and its batches.

    Args:
        inputs: The model's inputs.
        indices: How many indices an input holds, by its name; others hold numbers or texts.
        outputs: The shape of each output and its loss's name; the only output is called "".
    """
    shapes = {each.name: _sized(each.shape) for each in inputs}
    several = len(inputs) > 1
    arguments: dict[str, Value] = {}
    vocabulary = {each.name: max(3, indices[each.name]) for each in inputs if each.name in indices}
    vocabulary |= {each.name: 10 for each in inputs if each.name not in indices and each.dtype.startswith("int")}
    kinds = {each.name: "string" for each in inputs if each.dtype == "string"}
    labels = {name: _label(shape, loss) for name, (shape, loss) in outputs.items()}
    is_copy = not several and len(outputs) == 1 and _is_copy(inputs[0], *next(iter(outputs.values())))
    arguments["shape"] = shapes if several else next(iter(shapes.values()))
    _, target = next(iter(labels.values()))
    counts = {name: count for name, (count, _) in labels.items()}
    if not is_copy:
        arguments["classes"] = counts.get("", counts)
        arguments |= {"target_shape": target} if target else {}
    if vocabulary:
        arguments["vocabulary"] = vocabulary if several else next(iter(vocabulary.values()))
    if kinds:
        arguments["dtype"] = kinds if several else "string"
    size = sum(math.prod(each) for each in shapes.values()) + math.prod(target)
    most = max(count or 0 for count in counts.values())
    samples = max(64, min(max(1000, 2 * most), _NUMBERS // max(size, 1)))
    batch = next((each.batch_size for each in inputs if each.batch_size), None)
    samples = samples if batch is None else 5 * batch * max(1, samples // (5 * batch))
    data: dict[str, Value] = {"source": made_up({"samples": samples, **arguments})}
    data |= {"target": "inputs"} if is_copy else {}
    return {**data, "validation_split": 0.2, "batch_size": batch or 32}


def _sized(shape: Shape | None) -> list[int]:
    """Return a shape without unknown sizes."""
    return [_ANY_SIZE if each is None else each for each in shape] if shape is not None else [_ANY_SIZE]


def _label(shape: Shape | None, loss: str | None) -> tuple[int | None, list[int]]:
    """Return the classes of the labels, `None` for numbers, and the shape of one label."""
    if shape is None:
        return (2, []) if loss in _TWO | _CATEGORIES else (None, [])
    sizes = _sized(shape)
    if loss in _CATEGORIES and sizes:
        return max(2, sizes[-1]), sizes[:-1]
    if loss in _TWO:
        return 2, sizes[:-1] if sizes[-1:] == [1] else sizes
    return None, [] if sizes == [1] else sizes


def _is_copy(spec: InputSpec, shape: Shape | None, loss: str | None) -> bool:
    """Return whether the output looks like the input, as an autoencoder's does."""
    is_number = loss not in _CATEGORIES and spec.dtype.startswith("float")
    return shape is not None and shape == spec.shape and len(shape) > 1 and is_number
