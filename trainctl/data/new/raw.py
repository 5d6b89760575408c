"""New inputs for a trained model, as a person has them: rows of a table, arrays, images, texts."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from trainctl.aliases import Data, Value
from trainctl.backend import keras, tf
from trainctl.data.new import raw_files, raw_rows
from trainctl.errors import DataError
from trainctl.files import hint_for_missing
from trainctl.models.inputs import fits
from trainctl.sources.files.arrays import decoded
from trainctl.sources.files.images import COLOR_MODES
from trainctl.sources.files.images import SUFFIXES as IMAGES
from trainctl.sources.files.mapped import DAMAGED, read_npy
from trainctl.sources.reading.inputs import existing_file
from trainctl.sources.table.table import TableSpec
from trainctl.text import one_of, plural

if TYPE_CHECKING:
    from trainctl.components.spec import SourceSpec

ROWS, ARRAYS, TEXTS = frozenset({".csv", ".parquet"}), frozenset({".npy", ".npz"}), frozenset({".txt"})

_READS = "predict reads .csv, .parquet, .npy, .npz, .txt and images (.png, .jpg …)"


@dataclass(frozen=True, slots=True)
class Raw:
    """New inputs.

    Args:
        values: What the model takes: an array, a tensor of text or, of several inputs, a mapping of their names to such;
            or `Rows` that are read when they are wanted.
        files: The file of each sample, where each has one of its own.
    """

    values: Data
    files: tuple[Path, ...] = ()


def inputs_of(model: keras.Model, path: Path, source: SourceSpec, recorded: Mapping[str, Value]) -> Raw:
    """What the model takes, from files.

    Args:
        model: The model: its inputs' names, shapes and types tell what is wanted.
        path: A file, a folder or a glob.
        source: What it was trained on: a CSV's separator and missing values, an image's size and colours hold for new
            inputs too.
        recorded: What run.json tells of that data.

    Raises:
        DataError: There is no such file, or it is damaged, empty, or not what the model takes.
    """
    with _words_of_predict():
        return _read(model, path, source, recorded)


@contextmanager
def _words_of_predict() -> Iterator[None]:
    """What a source says, without the settings of a source that it hints at: here there are none."""
    try:
        yield
    except DataError as error:
        hint = (error.hint or "").replace("to train on", "to predict")
        raise DataError(error.message, hint=re.sub(r"(^|, or )name .*", "", hint) or None) from error


def _require_rows(model: keras.Model, file: Path) -> None:
    """Refuse a table where one sample is no row of it, such as a window of a time series."""
    shape = model.inputs[0].shape[1:]
    if len(model.inputs) == 1 and len(shape) > 1:
        wanted = ", ".join("any" if size is None else str(size) for size in shape)
        raise DataError(
            f"{file} holds rows, but the model takes samples of shape ({wanted})",
            hint=f"give them as an array: a .npy of shape (samples, {wanted})",
        )


def _read(model: keras.Model, path: Path, source: SourceSpec, recorded: Mapping[str, Value]) -> Raw:
    wanted = _wanted(model, source)
    files = _files(path, wanted)
    kind = _kind(files, wanted)
    if kind == ARRAYS:
        raw = Raw(_arrays(_only(files), model))
    elif kind == ROWS:
        _require_rows(model, files[0])
        raw = Raw(raw_rows.rows(model, files, source, recorded))
    elif kind != wanted:
        raise DataError(f"{files[0]} is {_NOUNS[kind]}, but {_taken(model)}", hint=_instead(wanted))
    elif kind == TEXTS:
        raw = Raw(raw_files.texts(files, source), files)
    else:
        return Raw(raw_files.images(model.inputs[0], files, source, recorded), files)
    return Raw(_fitting(raw.values, model, path), raw.files)


_NOUNS = {IMAGES: "an image", TEXTS: "a text"}


def _wanted(model: keras.Model, source: SourceSpec) -> frozenset[str]:
    """The kind of files that the model was made for, as the endings of their names."""
    shape = tuple(model.inputs[0].shape)
    if isinstance(source, TableSpec) or len(model.inputs) > 1:
        return ROWS
    if model.inputs[0].dtype == "string":
        return TEXTS
    return IMAGES if len(shape) == 4 and shape[3] in COLOR_MODES else ARRAYS


def _files(path: Path, wanted: frozenset[str]) -> tuple[Path, ...]:
    """The files that `path` means, sorted: itself, what is in a folder of the kind that is wanted, or what a glob matches."""
    if path.is_dir():
        inside = path.glob("*" if wanted == ROWS else "**/*")  # images and texts may lie in a folder for each class
        found = sorted(each for each in inside if each.suffix.lower() in wanted and _is_shown(each, path))
        if not found:
            raise DataError(f"the folder {path} has no file ending in {one_of(sorted(wanted))}", hint=_READS)
        return tuple(found)
    if glob.has_magic(str(path)) and not path.exists():
        found = sorted(Path(each) for each in glob.glob(str(path), recursive=True) if Path(each).is_file())  # noqa: PTH207
        if not found:
            raise DataError(f"no file matches {path}", hint="paths are relative to the working directory")
        return tuple(found)
    if not path.exists():
        raise _missing(path)
    return (existing_file(path),)


def _is_shown(file: Path, folder: Path) -> bool:
    """Whether it is a file, and none that a system keeps hidden beside a person's."""
    return file.is_file() and not any(part.startswith(".") for part in file.relative_to(folder).parts)


def _missing(path: Path) -> DataError:
    return DataError(f"there is no file {path}", hint=hint_for_missing(path, _READS))


def _kind(files: Sequence[Path], wanted: frozenset[str]) -> frozenset[str]:
    """The one kind that all files are of."""
    kinds = {file: _kind_of(file, wanted) for file in files}
    first = kinds[files[0]]
    other = next((file for file, kind in kinds.items() if kind != first), None)
    if other is not None:
        raise DataError(f"{files[0]} and {other} are files of two kinds", hint="give those of one kind")
    return first


def _kind_of(file: Path, wanted: frozenset[str]) -> frozenset[str]:
    suffix = file.suffix.lower()
    for kind in (ARRAYS, IMAGES, TEXTS, ROWS):
        if suffix in kind and not (wanted == ROWS and kind == TEXTS):
            return kind
    if wanted == ROWS:  # a table may be called as one likes
        return ROWS
    raise DataError(f"what {file} holds cannot be told from its name", hint=_READS)


def _only(files: Sequence[Path]) -> Path:
    if len(files) > 1:
        raise DataError(
            f"{plural(len(files), 'file')} of arrays, where one is expected", hint="join them, or predict each"
        )
    return files[0]


def _arrays(path: Path, model: keras.Model) -> Data:
    """The only array of a file; for a model with several inputs, those of their names."""
    inputs = [tensor.name for tensor in model.inputs]
    if path.suffix.lower() == ".npy":
        if len(inputs) > 1:
            raise _lacks(path, inputs)
        return read_npy(path, mapped=True)
    hint = "write it with numpy.savez(path, x=array)"
    try:
        with path.open("rb") as file:  # which NumPy would leave open where it is damaged
            loaded = np.load(file, allow_pickle=False)
            arrays = {"": loaded} if isinstance(loaded, np.ndarray) else loaded
            found = {name: arrays[name] for name in _chosen(path, list(arrays), inputs)}
    except (*DAMAGED, ValueError) as error:
        pickled = "allow_pickle" in str(error)
        reason = "it is pickled, not an array of numbers or text" if pickled else error
        raise DataError(f"cannot read {path}: {reason}", hint=hint) from error
    strange = next((name for name, array in found.items() if not isinstance(array, np.ndarray)), None)
    if strange is not None:
        raise DataError(f"cannot read {path}: {strange!r} is not an array", hint=hint)
    return found if len(inputs) > 1 else next(iter(found.values()))


def _lacks(path: Path, inputs: Sequence[str]) -> DataError:
    return DataError(f"{path} does not hold {one_of(inputs, 'and')}", hint="give a .npz with an array for each input")


def _chosen(path: Path, names: Sequence[str], inputs: Sequence[str]) -> Sequence[str]:
    """Which arrays of a file are the inputs."""
    if len(inputs) > 1:
        if not set(inputs) <= set(names):
            raise _lacks(path, inputs)
        return inputs
    name = "x" if "x" in names else names[0] if len(names) == 1 else None
    if name is None:
        held = f"holds {one_of(names, 'and')}; which are the inputs?" if names else "holds no array"
        raise DataError(f"{path} {held}", hint="call them x")
    return [name]


def _fitting(values: Data, model: keras.Model, path: Path) -> Data:
    """The values in the types that the model takes.

    Raises:
        DataError: They are none, or of another shape or kind.
    """
    if not isinstance(values, Mapping):
        return _fits(values, model.inputs[0], path)
    return {tensor.name: _fits(values[tensor.name], tensor, path) for tensor in model.inputs}


def _fits(array: Data, tensor: keras.KerasTensor, path: Path) -> Data:
    if not array.shape or not array.shape[0]:
        raise DataError(f"{path} holds no samples", hint="there is nothing to predict")
    if tensor.dtype == "string":
        return _as_text(array, tensor, path)
    if array.dtype.kind not in "biuf":
        what = "text" if array.dtype.kind in "USO" else str(array.dtype)
        raise DataError(f"{path} holds {what}, but the model takes numbers")
    _require_shape(array, tensor, path)
    whole = np.dtype(tensor.dtype).kind in "iu"
    if whole and array.dtype != tensor.dtype:
        _require_whole(array, np.iinfo(tensor.dtype), path)
        return array.astype(tensor.dtype)
    return array


def _as_text(array: Data, tensor: keras.KerasTensor, path: Path) -> Data:
    """Text as a tensor: Keras takes no other."""
    if array.dtype.kind not in "USO":
        raise DataError(f"{path} holds numbers, but the model takes text")
    texts = decoded(array, str(path))
    wanted = len(tensor.shape)
    if texts.ndim == 1 and wanted == 2:
        texts = texts[:, np.newaxis]
    _require_shape(texts, tensor, path)
    return tf.constant(texts.astype(object))


def _require_shape(array: Data, tensor: keras.KerasTensor, path: Path) -> None:
    """The shapes agree; Keras itself adds or takes a last axis of length one."""
    shape, own = tuple(tensor.shape[1:]), tuple(array.shape[1:])
    if any(fits(shape, each) for each in (own, (*own, 1), own[:-1] if own[-1:] == (1,) else own)):
        return
    hint = "one sample is one too: array[numpy.newaxis]" if fits(shape, array.shape) else None
    raise DataError(f"{path} does not fit the model: its samples have shape {own}, the model takes {shape}", hint=hint)


def _require_whole(array: Data, limits: Any, path: Path) -> None:
    """The numbers are such as the model's type holds, to which they would be cut off."""
    strange = (array < limits.min) | (array > limits.max) | (np.floor(array) != array)
    if strange.any():
        raise DataError(
            f"{path} holds {array[strange].flat[0]:g}, but the model takes whole numbers from {limits.min} to {limits.max}",
            hint="give the inputs raw, as they were in training",
        )


def _taken(model: keras.Model) -> str:
    """What the model takes, in words."""
    tensor = model.inputs[0]
    if len(model.inputs) > 1:
        return f"the model takes {one_of((each.name for each in model.inputs), 'and')}"
    return (
        "the model takes text"
        if tensor.dtype == "string"
        else f"the model takes arrays of shape {tuple(tensor.shape[1:])}"
    )


def _instead(wanted: frozenset[str]) -> str:
    others = {*ARRAYS, *(ROWS if wanted == TEXTS else ())}
    return f"give a file that ends in {one_of(sorted({*wanted, *others}))}"
