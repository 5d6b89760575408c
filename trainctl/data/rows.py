"""The raw rows of samples, kept beside what an encoder makes of them, so that an evaluation can show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from trainctl.aliases import Array, Value
from trainctl.components.dataset import Samples

NUMBER = "\ue000row"  # a private character, which no column begins with
_RAW = "\ue000raw "


def with_rows(samples: Samples) -> Samples:
    """Return the samples with their numbers (from 0) and, of a table in memory, their raw columns, which splits keep."""
    if not samples.in_memory:
        return samples
    raw = samples.x if isinstance(samples.x, Mapping) else {}
    flat = {f"{_RAW}{name}": each for name, each in raw.items() if each.ndim == 1}
    return replace(samples, extra={**samples.extra, NUMBER: np.arange(len(samples)), **flat})


def numbers_of(samples: Samples) -> Array:
    """Return the number of each sample in its data, int64 (n,); counted within the split where that is not known."""
    found: Array = samples.extra.get(NUMBER, np.arange(len(samples)))
    return found


def columns_of(samples: Samples) -> Mapping[str, Array]:
    """Return the raw columns of the samples, each (n,); none of data that is not a table in memory."""
    return {name.removeprefix(_RAW): each for name, each in samples.extra.items() if name.startswith(_RAW)}


def row_of(samples: Samples, index: int) -> dict[str, Value]:
    """Return the raw cells of a sample by column."""
    cells = {name: column[index] for name, column in columns_of(samples).items()}
    return {name: each.item() if hasattr(each, "item") else each for name, each in cells.items()}
