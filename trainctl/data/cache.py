"""`data.cache`: samples that are read or computed once, and then kept in memory or in files."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from trainctl.aliases import Array, Data, Tensors
from trainctl.backend import tf
from trainctl.components.dataset import Changed, Rows, Samples, read, stretches, values
from trainctl.data.mapping import Chain
from trainctl.data.profile import chunks
from trainctl.data.split import Splits, each_split
from trainctl.errors import DataError
from trainctl.events import Decision
from trainctl.text import format_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trainctl.config.experiment import DataSection

SMALL = 128 * 2**20
"""Bytes up to which a part is small."""

_BATCH = 256
_SHARE = 4
_UNKNOWN = 2 * 2**30  # bytes taken to be free where no one tells


def cached(splits: Splits, change: Chain, section: DataSection) -> tuple[Splits, Chain]:
    """Return the splits with the layers of `data.map` applied and all samples kept, and what is left to apply.

    Files lie in a temporary folder (`TMPDIR`) until the program ends. Text is kept in memory in any case.

    Raises:
        DataError: There is no room for them.
    """
    if section.cache in {None, "none"}:
        return splits, change
    try:
        folder = _folder() if section.cache == "disk" else None
        train, validation, test = (
            None if part is None else _kept_samples(part, change, folder, name)
            for part, name in ((splits.train, "train"), (splits.validation, "validation"), (splits.test, "test"))
        )
    except OSError as error:
        raise DataError(
            f"cannot write the cache: {error.strerror or error}",
            hint="free some space, set TMPDIR to another folder, or remove cache",
        ) from error
    left = Chain((), change.shape, change.dtype, after=change.after)
    return Splits(train or splits.train, validation, test), left


def remembered(splits: Splits, section: DataSection) -> tuple[Splits, Decision | None]:
    """Return the splits, what is decoded kept in memory once it was read where the experiment leaves that open, and why.

    `None` where nothing is decoded. The batches are those that would be read each time: a cache knows no order.
    """
    parts = filter(None, (splits.train, splits.validation, splits.test))
    decoded = [each for part in parts for _, rows in values(part) for each in _decoded(rows)]
    if section.cache is not None or not decoded:
        return splits, None
    needed, free = sum(int(np.prod(each.shape)) * each.dtype.itemsize for each in decoded), free_memory()
    size = format_bytes(needed)
    if needed > free // _SHARE:
        return splits, Decision(
            "none", f"the samples take {size}, more than a quarter of the {format_bytes(free)} free"
        )
    return each_split(splits, _remembered_samples), Decision(
        "memory", f"each file is decoded once; the samples take {size}"
    )


def _decoded(rows: Data) -> Iterator[Rows]:
    """Yield what is decoded of a value, before any change of it."""
    if isinstance(rows, Mapping):
        for each in rows.values():
            yield from _decoded(each)
    elif isinstance(rows, Changed):
        yield from _decoded(rows.rows)
    elif isinstance(rows, Rows) and rows.is_decoded and None not in rows.shape:
        yield rows


def _remembered_samples(samples: Samples) -> Samples:
    def kept(rows: Data) -> Data:
        if isinstance(rows, Mapping):
            return {name: kept(each) for name, each in rows.items()}
        if isinstance(rows, Changed):
            return rows.over(kept(rows.rows))
        return rows if next(_decoded(rows), None) is None else Remembered(rows)

    return replace(samples, x=kept(samples.x), y=kept(samples.y))


class Remembered(Rows):
    """Other rows, each kept in memory once it was read. Several threads may read at once.

    Args:
        rows: The others, of one shape.
    """

    def __init__(self, rows: Rows) -> None:
        super().__init__(rows.shape, rows.dtype.name)
        self._rows = rows
        self._kept = np.empty(rows.shape, rows.dtype)  # takes memory only as it is filled
        self._is_kept = np.zeros(len(rows), bool)

    def __getitem__(self, indices: NDArray[np.int64]) -> Array:
        missing = indices[~self._is_kept[indices]]
        if len(missing):
            self._kept[missing] = self._rows[missing]
            self._is_kept[missing] = True  # only now: another thread may look
        found: Array = self._kept[indices]
        return found


def free_memory() -> int:
    """Return how many bytes programs may still take: what Linux says, within the limit of a container."""
    try:
        lines = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines())
        free = int(lines["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return _half_of_all()
    with suppress(OSError, ValueError):  # "max": no limit
        limit, used = (
            int(Path(f"/sys/fs/cgroup/memory.{name}").read_text(encoding="ascii")) for name in ("max", "current")
        )
        free = min(free, max(0, limit - used))
    return free


def _half_of_all() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    except (AttributeError, OSError, ValueError):
        return _UNKNOWN


def with_small_parts_in_memory(splits: Splits) -> Splits:
    """The splits, those to validate and test on in memory where they are a small part of data that is read in blocks.

    To read them again after each epoch would mean to go through all of the data for them.
    """
    train, validation, test = splits.train, splits.validation, splits.test
    return Splits(train, validation and _small_in_memory(validation), test and _small_in_memory(test))


def _small_in_memory(samples: Samples) -> Samples:
    if stretches(samples.y) is None or _bytes(samples) > SMALL:
        return samples
    rows = [each for _, each in values(samples)]  # by number: an input may be called as an output is
    arrays: dict[str, list[Array]] = {str(number): [] for number in range(len(rows))}
    for part in chunks(dict(zip(arrays, rows, strict=True))):
        for name, array in part.items():
            arrays[name].append(array)
    whole = iter([np.concatenate(pieces) for pieces in arrays.values()])

    def taken(rows: Data) -> Data:
        return {name: next(whole) for name in rows} if isinstance(rows, Mapping) else next(whole)

    return Samples(taken(samples.x), taken(samples.y), None if samples.weight is None else next(whole))


def _bytes(samples: Samples) -> int:
    each = [
        int(np.prod([size or 1 for size in rows.shape[1:]])) * (rows.dtype.itemsize if rows.dtype != object else 64)
        for _, rows in values(samples)
    ]
    return len(samples) * sum(each)


def _kept_samples(samples: Samples, change: Chain, folder: Path | None, name: str) -> Samples:
    unchanged = Chain()
    return Samples(
        _kept(samples.x, change, folder, f"{name}-x"),
        _moved_labels(samples, change) if change.moves_labels else _kept(samples.y, unchanged, None, ""),
        None if samples.weight is None else _kept(samples.weight, unchanged, None, ""),
    )


def _moved_labels(samples: Samples, change: Chain) -> Data:
    """Return the labels as they move with the inputs, in memory."""

    def labels(x: tf.Tensor, y: Tensors) -> Tensors:
        return change.both(x, y)[1]

    in_graph, pieces = tf.function(labels, reduce_retracing=True), list[Tensors]()
    for begin in range(0, len(samples), _BATCH):
        chosen = np.arange(begin, min(begin + _BATCH, len(samples)))
        x, y = read(samples.x, chosen), read(samples.y, chosen)
        pieces.append(tf.nest.map_structure(np.asarray, in_graph(x, y)))
    return tf.nest.map_structure(lambda *each: np.concatenate(each), *pieces)


def _kept(rows: Data, change: Chain, folder: Path | None, name: str) -> Data:
    """Return an array in memory, or mapped to a file in `folder`."""
    if isinstance(rows, Mapping):
        return {key: _kept(each, change, folder, f"{name}-{number}") for number, (key, each) in enumerate(rows.items())}
    if None in (rows.shape if not change else change.shape or ()):
        if not change:
            return rows  # in memory already
        raise DataError(
            "the samples after map differ in length, and cannot be cached", hint="remove cache", path="data.cache"
        )
    pieces = _pieces(rows, change)
    if folder is None or rows.dtype == object:
        return np.concatenate(list(pieces))
    path, count = folder / name, 0
    with path.open("wb") as out:
        for piece in pieces:
            piece.tofile(out)
            shape, dtype, count = piece.shape[1:], piece.dtype, count + len(piece)
    return np.memmap(path, dtype, "r", shape=(count, *shape))


def _pieces(rows: Data, change: Chain) -> Iterator[Array]:
    def changed(piece: tf.Tensor) -> tf.Tensor:
        return change(piece)

    in_graph = tf.function(changed, reduce_retracing=True)  # as in a pipeline: outside of one Resizing rounds bytes
    for chunk in chunks(rows):
        for begin in range(0, len(chunk), _BATCH if change else len(chunk)):
            piece = chunk[begin : begin + _BATCH] if change else chunk
            yield np.ascontiguousarray(in_graph(tf.constant(piece)) if change else piece)


def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="trainctl-cache-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
