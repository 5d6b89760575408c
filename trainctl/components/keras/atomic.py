"""Saving a Keras file so that a kill at any instant leaves the old one or the new one, never half."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from trainctl.files import replacing


def saved_atomically(path: Path, save: Callable[[str], object]) -> None:
    """Have `save` write under another name in the same folder, then rename it to `path`.

    Args:
        path: The final place; missing folders are made.
        save: Keras's `model.save` or `model.save_weights`; the temporary name keeps the suffix it decides by.

    Raises:
        OSError: The disk is full, or the folder cannot be written; what was at `path` is left as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as aside:
        save(str(aside))
