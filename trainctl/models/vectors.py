"""Vectors from a file as the first weights of an Embedding: a matrix, or a line for each word as GloVe and fastText publish them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from trainctl.aliases import Array, Tensors, Value
from trainctl.backend import keras
from trainctl.config.component import KerasComponent
from trainctl.config.model.graph import GraphNode
from trainctl.diagnostics import Diagnostic
from trainctl.errors import BuildError
from trainctl.events import Notice, Sink
from trainctl.models.build import instantiate
from trainctl.models.embeddings import lookup_of
from trainctl.text import plural

_ARGUMENT = "weights"


def with_vectors(component: KerasComponent, taken: Tensors, node: GraphNode, emit: Sink) -> keras.Layer | None:
    """Return the Embedding with the vectors that its `weights` holds or names; `None` of another layer, or without them.

    A `.npy` file holds the whole matrix. Any other is text, a word and its numbers in each line: each word of the lookup that
    gives the indices gets its vector, and the others keep what `embeddings_initializer` gives them. The layer's config holds
    no vectors, so that a saved model loads without the file.

    Args:
        component: Any layer.
        taken: What it is called on, which leads to the lookup.
        node: Where it stands.
        emit: Gets how many words were found.

    Raises:
        BuildError: The file is not what it should be, or fits neither the layer nor its words; points at `weights`.
    """
    given = component.arguments.get(_ARGUMENT)
    if given is None:
        return None
    layer = instantiate(replace(component, arguments={**component.arguments, _ARGUMENT: None}))
    if not isinstance(layer, keras.layers.Embedding):
        return None
    layer.build()
    try:
        layer.set_weights([_matrix(given, layer.get_weights()[0], taken, node, emit)])
    except (ValueError, OSError) as error:
        place = component.value_locations.get(_ARGUMENT, component.location)
        problem = Diagnostic("build", str(error), place, f"{component.path}.{_ARGUMENT}")
        raise BuildError(diagnostics=[problem]) from error
    return layer


def _matrix(given: Value, before: Array, taken: Tensors, node: GraphNode, emit: Sink) -> Array:
    """Return the first weights, of the shape of those `before`.

    Raises:
        ValueError: They do not fit, or the file holds none; says why.
    """
    path = Path(given) if isinstance(given, str) else None
    if path is not None and path.suffix != ".npy":
        matrix, count = _replace_known(before, path, _words(taken))
        emit(Notice(message=f"{node.name}: {count:,} of {plural(len(matrix), 'row')} have a vector in {path.name}"))
        return matrix
    matrix = _read_matrix(path) if path is not None else np.asarray(given)
    if matrix.shape != before.shape or matrix.dtype.kind not in "fiu":
        what = path.name if path is not None else _ARGUMENT
        expected = f"expected numbers (input_dim, output_dim) = {before.shape}"
        raise ValueError(f"{what} is {matrix.dtype} {matrix.shape}, {expected}")
    return matrix


def _read_matrix(path: Path) -> Array:
    try:
        matrix: Array = np.load(path, allow_pickle=False)
    except ValueError as error:
        raise ValueError(f"{path.name} is not an array that NumPy can read") from error
    return matrix


def _words(taken: Tensors) -> Mapping[str, int]:
    """Return the index of each word of the lookup that gives the indices."""
    lookup = lookup_of(taken)
    if lookup is None:
        message = "a file of words needs a TextVectorization or StringLookup above, which says the index of each word"
        raise ValueError(f"{message}; write the matrix to a .npy file instead, one row for each index")
    return {str(word): index for index, word in enumerate(lookup.get_vocabulary()) if word}


def _replace_known(rows: Array, path: Path, words: Mapping[str, int]) -> tuple[Array, int]:
    """Return the rows with the vectors of the words that the file has, and how many these are."""
    matrix, found = rows.copy(), set[int]()
    for word, numbers, line in _lines(path, matrix.shape[1]):
        index = words.get(word)
        if index is None or index >= len(matrix):
            continue
        try:
            matrix[index] = [float(number) for number in numbers]
        except ValueError as error:
            raise ValueError(f"{path.name}, line {line}: the vector of '{word}' holds text") from error
        found.add(index)
    if not found:
        raise ValueError(f"{path.name} has a vector for none of the {plural(len(words), 'word')} of the vocabulary")
    return matrix, len(found)


def _lines(path: Path, width: int) -> Iterator[tuple[str, list[str], int]]:
    """Yield each word, its numbers as text, and the number of its line.

    A first line of two counts is left out, and so are lines of more numbers than the first: their words hold blanks, as a few
    of GloVe's do, and no vocabulary of words does.

    Raises:
        ValueError: It is not text, or the vectors are not of this width.
    """
    seen = False
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                word, *numbers = line.rstrip().split(" ")
                if not seen and len(numbers) > 1 and len(numbers) != width:
                    got = plural(len(numbers), "number")
                    raise ValueError(f"{path.name}, line {number}: a vector of {got}, but output_dim is {width}")
                if len(numbers) == width:
                    seen = True
                    yield word, numbers, number
    except UnicodeDecodeError as error:
        raise ValueError(f"{path.name} is not text in UTF-8, nor a .npy file") from error
