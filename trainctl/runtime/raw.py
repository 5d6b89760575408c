"""New inputs for a trained model, as a person has them: raw rows in a CSV file, or arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from trainctl.components.columns import NUMBER, count, kind_of, require, values
from trainctl.components.dataset import ColumnKind
from trainctl.components.mapped import DAMAGED
from trainctl.components.sources.csv import CSV
from trainctl.errors import DataError
from trainctl.words import nearest, one_of

if TYPE_CHECKING:
    from trainctl.components.base import SourceSpec
    from trainctl.components.targets import Table

_LEAVE_EMPTY = "or leave it empty"


def inputs_of(model: Any, path: Path, source: SourceSpec, recorded: Mapping[str, Any]) -> Any:
    """What the model takes, from a file.

    Args:
        model: The model: its inputs' names and types tell what is wanted.
        path: A .csv, .npy or .npz file.
        source: What it was trained on: a CSV's separator and missing values hold for new rows too.
        recorded: What run.json tells of that data.

    Raises:
        DataError: The file is damaged, empty, or not what the model takes.
    """
    names = [tensor.name for tensor in model.inputs]
    inputs = _rows(model, path, source, recorded) if path.suffix.lower() == ".csv" else _arrays(path, names)
    for each in inputs.values() if isinstance(inputs, Mapping) else [inputs]:
        if not each.shape or not each.shape[0]:
            raise DataError(f"{path} holds no samples")
    return inputs


def _arrays(path: Path, inputs: Sequence[str]) -> Any:
    """The only array of a file; for a model with several inputs, those of their names."""
    hint = "give a .csv of raw rows, a .npy or a .npz"
    try:
        with path.open("rb") as file:  # which NumPy would leave open where it is damaged
            loaded = np.load(file, allow_pickle=False)
            arrays = {"": loaded} if isinstance(loaded, np.ndarray) else loaded
            found = {name: arrays[name] for name in _wanted(path, list(arrays), inputs)}
    except (*DAMAGED, ValueError) as error:
        raise DataError(f"cannot read {path}: {error}", hint=hint) from error
    strange = next((name for name, array in found.items() if not isinstance(array, np.ndarray)), None)
    if strange is not None:
        raise DataError(f"cannot read {path}: {strange!r} is no array", hint=hint)
    return found if len(inputs) > 1 else next(iter(found.values()))


def _wanted(path: Path, names: Sequence[str], inputs: Sequence[str]) -> Sequence[str]:
    """Which arrays of a file are the inputs."""
    if len(inputs) > 1:
        if not set(inputs) <= set(names):
            raise DataError(
                f"{path} does not hold {one_of(inputs, 'and')}", hint="give a .npz with an array for each input"
            )
        return inputs
    name = "x" if "x" in names else names[0] if len(names) == 1 else None
    if name is None:
        held = f"holds {one_of(names, 'and')}; which are the inputs?" if names else "holds no array"
        raise DataError(f"{path} {held}", hint="call them x")
    return [name]


def _rows(model: Any, path: Path, source: SourceSpec, recorded: Mapping[str, Any]) -> Any:
    """The columns of a CSV as the model's inputs: numbers with NaN for missing, text with "" for missing."""
    reader = source if isinstance(source, CSV) else CSV(path=str(path), label="label")
    header = tuple(name for name in reader.header(path) if name)
    if len(model.inputs) == 1 and model.inputs[0].name not in header:
        return _matrix(reader.whole([path], header), header)
    columns = {column.replace("/", "_"): column for column in header}  # Keras takes no slash in a name
    absent = [tensor.name for tensor in model.inputs if tensor.name not in columns]
    if absent:
        close = nearest(absent[0], columns)
        raise DataError(
            f"{path} has no column {absent[0]!r}",
            hint=f"did you mean {close!r}?" if close else f"it has {one_of(header, 'and')}",
        )
    table = reader.whole([path], tuple(columns[tensor.name] for tensor in model.inputs))
    known = (recorded.get("details") or {}).get("columns") or {}
    kinds = {name: ColumnKind(facts["kind"]) for name, facts in known.items()}
    return {tensor.name: _column(table, columns[tensor.name], tensor.dtype, kinds) for tensor in model.inputs}


def _column(table: Table, name: str, dtype: str, kinds: Mapping[str, ColumnKind]) -> Any:
    """One input (rows, 1): what the column held in training, which the cells of a few new rows need not show."""
    column = table.columns[name]
    if dtype == "string":  # Keras hands text to a model as tensors only
        return tf.constant(values(column, name, ColumnKind.TEXT, table.place)[:, np.newaxis])
    kind = kinds.get(name) or kind_of(column, name)
    there = len(column) - column.null_count
    if kind.is_words or (kind is ColumnKind.BOOLEAN and count(column, NUMBER) == there):
        kind = ColumnKind.NUMERIC
    require(column, name, kind, table.place, _LEAVE_EMPTY)
    return values(column, name, kind, table.place)[:, np.newaxis].astype(dtype)


def _matrix(table: Table, header: Sequence[str]) -> Any:
    """A CSV of numbers alone as one array (rows, columns)."""
    for name in header:
        column = table.columns[name]
        require(column, name, ColumnKind.NUMERIC, table.place, "or leave the column out")
        if column.null_count:
            row = column.is_null().index(True).as_py()
            raise DataError(f"{table.place(row)}: column {name!r} has no value", hint="fill it in")
    numbers = [values(table.columns[name], name, ColumnKind.NUMERIC, table.place) for name in header]
    return np.stack(numbers, axis=1).astype("float32")
