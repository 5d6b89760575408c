"""New inputs for a trained model, as the user has them: rows of a table, arrays, images, texts."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from pathlib import Path

from trainctl.backend import keras
from trainctl.components.data_schema import DataSchema
from trainctl.components.new_inputs import ModelInput, NewFiles, NewInputs
from trainctl.components.spec import SOURCES, SourceSpec
from trainctl.data.new.match import match_inputs
from trainctl.errors import DataError
from trainctl.files import WORKING_DIRECTORY, hint_for_missing
from trainctl.sources.files.audio import SUFFIXES as AUDIO_SUFFIXES
from trainctl.sources.files.images import COLOR_MODES, SUFFIXES
from trainctl.sources.reading.inputs import existing_file, matching_files
from trainctl.sources.table.new_rows import takes_columns
from trainctl.sources.table.table import TableSpec
from trainctl.text import one_of


class FileKind(Enum):
    """A kind of files, with the endings of their names."""

    ARRAYS = frozenset({".npy", ".npz"})
    IMAGES = SUFFIXES
    TEXTS = frozenset({".txt"})
    AUDIO = AUDIO_SUFFIXES
    ROWS = frozenset({".csv", ".parquet"})


_NOUNS = {FileKind.IMAGES: "an image", FileKind.TEXTS: "a text", FileKind.AUDIO: "audio"}
_READS = "predict reads .csv, .parquet, .npy, .npz, .txt, images (.png, .jpg …) and audio (.wav …)"


def read_inputs(model: keras.Model, path: Path, source: SourceSpec, schema: DataSchema) -> NewInputs:
    """Read from files what the model takes.

    Args:
        model: The model: its inputs' names, shapes and types tell what is needed.
        path: A file, a folder or a glob.
        source: What it was trained on; it reads the files itself where it reads files of their kind.
        schema: What training learned of that data.

    Raises:
        DataError: There is no such file, or it is damaged, empty, or not what the model takes.
    """
    inputs = tuple(model_inputs(model, schema))
    with _hints_for_new_inputs():
        if source.reads_any_file:
            found = source.read_new(NewFiles(_files(path, None), inputs, schema))
        else:
            found = _read(path, inputs, source, schema)
        return NewInputs(match_inputs(found.values, inputs, path), found.files)


def model_inputs(model: keras.Model, schema: DataSchema) -> Iterator[ModelInput]:
    """Yield what the model takes; a class of the user's own does not say, and takes what it was trained on."""
    for tensor in getattr(model, "inputs", None) or ():
        yield ModelInput(tensor.name, tuple(tensor.shape[1:]), str(tensor.dtype))
    if not getattr(model, "inputs", None):
        for name, known in schema.inputs.items():
            yield ModelInput(name, known.shape, "string" if known.dtype == "text" else known.dtype)


@contextmanager
def _hints_for_new_inputs() -> Iterator[None]:
    """Leave out of a source's hints what to change in the experiment: the model is trained already."""
    try:
        yield
    except DataError as error:
        error.hint = error.hint_for_new
        raise


def _read(path: Path, inputs: tuple[ModelInput, ...], source: SourceSpec, schema: DataSchema) -> NewInputs:
    wanted = _wanted(inputs, source, schema)
    files = _files(path, wanted)
    kind = _kind(files, wanted)
    if kind is FileKind.ROWS:
        if not source.reads_file(files[0].suffix.lower()):
            _require_rows(inputs, files[0])
    elif kind not in {FileKind.ARRAYS, wanted}:
        raise DataError(f"{files[0]} is {_NOUNS[kind]}, but {_taken(inputs)}", hint=_instead(wanted))
    new = NewFiles(files, inputs, schema)
    return _reader(source, kind, files[0], new).read_new(new)


def _reader(source: SourceSpec, kind: FileKind, file: Path, new: NewFiles) -> SourceSpec:
    """The source that reads files such as `file`: the one of training where it does, else one with usual settings."""
    ending = file.suffix.lower()
    if kind is FileKind.ROWS and ending not in kind.value:
        ending = ".csv"
    if source.reads_file(ending):
        return source
    for _, spec in SOURCES:
        if ending in spec.reads:
            found = spec.for_new(new)
            if found is not None:
                return found
    raise DataError(f"no data source can read {file}", hint=_READS)


def table_reader(
    path: Path, inputs: tuple[ModelInput, ...], source: SourceSpec, schema: DataSchema
) -> tuple[TableSpec, NewFiles, tuple[str, ...]] | None:
    """Return what reads the rows of a table in blocks, with the files and their columns; `None` where nothing does.

    Raises:
        DataError: There is no such file.
    """
    if source.reads_any_file:
        return None
    with _hints_for_new_inputs():
        wanted = _wanted(inputs, source, schema)
        files = _files(path, wanted)
        if wanted is not FileKind.ROWS or _kind(files, wanted) is not FileKind.ROWS:
            return None
        new = NewFiles(files, inputs, schema)
        spec = _reader(source, FileKind.ROWS, files[0], new)
        if not isinstance(spec, TableSpec):
            return None
        header = spec.common_header(files)
        return (spec, new, header) if takes_columns(header, new) else None


def _require_rows(inputs: Sequence[ModelInput], file: Path) -> None:
    """Refuse a table where one sample is not a row of it, such as a window of a time series."""
    shape = inputs[0].shape
    if len(inputs) == 1 and len(shape) > 1:
        wanted = ", ".join("any" if size is None else str(size) for size in shape)
        raise DataError(
            f"{file} holds rows, but the model takes samples of shape ({wanted})",
            hint=f"pass an array: a .npy of shape (samples, {wanted})",
        )


def _wanted(inputs: Sequence[ModelInput], source: SourceSpec, schema: DataSchema) -> FileKind:
    """Return the kind of files that the model was made for."""
    shape = inputs[0].shape
    if schema.columns or source.reads & FileKind.ROWS.value or len(inputs) > 1:
        return FileKind.ROWS
    if inputs[0].dtype == "string":
        return FileKind.TEXTS
    if source.reads & FileKind.AUDIO.value:
        return FileKind.AUDIO
    return FileKind.IMAGES if len(shape) == 3 and shape[2] in COLOR_MODES else FileKind.ARRAYS


def _files(path: Path, wanted: FileKind | None) -> tuple[Path, ...]:
    """The files that `path` means, sorted: itself, what a folder holds of the kind that is wanted, or what a glob matches.

    Args:
        path: A file, a folder or a glob.
        wanted: The kind of files; `None` takes every file of a folder.
    """
    if path.is_dir():
        return _files_in(path, wanted)
    if glob.has_magic(str(path)) and not path.exists():
        found = matching_files(str(path))
        if not found:
            raise DataError(f"no file matches {path}", hint=WORKING_DIRECTORY)
        return tuple(found)
    if not path.exists():
        raise DataError(f"{path} does not exist", hint=hint_for_missing(path, _READS))
    return (existing_file(path),)


def _files_in(folder: Path, wanted: FileKind | None) -> tuple[Path, ...]:
    inside = folder.glob("*" if wanted is FileKind.ROWS else "**/*")  # others may lie in a folder for each class
    shown = (each for each in inside if _is_shown(each, folder))
    found = sorted(each for each in shown if wanted is None or each.suffix.lower() in wanted.value)
    if not found:
        what = f" ending in {one_of(sorted(wanted.value))}" if wanted else ""
        raise DataError(f"the folder {folder} has no file{what}", hint=_READS if wanted else None)
    return tuple(found)


def _is_shown(file: Path, folder: Path) -> bool:
    """Return whether it is a file, and none that a system keeps hidden beside the user's."""
    return file.is_file() and not any(part.startswith(".") for part in file.relative_to(folder).parts)


def _kind(files: Sequence[Path], wanted: FileKind) -> FileKind:
    """Return the one kind that all files are of."""
    kinds = {file: _kind_of(file, wanted) for file in files}
    first = kinds[files[0]]
    other = next((file for file, kind in kinds.items() if kind != first), None)
    if other is not None:
        raise DataError(f"{files[0]} and {other} are files of two kinds", hint="pass files of one kind")
    return first


def _kind_of(file: Path, wanted: FileKind) -> FileKind:
    suffix = file.suffix.lower()
    for kind in FileKind:
        if suffix in kind.value and not (wanted is FileKind.ROWS and kind is FileKind.TEXTS):
            return kind
    if wanted is FileKind.ROWS:  # a table may be called as one likes
        return FileKind.ROWS
    raise DataError(f"unknown kind of file: {file}", hint=_READS)


def _taken(inputs: Sequence[ModelInput]) -> str:
    """Return what the model takes, in words."""
    if len(inputs) > 1:
        return f"the model takes {one_of((each.name for each in inputs), 'and')}"
    if inputs[0].dtype == "string":
        return "the model takes text"
    return f"the model takes arrays of shape {inputs[0].shape}"


def _instead(wanted: FileKind) -> str:
    others = {*FileKind.ARRAYS.value, *(FileKind.ROWS.value if wanted is FileKind.TEXTS else ())}
    return f"pass a file ending in {one_of(sorted({*wanted.value, *others}))}"
