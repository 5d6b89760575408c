"""Pickled arrays of published data sets, read without running what a pickle may hold."""

from __future__ import annotations

import pickle
from typing import IO, Any

from trainctl.aliases import Array

_ALLOWED = frozenset(
    {
        ("numpy", "ndarray"),
        ("numpy", "dtype"),
        ("numpy.core.multiarray", "_reconstruct"),
        ("numpy._core.multiarray", "_reconstruct"),
    }
)


class _ArraysOnly(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} is not an array")
        return super().find_class(module, name)


def read_pickle(file: IO[bytes]) -> Any:
    """Return what the pickle holds: arrays, numbers, text, lists and mappings.

    Raises:
        pickle.UnpicklingError: It holds anything else.
    """
    return _ArraysOnly(file, encoding="bytes").load()


def read_object_array(file: IO[bytes]) -> Array:
    """Return an .npy file of Python lists of numbers, which NumPy can only store pickled.

    Raises:
        pickle.UnpicklingError: It holds anything else.
    """
    from numpy.lib import format as npy

    version = npy.read_magic(file)
    (npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0)(file)
    array: Array = read_pickle(file)
    return array
