"""New inputs given in Python, written as the files that `predict` reads."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from trainctl.aliases import Data
from trainctl.errors import UsageError
from trainctl.sources.files.mapped import save_npz
from trainctl.sources.given import frame_to_arrow, is_frame


def as_path(inputs: Data, folder: Path, *, is_table: bool) -> tuple[Path, tuple[str, ...] | None]:
    """Return a path from which `predict` reads `inputs`, and what to call each sample where the path does not say.

    Args:
        inputs: A path; a list of paths, or of texts; a DataFrame; rows, each a mapping of columns to values; an array; or a
            mapping of names to arrays: the columns of a table, or the model's inputs.
        folder: An empty folder that lasts as long as the path.
        is_table: Whether the model was trained on a table.

    Raises:
        UsageError: It is none of these, or empty.
    """
    if isinstance(inputs, str | Path):
        return Path(inputs), None
    if is_frame(inputs):
        return _table(frame_to_arrow(inputs), folder), ()
    if isinstance(inputs, Mapping):
        return (_columns(inputs, folder) if is_table else _arrays(inputs, folder)), ()
    if isinstance(inputs, list | tuple):
        if not inputs:
            raise UsageError("nothing to predict: the list is empty")
        if all(isinstance(each, Mapping) for each in inputs):
            return _rows(list(inputs), folder), ()
        if all(isinstance(each, str | Path) for each in inputs):
            return _files(list(inputs), folder)
    return _array(inputs, folder), ()


def _columns(columns: Mapping[str, Data], folder: Path) -> Path:
    import pyarrow as pa

    try:
        return _table(pa.table({name: pa.array(values) for name, values in columns.items()}), folder)
    except (pa.ArrowException, TypeError) as error:
        raise UsageError(f"the columns do not form a table: {error}") from error


def _rows(rows: list[Mapping[str, Data]], folder: Path) -> Path:
    names = dict.fromkeys(name for row in rows for name in row)
    if not names:
        raise UsageError("nothing to predict: the rows have no columns")
    return _columns({name: [row.get(name) for row in rows] for name in names}, folder)


def _table(table: Data, folder: Path) -> Path:
    import pyarrow.parquet as pq

    path = folder / "rows.parquet"
    pq.write_table(table, path)
    return path


def _array(values: Data, folder: Path) -> Path:
    import numpy as np

    try:
        array = np.asarray(values)
    except ValueError as error:
        raise UsageError(f"the inputs do not form an array: {error}", hint="use one shape for all samples") from error
    if array.dtype.hasobject or not array.shape:
        raise UsageError(
            f"predict needs paths, rows, a DataFrame or arrays, got {type(values).__name__}",
            hint="pass rows as a list of mappings: [{'age': 31, 'town': 'Oslo'}]",
        )
    path = folder / "x.npy"
    np.save(path, array)
    return path


def _arrays(arrays: Mapping[str, Data], folder: Path) -> Path:
    path = folder / "x.npz"
    save_npz(str(path), arrays)
    return path


def _files(names: list[str | Path], folder: Path) -> tuple[Path, tuple[str, ...]]:
    """Links to the files in their order; texts that are no files are written as such."""
    paths = [Path(name) for name in names]
    missing = [path for path in paths if not _exists(path)]
    digits = len(str(len(names)))
    if len(missing) == len(paths) and not any(isinstance(name, Path) for name in names):
        for number, text in enumerate(names):
            (folder / f"{number:0{digits}}.txt").write_text(str(text), encoding="utf-8")
        return folder, ()
    if missing:
        raise UsageError(f"{missing[0]} does not exist")
    for number, path in enumerate(paths):
        (folder / f"{number:0{digits}}{path.suffix}").symlink_to(path.absolute())
    return folder, tuple(map(str, paths))


def _exists(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a text that is longer than any path
        return False
