"""Files that are replaced whole, so that a kill at any instant leaves the old one or the new one, never half."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Where to write what then takes the place of `path`; where writing fails, what was at `path` stays.

    It lies in the same folder, and ends as `path` does, since some decide by that what to write.
    """
    aside = path.with_name(f".saving-{path.name}")
    try:
        yield aside
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
