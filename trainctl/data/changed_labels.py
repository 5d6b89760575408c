"""Labels with a function over each batch of them, wherever they are: in memory, read on demand, or in blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from trainctl.aliases import Array, Data
from trainctl.components.dataset import Changed, Samples, is_array
from trainctl.data.block_splits import rebound
from trainctl.sources.reading.blocks import Block, BlockRows, Blocks


def labels_by_output(samples: Samples) -> Mapping[str, Data]:
    """The labels of each output; "" is the only one."""
    return samples.y if isinstance(samples.y, Mapping) else {"": samples.y}


def changed_labels(
    samples: Samples, output: str, change: Callable[[Array], Array], shape: tuple[int, ...], dtype: str
) -> Samples:
    """The samples with a function over each batch of the labels of `output`.

    Args:
        samples: The samples.
        output: Whose labels change; "" is the only output.
        change: From labels (b, …) to others.
        shape: Shape of one changed label.
        dtype: Their type.
    """
    rows = labels_by_output(samples)[output]
    if isinstance(rows, BlockRows):
        return _changed_in_blocks(samples, output, rows, change, shape, dtype)
    changed = change(np.asarray(rows)) if is_array(rows) else Changed(rows, change, shape, dtype)
    return replace(samples, y={**samples.y, output: changed} if isinstance(samples.y, Mapping) else changed)


def _changed_in_blocks(
    samples: Samples,
    output: str,
    rows: BlockRows,
    change: Callable[[Array], Array],
    shape: tuple[int, ...],
    dtype: str,
) -> Samples:
    blocks, name = rows.blocks, rows.name

    def load(number: int) -> Block:
        block = blocks[number]
        return {**block, name: change(block[name])}

    changed = Blocks(blocks.sizes, load)
    result, labels = rebound(samples, changed), BlockRows(changed, name, shape, dtype)
    return replace(result, y={**result.y, output: labels} if isinstance(result.y, Mapping) else labels)
