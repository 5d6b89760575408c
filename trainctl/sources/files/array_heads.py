"""The heads of NumPy arrays in files: shape and type, read without NumPy and without the numbers."""

from __future__ import annotations

import ast
import math
import re
import zipfile
import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from trainctl.errors import DataError
from trainctl.sources.reading.inputs import shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trainctl.aliases import Value

PICKLED = "pickled objects can run code and are never loaded; convert the array and save it again"
"""What to do about an array of Python objects."""

SAVE_NPY = "write one with numpy.save(path, array)"
"""What to do about a file that is no array."""

_MAGIC = b"\x93NUMPY"
_TYPE = re.compile(r"[|<>=]?([a-zA-Z])([0-9]{1,9})(?:\[\w+\])?")
_TRUNCATED = 64 * 2**20  # bytes that may be asked for in vain
_LONGEST = 1 << 16  # bytes of a head; NumPy itself refuses more than 10,000
_UNREADABLE = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError)
"""What a ZIP file raises that is damaged, encrypted, or packed in an unknown way."""


@dataclass(frozen=True, slots=True)
class ArrayHead:
    """What the head of an array says.

    Args:
        shape: Its shape.
        item_bytes: Bytes of one of its items, as far as its type tells.
        is_pickled: Whether it holds Python objects.
    """

    shape: tuple[int, ...]
    item_bytes: int
    is_pickled: bool

    @property
    def is_empty(self) -> bool:
        """Whether it holds no samples, or is a single number."""
        return not self.shape or 0 in self.shape


def head_of(content: IO[bytes]) -> ArrayHead | None:
    """Return the head of the array that begins here; `None` if none does."""
    start = content.read(len(_MAGIC) + 2)
    if start[: len(_MAGIC)] != _MAGIC or len(start) < len(_MAGIC) + 2:
        return None
    length = int.from_bytes(content.read(2 if start[len(_MAGIC)] == 1 else 4), "little")
    text = content.read(min(length, _LONGEST)).decode("utf-8", "replace")
    try:
        said = ast.literal_eval(text.strip())
        shape, kind = tuple(said["shape"]), said["descr"]
    except (ValueError, SyntaxError, KeyError, TypeError, MemoryError, RecursionError):
        return None
    if not all(isinstance(size, int) for size in shape):
        return None
    return ArrayHead(shape, _item_bytes(kind), _holds_objects(kind))


def _item_bytes(kind: Value) -> int:
    """Return the bytes of one item of a type as NumPy writes it: 8 of `<f8`, 12 of `<U3`; 0 of records."""
    size = _TYPE.fullmatch(kind) if isinstance(kind, str) else None
    return int(size[2]) * (4 if size[1] == "U" else 1) if size else 0


def _holds_objects(kind: Value) -> bool:
    """Return whether a type, as NumPy writes it, is of objects, or a record with such a field."""
    if isinstance(kind, str):
        return kind.lstrip("|<>=").startswith("O")
    return isinstance(kind, list) and any(_holds_objects(field[1]) for field in kind if len(field) > 1)


def npy_head(path: Path, field: str = "path") -> ArrayHead:
    """Return the head of an .npy file.

    Args:
        path: A regular file.
        field: The argument of the data source that names it.

    Raises:
        DataError: It is not an .npy file, or pickled, or claims more than it holds.
    """
    with path.open("rb") as content:
        head = head_of(content)
    if head is None:
        raise DataError(f"{shown(path)} is not an .npy file", hint=SAVE_NPY, field=field)
    if head.is_pickled:
        raise DataError(f"{shown(path)} is pickled, not an array of numbers or text", hint=PICKLED, field=field)
    _require_whole(head, path.stat().st_size, shown(path), field)
    return head


def _require_whole(head: ArrayHead | None, size: int, name: str, field: str = "path") -> None:
    """Refuse an array that claims more than its file holds, before memory for it is asked for."""
    claimed = 0 if head is None or head.is_pickled else math.prod(head.shape) * head.item_bytes
    if claimed > size + _TRUNCATED:  # a smaller lie is found out when it is read
        raise DataError(
            f"{name} is damaged: its header announces {claimed:,} bytes, but it holds {size:,}", field=field
        )


def heads_of(path: Path, remedy: str) -> Mapping[str, ArrayHead | None]:
    """Return the head of each array of an .npz file by its name; `None` for a member that is no array.

    Args:
        path: A regular file.
        remedy: What to do where it is none.

    Raises:
        DataError: It is not a ZIP file, or damaged, or an array claims more than the file holds.
    """
    if not zipfile.is_zipfile(path):
        raise DataError(f"{shown(path)} is not an NPZ file", hint=remedy)
    heads = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                name = member.filename.removesuffix(".npy")
                with archive.open(member) as content:
                    heads[name] = head_of(content)
                _require_whole(heads[name], member.file_size, f"{shown(path)}: {name!r}")
    except _UNREADABLE as error:
        raise DataError(f"{shown(path)} is damaged: {error}", hint=remedy) from error
    return heads
