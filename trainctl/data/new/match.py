"""New inputs converted to the types that the model takes; what does not fit is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from trainctl.aliases import Array, Data
from trainctl.backend import tf
from trainctl.components.dataset import Rows, read
from trainctl.components.new_inputs import ModelInput
from trainctl.errors import DataError
from trainctl.models.inputs import fits
from trainctl.sources.files.arrays import decoded
from trainctl.text import one_of


def match_inputs(values: Data, inputs: Sequence[ModelInput], path: Path) -> Data:
    """Return the values in the types that the model takes; `Rows` that are read on demand as they are.

    Args:
        values: An array (n, …), rows, or a mapping of the inputs' names to arrays.
        inputs: What the model takes.
        path: Where the values are from, for messages.

    Raises:
        DataError: There are none, or they are of another shape or kind.
    """
    if isinstance(values, Rows):
        return values
    if isinstance(values, Mapping):
        absent = [each.name for each in inputs if each.name not in values]
        if absent:
            raise DataError(
                f"{path} has {one_of(values, 'and') or 'nothing'}, but the model takes {one_of(absent, 'and')}",
                hint="provide one array for each input",
            )
        return {each.name: _matched(values[each.name], each, path) for each in inputs}
    return _matched(values, inputs[0], path)


def _matched(array: Data, wanted: ModelInput, path: Path) -> Data:
    if isinstance(array, Rows):
        array = read(array, np.arange(len(array)))
    if not array.shape or not array.shape[0]:
        raise DataError(f"{path} holds no samples", hint="there is nothing to predict")
    if wanted.dtype == "string":
        return _as_text(array, wanted, path)
    if array.dtype.kind not in "biuf":
        what = "text" if array.dtype.kind in "USO" else str(array.dtype)
        raise DataError(f"{path} holds {what}, but the model takes numbers")
    _require_shape(array, wanted, path)
    whole = np.dtype(wanted.dtype).kind in "iu"
    if whole and array.dtype != wanted.dtype:
        _require_whole(array, np.iinfo(wanted.dtype), path)
        return array.astype(wanted.dtype)
    return array


def _as_text(array: Data, wanted: ModelInput, path: Path) -> Data:
    """Text as a tensor: Keras takes no other."""
    if array.dtype.kind not in "USO":
        raise DataError(f"{path} holds numbers, but the model takes text")
    texts = decoded(array, str(path))
    if texts.ndim == 1 and len(wanted.shape) == 1:
        texts = texts[:, np.newaxis]
    _require_shape(texts, wanted, path)
    return tf.constant(texts.astype(object))


def _require_shape(array: Data, wanted: ModelInput, path: Path) -> None:
    """Require equal shapes; Keras itself adds or removes a last axis of length one."""
    shape, own = wanted.shape, tuple(array.shape[1:])
    if any(fits(shape, each) for each in (own, (*own, 1), own[:-1] if own[-1:] == (1,) else own)):
        return
    hint = "for a single sample, pass array[numpy.newaxis]" if fits(shape, array.shape) else None
    raise DataError(
        f"{path} does not fit the model: its samples have shape {own}, but the model takes {shape}", hint=hint
    )


def _require_whole(array: Array, limits: np.iinfo[np.int64], path: Path) -> None:
    """Require numbers that the model's dtype can hold, since casting would truncate them."""
    strange = (array < limits.min) | (array > limits.max) | (np.floor(array) != array)
    if strange.any():
        raise DataError(
            f"{path} holds {array[strange].flat[0]:g}, but the model takes whole numbers from {limits.min} to {limits.max}",
            hint="pass the raw inputs, as in training",
        )
