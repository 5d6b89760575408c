"""The values of a table's labeled rows, whole or a block at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from trainctl.aliases import Array, Data
from trainctl.components.dataset import ColumnKind, Samples
from trainctl.errors import DataError
from trainctl.sources.reading.blocks import BlockRows, Blocks
from trainctl.sources.reading.targets import Table
from trainctl.sources.table.columns import require, values

DECLARE = "list it under missing:, or declare the column categorical under features:"

WEIGHT, LABEL = "(weight)", "(label)"  # beside the columns' own names


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which columns are read, and for what.

    Args:
        features: The columns to learn from.
        labels: The columns to predict.
        weight: The column that says how much each row counts.
        extra: Further columns, to split by.
    """

    features: tuple[str, ...]
    labels: tuple[str, ...]
    weight: str | None
    extra: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """All of them, each once."""
        weight = () if self.weight is None else (self.weight,)
        return tuple(dict.fromkeys((*self.features, *self.labels, *weight, *self.extra)))


def labeled_values(table: Table, wanted: Wanted, kinds: Mapping[str, ColumnKind], rows: Array) -> dict[str, Data]:
    """The values of features and further columns in the labeled rows, and the weights."""
    arrays = {}
    for name, kind in kinds.items():
        require(table.columns[name], name, kind, table.place, DECLARE)
        arrays[name] = values(table.columns[name], name, kind, table.place)[rows]
    if wanted.weight is not None:
        arrays[WEIGHT] = _weights(table, wanted.weight, kinds[wanted.weight], rows)
    return arrays


def _weights(table: Table, name: str, kind: ColumnKind, rows: Array) -> Array:
    """How much each labeled row counts, float32.

    Raises:
        DataError: A weight is missing, negative or no number; names its place.
    """
    import numpy as np

    if kind not in {ColumnKind.NUMERIC, ColumnKind.BOOLEAN}:
        raise DataError(f"column {name!r} (data: sample_weight) is {kind}, not numbers", hint="name another column")
    weights = values(table.columns[name], name, kind, table.place)
    wrong = np.flatnonzero(rows & ~(weights >= 0))
    if len(wrong):
        row = int(wrong[0])
        what = "is missing" if np.isnan(weights[row]) else f"is {weights[row]:g}"
        raise DataError(
            f"{table.place(row)}: the sample weight in column {name!r} {what}",
            hint="weights must be 0 or more; fill it in",
        )
    chosen: Array = weights[rows].astype(np.float32)
    return chosen


def label_name(output: str) -> str:
    """Return what the labels of an output are called beside the columns of a block."""
    return LABEL if output == "" else f"(label of {output})"


def by_output(labels: Mapping[str, Data]) -> Data:
    """Return the labels of each output, or those of the only one."""
    return labels[""] if "" in labels else dict(labels)


def block_samples(
    blocks: Blocks,
    wanted: Wanted,
    kinds: Mapping[str, ColumnKind],
    outputs: Mapping[str, tuple[str, ...]],
    dtypes: Mapping[str, str],
) -> Samples:
    """The samples of a table that is read in blocks.

    Args:
        blocks: The blocks.
        wanted: Which columns there are.
        kinds: What they hold.
        outputs: The label columns of each output.
        dtypes: The type of the labels of each.
    """

    def column(name: str) -> BlockRows:
        return BlockRows(blocks, name, dtype="object" if kinds[name].is_words else "float64")

    labels = {
        output: BlockRows(blocks, label_name(output), () if len(names) == 1 else (len(names),), dtypes[output])
        for output, names in outputs.items()
    }
    return Samples(
        {name: column(name) for name in wanted.features},
        by_output(labels),
        None if wanted.weight is None else BlockRows(blocks, WEIGHT, dtype="float32"),
        {name: column(name) for name in wanted.extra},
    )
