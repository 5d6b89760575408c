"""The splits of a table as the model takes them: one feature vector a row, or the columns that the model names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from trainctl.aliases import Array
from trainctl.components.dataset import Dataset, Samples, stretches
from trainctl.components.labels import Labels
from trainctl.data import block_splits
from trainctl.data.category_table import CategoryTable
from trainctl.data.encoder import MAX_CATEGORIES, TableEncoder
from trainctl.data.profile import Profile
from trainctl.data.split import Splits, each_split
from trainctl.data.taken import tell_gaps
from trainctl.errors import DataError
from trainctl.events import Notice
from trainctl.text import one_of

if TYPE_CHECKING:
    from trainctl.components.context import DataContext


def require_encodable(dataset: Dataset, labels: Labels, inputs: Mapping[str, str]) -> None:
    """See that nothing is said of columns that are not encoded, and that there is one label to encode by.

    Raises:
        DataError: An option has no effect, or no meaning.
    """
    encoded = [name for name, options in dataset.options.items() if str(options)]
    if encoded and any(taken in dataset.columns for taken in inputs.values()):
        raise DataError(
            f"the options of {one_of(map(repr, encoded), 'and')} have no effect: columns that the model names as its inputs are "
            "not encoded",
            hint="remove model.inputs, or the options under features",
            field="features",
        )
    by_label = [name for name, options in dataset.options.items() if options.encode == "target"]
    only = labels.only
    if by_label and (only is None or len(only.shape) > 1):
        what = f"the outputs {one_of(labels.outputs, 'and')}" if only is None else f"labels of shape {only.shape}"
        raise DataError(
            f"column {by_label[0]!r}: encode: target takes one label a row, but the data has {what}",
            hint="use encode: frequency",
            field="features",
        )


def tables_for(dataset: Dataset, labels: Labels, seed: int) -> dict[str, CategoryTable]:
    """Return, for each column that is encoded by one, an empty table of its categories."""
    only = labels.only
    classes = only.classes if only is not None and only.are_classes else None
    return {
        name: CategoryTable(classes, options.smooth, seed, counts_only=options.encode == "frequency")
        for name, options in dataset.options.items()
        if options.is_table
    }


def encode_table(
    dataset: Dataset,
    splits: Splits,
    known: Profile,
    inputs: Mapping[str, str],
    context: DataContext,
    tables: Mapping[str, CategoryTable],
) -> tuple[Splits, TableEncoder | None]:
    """Return the splits as the model takes them, and the encoding where one was learned.

    Args:
        dataset: For what its columns hold.
        splits: The splits, not encoded.
        known: What the training split is like.
        inputs: For each of the model's inputs, the column that it takes.
        context: Where to tell what is cut short.
        tables: What was learned of the categories of some columns.
    """
    if not dataset.columns:
        return splits, None
    named = {name: (taken, dataset.columns[taken]) for name, taken in inputs.items() if taken in dataset.columns}
    if named:
        tell_gaps(named, known, context)
        return each_split(splits, lambda samples: block_splits.columns(samples, named)), None
    encoder = TableEncoder.fit(known.columns, tables)
    _tell_cuts(encoder, context)

    def encode(samples: Samples, *, trains: bool) -> Samples:
        def features(rows: Samples, start: int) -> Array:
            return encoder.encode(rows, start if trains else None)

        if stretches(samples.y) is None:
            return samples.with_x(features(samples, 0))
        return block_splits.encoded(samples, features, int(encoder.model.output.shape[-1]))

    others = each_split(splits, lambda samples: samples if samples is splits.train else encode(samples, trains=False))
    return Splits(encode(splits.train, trains=True), others.validation, others.test), encoder


def _tell_cuts(encoder: TableEncoder, context: DataContext) -> None:
    for column, count in encoder.shortened.items():
        message = (
            f"column {column!r} has {count:,} different values; only the {MAX_CATEGORIES} most frequent become categories. "
            "If it only identifies the rows, remove it from features"
        )
        context.emit(Notice(message=message))
    for column, (count, wanted) in encoder.fewer_bins.items():
        context.emit(
            Notice(message=f"column {column!r} has {count} bins, not {wanted}: many of its values are the same")
        )
