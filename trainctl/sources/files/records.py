"""TFRecord files: where each record stands, and the examples that records hold."""

from __future__ import annotations

import gzip
import shutil
import struct
import tempfile
import weakref
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trainctl.aliases import Array
from trainctl.components.dataset import Rows
from trainctl.errors import DataError
from trainctl.sources.reading.inputs import shown
from trainctl.text import plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

_HEAD, _TAIL = 12, 4  # bytes around a record: its length and that one's check sum, its own check sum
_GZIP = b"\x1f\x8b\x08"


@dataclass(frozen=True, slots=True)
class Column:
    """A feature of each example.

    Args:
        shape: Shape of one value.
        dtype: `float32`, `int64`, `string`; of what is decoded, the type of the result.
        decode: `image` (PNG, JPEG …), `raw` (bytes of numbers), or `None` for values as they stand there.
    """

    shape: tuple[int, ...]
    dtype: str
    decode: str | None = None


class Records:
    """The records of files, found by their lengths alone. Compressed files are unpacked beside, for as long as this lives.

    Raises:
        DataError: A file is no TFRecord file, is damaged or cut short, or cannot be unpacked.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        import numpy as np

        self._named = tuple(files)
        scratch = tempfile.mkdtemp(prefix="trainctl-tfrecord-")
        weakref.finalize(self, shutil.rmtree, scratch, ignore_errors=True)
        self._files = [_plain(file, Path(scratch, str(number))) for number, file in enumerate(files)]
        begins = [_begins(file, shown(named)) for file, named in zip(self._files, files, strict=True)]
        self.file: NDArray[np.int32] = np.repeat(np.arange(len(files), dtype=np.int32), [len(each) for each in begins])
        self.begin: NDArray[np.int64] = np.concatenate(begins) if begins else np.zeros(0, np.int64)
        self._first: NDArray[np.int64] = np.cumsum([0, *map(len, begins)])

    def __len__(self) -> int:
        return len(self.begin)

    def __getitem__(self, index: int) -> bytes:
        with self._files[int(self.file[index])].open("rb") as file:
            file.seek(int(self.begin[index]))
            (length,) = struct.unpack("<Q", file.read(8))
            file.seek(4, 1)
            return file.read(length)

    def place(self, index: int) -> str:
        """Return where record `index` stands: `train.tfrecord, record 17`, records counted from 1."""
        number = int(self.file[index])
        return f"{shown(self._named[number])}, record {index - int(self._first[number]) + 1}"


def _plain(path: Path, unpacked: Path) -> Path:
    """Return the file, or a gzip file unpacked into `unpacked`, since records are read in any order."""
    with path.open("rb") as file:
        if file.read(len(_GZIP)) != _GZIP:
            return path
    try:
        with gzip.open(path) as content, unpacked.open("wb") as copy:
            shutil.copyfileobj(content, copy, 2**20)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(
            f"{shown(path)} is truncated or damaged: {error}", hint="check that the file is complete"
        ) from None
    return unpacked


def _begins(path: Path, name: str) -> NDArray[np.int64]:
    """Return where each record of `path` begins; `name` is the file's in messages."""
    import numpy as np

    return np.fromiter(_places(path, name), np.int64)


def _places(path: Path, name: str) -> Iterator[int]:
    """Yield where each record of `path` begins, in bytes."""
    place, size, count = 0, path.stat().st_size, 0
    with path.open("rb") as file:
        while place < size:
            file.seek(place)
            head = file.read(8)
            length = struct.unpack("<Q", head)[0] if len(head) == 8 else size
            end = place + _HEAD + length + _TAIL
            if end > size:
                raise DataError(
                    f"{name} is truncated, or not a TFRecord file, after {count:,} records",
                    hint="check that it is a complete TFRecord file, plain or compressed with gzip",
                )
            yield place
            place, count = end, count + 1


def look_at_records(files: Sequence[Path]) -> None:
    """See that the first of the files that is not empty begins with a record; one that is compressed is believed.

    Raises:
        DataError: It does not, or all are empty.
    """
    if not any(map(_has_records, files)):
        raise no_records(files[0])


def _has_records(file: Path) -> bool:
    with file.open("rb") as content:
        is_compressed = content.read(len(_GZIP)) == _GZIP
    return is_compressed or next(_places(file, shown(file)), None) is not None


def no_records(file: Path) -> DataError:
    """Return the error for a file without records."""
    return DataError(f"{shown(file)} holds no records", hint="there is nothing to train on")


class Examples(Rows):
    """One feature of all records, parsed on demand.

    Args:
        records: The records.
        name: The feature's name.
        column: What it holds.
    """

    def __init__(self, records: Records, name: str, column: Column) -> None:
        dtype = "object" if column.dtype == "string" else column.dtype
        super().__init__((len(records), *column.shape), dtype)
        self._records, self._name, self._column = records, name, column

    def __getitem__(self, indices: NDArray[np.int64]) -> Array:
        import tensorflow as tf

        serialized = [self._records[int(index)] for index in indices]
        with tf.device("CPU"):
            try:
                return _parsed(serialized, self._name, self._column)
            except (tf.errors.OpError, ValueError) as error:
                raise self._read_error(indices) from error

    def _read_error(self, indices: NDArray[np.int64]) -> DataError:
        """Return what is wrong with the first record that cannot be parsed."""
        import tensorflow as tf

        wrong = int(indices[0])
        for index in map(int, indices):
            try:
                _parsed([self._records[index]], self._name, self._column)
            except (tf.errors.OpError, ValueError):
                wrong = index
                break
        held = _held(self._records[wrong])
        said = f"it holds {held[self._name]}" if self._name in held else f"it has {', '.join(held) or 'no features'}"
        return DataError(
            f"{self._records.place(wrong)}: feature {self._name!r} is not {self._column.dtype} of shape "
            f"{self._column.shape}; {said}",
            hint="describe it under features",
        )


def _parsed(serialized: list[bytes], name: str, column: Column) -> Array:
    import numpy as np
    import tensorflow as tf

    stored = column.shape if column.decode is None else ()
    kind = tf.string if column.decode else tf.as_dtype(column.dtype)
    values = tf.io.parse_example(serialized, {name: tf.io.FixedLenFeature(stored, kind)})[name]
    if column.decode == "raw":
        values = tf.reshape(tf.io.decode_raw(values, tf.as_dtype(column.dtype)), (-1, *column.shape))
    elif column.decode == "image":
        images = [
            tf.image.resize(tf.io.decode_image(each, column.shape[-1], expand_animations=False), column.shape[:2])
            for each in values
        ]
        values = tf.cast(tf.round(tf.stack(images)), column.dtype)
    if column.dtype != "string":
        result: Array = values.numpy()
        return result
    texts: Array = values.numpy()
    decoded: Array = np.vectorize(lambda each: each.decode("utf-8", "replace"), otypes=[object])(texts)
    return decoded


def _held(serialized: bytes) -> Mapping[str, str]:
    """Return what an example holds: each feature's type and number of values."""
    import tensorflow as tf

    try:
        features = tf.train.Example.FromString(serialized).features.feature
    except Exception:  # noqa: BLE001  # protobuf raises a class of its own in each of its implementations
        return {}
    kinds = {"bytes_list": "text or bytes", "float_list": "float32", "int64_list": "int64"}
    found = {}
    for name, feature in features.items():
        kind = feature.WhichOneof("kind")
        count = len(getattr(feature, kind).value) if kind else 0
        found[name] = f"{plural(count, 'value')} of {kinds.get(kind, 'nothing')}"
    return found
