"""Which file a model or its weights are saved to, and why not to another."""

from __future__ import annotations

import re

_WEIGHTS, _MODEL = ".weights.h5", ".keras"
_OLD = frozenset({"keras", "ckpt", "tf", "hdf5", "weights"})


def wrong_suffix(path: str, *, weights: bool) -> tuple[str, str] | None:
    """Return what is wrong with the suffix of `path`, and the path to write instead; `None` where nothing is.

    Args:
        path: The path, as it is written.
        weights: Whether only the weights are saved there.
    """
    suffix = _WEIGHTS if weights else _MODEL
    if path.endswith(suffix):
        return None
    stem = path.removesuffix(".h5").removesuffix(".weights").rsplit(".", 1)
    base = stem[0] if len(stem) == 2 and stem[1] in _OLD else ".".join(stem)
    what = f"weights must be saved as {_WEIGHTS}" if weights else f"a model must be saved as {_MODEL}"
    if not weights and path.endswith((".h5", ".hdf5")):
        what += " (the old HDF5 format loses the optimizer, and Keras 3 cannot always load it)"
    return f"{what}, got '{path}'", f"{base}{suffix}"


def quoted(path: str) -> str:
    """Return `path` as it may be written anywhere in YAML, also within braces."""
    return f'"{path}"' if re.search(r"[^\w./~-]", path) else path
