"""NumPy arrays in files: large ones stay there, mapped into memory; pickled ones are refused."""

from __future__ import annotations

import math
import zipfile
import zlib
from tokenize import TokenError
from typing import IO, TYPE_CHECKING, Any

from trainctl.aliases import Array
from trainctl.errors import DataError
from trainctl.sources.reading.inputs import shown

if TYPE_CHECKING:
    from pathlib import Path


MAPPED_FROM = 256 * 2**20
"""Bytes from which on an array stays in its file."""

DAMAGED = (zipfile.BadZipFile, zlib.error, OSError, EOFError, TokenError)
"""What NumPy raises for an .npz file that is cut short or holds other bytes than were written."""

_TRUNCATED = 64 * 2**20  # bytes that may be asked for in vain

_LOCAL_HEADER = 30  # bytes of a ZIP member's own header, before its name and its extra field


def mapped_member(path: Path, name: str) -> Array | None:
    """Map the array `name` of an .npz file; `None` if it is small, compressed or of objects, and must be loaded."""
    with zipfile.ZipFile(path) as archive:
        member = archive.getinfo(name if name in archive.namelist() else f"{name}.npy")  # NumPy takes either
        if member.compress_type != zipfile.ZIP_STORED or member.file_size < MAPPED_FROM:
            return None
    with path.open("rb") as file:
        file.seek(member.header_offset + _LOCAL_HEADER - 4)
        lengths = file.read(4)
        file.seek(int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little"), 1)
        return _mapped(path, file)


def require_whole(path: Path, key: str | None = None) -> None:
    """Refuse an array that claims more than its file holds, before memory for it is asked for.

    Args:
        path: An .npy file, or an .npz file.
        key: The array in the .npz file.

    Raises:
        DataError: It does.
    """
    if key is None:
        with path.open("rb") as file:
            _require_size(file, path.stat().st_size, shown(path))
        return
    with zipfile.ZipFile(path) as archive:
        member = archive.getinfo(key if key in archive.namelist() else f"{key}.npy")
        with archive.open(member) as content:
            _require_size(content, member.file_size, f"{shown(path)}: {key!r}")


def _require_size(file: IO[bytes], size: int, name: str) -> None:
    from numpy.lib import format as npy

    try:
        version = npy.read_magic(file)
        read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, _, dtype = read(file)
    except ValueError:
        return  # what is wrong is reported where it is read
    claimed = math.prod(shape) * dtype.itemsize
    if not dtype.hasobject and claimed > size + _TRUNCATED:  # a smaller lie is found out when it is read
        raise DataError(f"{name} is damaged: its header announces {claimed:,} bytes, but it holds {size:,}")


def read_npy(path: Path, *, mapped: bool) -> Array:
    """Return the array of an .npy file; where it may be `mapped` and is large, it stays in the file.

    Raises:
        DataError: It is not an .npy file, or pickled.
    """
    import numpy as np

    try:
        if mapped and path.stat().st_size >= MAPPED_FROM:
            with path.open("rb") as file:
                found = _mapped(path, file)
            if found is not None:
                return found
        require_whole(path)
        array: Array = np.load(path, allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        pickled = "allow_pickle" in str(error) and _is_npy(path)
        what = "is pickled, not an array of numbers or text" if pickled else "is not an .npy file"
        raise DataError(f"{shown(path)} {what}", hint="write one with numpy.save(path, array)") from error
    return array


def _is_npy(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(6) == b"\x93NUMPY"


def _mapped(path: Path, file: Any) -> Array | None:
    """Return the array whose .npy header begins here; `None` if it is one of objects."""
    import numpy as np
    from numpy.lib import format as npy

    version = npy.read_magic(file)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, fortran, dtype = read(file)
    if dtype.hasobject or not shape:
        return None
    return np.memmap(path, dtype, "r", file.tell(), shape, "F" if fortran else "C")
