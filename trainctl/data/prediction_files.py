"""Files of predictions, written part by part, so that they may be larger than memory: .csv, .jsonl, .parquet, .npy, .npz."""

from __future__ import annotations

import csv
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

import numpy as np

from trainctl.aliases import Array, ArrowData, Value
from trainctl.data.predictions import Cell, Predictions, as_text
from trainctl.errors import DataError, RunDirError, UsageError
from trainctl.files import replacing
from trainctl.strict_json import to_json


@dataclass(frozen=True, slots=True)
class Part:
    """Some predictions.

    Args:
        predictions: What the model says.
        columns: Columns of the input to carry along, Arrow arrays (samples,).
    """

    predictions: Predictions
    columns: Mapping[str, ArrowData]

    def rows(self, shown: Callable[[tuple[Cell, ...]], Iterable[Cell]] = iter) -> Iterator[tuple[Value, ...]]:
        """Yield a head and a row for each sample: what is carried along, then the prediction.

        Args:
            shown: How the cells of a prediction are written.
        """
        said = self.predictions.rows()
        head = next(said)
        carried = {name: column for name, column in self.columns.items() if name not in head}
        yield (*carried, *head)
        if not carried:
            yield from (tuple(shown(row)) for row in said)
            return
        yield from ((*cells, *shown(row)) for cells, row in zip(_cells(carried), said, strict=True))


def _cells(columns: Mapping[str, ArrowData]) -> Iterator[tuple[Value, ...]]:
    return zip(*(column.to_pylist() for column in columns.values()), strict=True)


class Writer(Protocol):
    """Writes predictions part by part."""

    def add(self, part: Part) -> None:
        """Write a part."""

    def close(self) -> None:
        """Write what is left."""


@contextmanager
def written_to(output: Path) -> Iterator[Writer]:
    """Write a file by its ending inside; it is there whole at the end, or not at all.

    Raises:
        RunDirError: The file cannot be written.
    """
    kinds = {".csv": CsvWriter, ".jsonl": JsonWriter, ".parquet": ParquetWriter, ".npy": NpyWriter, ".npz": NpzWriter}
    try:
        with replacing(output) as aside, ExitStack() as stack:
            kind = kinds[output.suffix.lower()]
            if kind in {CsvWriter, JsonWriter}:
                stream = stack.enter_context(Path(aside).open("w", encoding="utf-8", newline=""))
                writer: Writer = CsvWriter(stream) if kind is CsvWriter else JsonWriter(stream)
            else:
                writer = stack.enter_context(kind(Path(aside)))
            yield writer
            writer.close()
    except OSError as error:
        raise RunDirError(f"cannot write {output}: {error.strerror or error}") from None


class CsvWriter:
    """Rows as CSV with a header; numbers of predictions to six digits, cells of the input as they are.

    Args:
        stream: Where to.
    """

    def __init__(self, stream: IO[str]) -> None:
        self._writer = csv.writer(stream, lineterminator="\n")
        self._is_headed = False

    def add(self, part: Part) -> None:
        """Write a part."""
        rows = part.rows(as_text)
        head = next(rows)
        if not self._is_headed:
            self._is_headed = True
            self._writer.writerow(head)
        self._writer.writerows(rows)

    def close(self) -> None:
        """Nothing is left."""


class JsonWriter:
    """Rows as JSON lines.

    Args:
        stream: Where to.
    """

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def add(self, part: Part) -> None:
        """Write a part."""
        head, *rows = part.rows()
        self._stream.writelines(f"{to_json(dict(zip(head, row, strict=True)))}\n" for row in rows)

    def close(self) -> None:
        """Nothing is left."""


class ParquetWriter:
    """Rows as a Parquet file, a row group for each part.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: ArrowData = None

    def __enter__(self) -> ParquetWriter:
        return self

    def __exit__(self, *_: Value) -> None:
        if self._writer is not None:
            self._writer.close()

    def add(self, part: Part) -> None:
        """Write a part.

        Raises:
            DataError: A column is of another type than before, as rows of JSON may have it.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        head, *rows = Part(part.predictions, {}).rows()
        said = {name: pa.array(column) for name, column in zip(head, zip(*rows, strict=True), strict=True)}
        carried = {  # a column that is empty at first may hold anything later
            name: column.cast(pa.string()) if pa.types.is_null(column.type) else column
            for name, column in part.columns.items()
            if name not in said
        }
        table = pa.table({**carried, **said})
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, table.schema)
        try:
            table = table.cast(self._writer.schema)
        except pa.ArrowInvalid as error:
            raise DataError(
                f"a column of a .parquet has one type, but that of the input has several: {error}",
                hint="write a .jsonl or .csv, or omit the column with --columns",
            ) from error
        self._writer.write_table(table)

    def close(self) -> None:
        """Write the end of the file."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None


class _Arrays:
    """The raw outputs, by name; kept in files until their number is known.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stack = ExitStack()
        self._raw: dict[str, tuple[IO[bytes], Array]] = {}
        self._count = 0

    def __enter__(self) -> _Arrays:
        return self

    def __exit__(self, *_: Value) -> None:
        self._stack.close()

    def add(self, part: Part) -> None:
        """Write a part."""
        values = part.predictions.values
        for name, each in (values if isinstance(values, Mapping) else {"output": values}).items():
            array = np.ascontiguousarray(each)
            if name not in self._raw:
                raw = self._stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  # the stack closes it
                self._raw[name] = (raw, array[:0])
            self._raw[name][0].write(array.tobytes())
        self._count += len(part.predictions)

    def write_into(self, name: str, out: IO[bytes]) -> None:
        """Write an output as a .npy."""
        raw, empty = self._raw[name]
        shape = (self._count, *empty.shape[1:])
        head = {"descr": np.lib.format.dtype_to_descr(empty.dtype), "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(out, head)
        raw.seek(0)
        shutil.copyfileobj(raw, out)

    @property
    def names(self) -> tuple[str, ...]:
        """The outputs."""
        return tuple(self._raw)


class NpyWriter(_Arrays):
    """The raw output of a model that has one."""

    def close(self) -> None:
        """Write the file."""
        if len(self.names) > 1:
            raise UsageError("a .npy holds one array, but the model has several outputs", hint="write a .npz")
        with self.path.open("wb") as out:
            for name in self.names:
                self.write_into(name, out)


class NpzWriter(_Arrays):
    """The raw outputs, each under its name."""

    def close(self) -> None:
        """Write the file."""
        with zipfile.ZipFile(self.path, "w") as archive:
            for name in self.names:
                with archive.open(f"{name}.npy", "w", force_zip64=True) as out:
                    self.write_into(name, out)


def whole(parts: Iterator[Part]) -> list[dict[str, Value]]:
    """Return all rows, each as a mapping of the heads to its cells."""
    found: list[dict[str, Value]] = []
    for part in parts:
        head, *rows = part.rows()
        found += [dict(zip(head, row, strict=True)) for row in rows]
    return found
