"""NumPy arrays in files: large ones stay there, mapped into memory; pickled ones are refused."""

from __future__ import annotations

import zipfile
import zlib
from tokenize import TokenError
from typing import TYPE_CHECKING, Any

from trainctl.aliases import Array, Data
from trainctl.errors import DataError
from trainctl.sources.files.array_heads import SAVE_NPY, npy_head
from trainctl.sources.reading.inputs import shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


MAPPED_FROM = 256 * 2**20
"""Bytes from which on an array stays in its file."""

DAMAGED = (zipfile.BadZipFile, zlib.error, OSError, EOFError, TokenError)
"""What NumPy raises for an .npz file that is cut short or holds other bytes than were written."""

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


def read_npy(path: Path, *, mapped: bool) -> Array:
    """Return the array of an .npy file; where it may be `mapped` and is large, it stays in the file.

    Raises:
        DataError: It is not an .npy file, or pickled.
    """
    import numpy as np

    npy_head(path)
    try:
        if mapped and path.stat().st_size >= MAPPED_FROM:
            with path.open("rb") as file:
                found = _mapped(path, file)
            if found is not None:
                return found
        array: Array = np.load(path, allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise DataError(f"{shown(path)} is not an .npy file", hint=SAVE_NPY) from error
    return array


def save_npz(path: str, arrays: Mapping[str, Data]) -> None:
    """Write arrays as numpy.savez does, which takes no array that is called as one of its own arguments: `file`."""
    import numpy as np

    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)


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
