"""From the `data:` section to what Keras trains on: loaded, or stood in for, then split, encoded and described."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from trainctl.components.dataset import ColumnKind, Dataset, LabelKind, Samples
from trainctl.components.download import DownloadError
from trainctl.events import Notice
from trainctl.runtime import pipeline
from trainctl.runtime.pipeline import steps
from trainctl.runtime.split import Splits, split
from trainctl.runtime.tables import MAX_CATEGORIES, TableEncoder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trainctl.components.context import DataContext
    from trainctl.config.experiment import DataSection


@dataclass(frozen=True, slots=True)
class Prepared:
    """Data ready to batch.

    Args:
        splits: Samples whose `x` are arrays (n, …); of a table, the encoded feature vectors.
        labels: What the labels are.
        class_names: The text of each class index, where it is known.
        facts: `num_classes` (`None` for numbers), `input_shape` of one sample, `num_samples` to train on, and
            `steps_per_epoch`: what `${data.…}` may name.
        source: The name of the source that was loaded.
        stand_in_for: The name of the source that could not be reached, where `source` stands in for it.
        encoder: How a table was encoded; `None` where no preprocessing sits outside the model.
        columns: Of a table, each column and how it is encoded.
        fingerprint: BLAKE2b of everything loaded, before drawing and splitting, in hexadecimal.
    """

    splits: Splits
    labels: LabelKind
    class_names: tuple[str, ...]
    facts: Mapping[str, Any]
    source: str
    stand_in_for: str | None
    encoder: TableEncoder | None
    columns: Mapping[str, ColumnKind]
    fingerprint: str

    def adapt_data(self) -> tf.data.Dataset:
        """Batches of the inputs to train on, once and in order: for `adapt`."""
        x: Any = self.splits.train.x
        return pipeline.evaluation(x, self.splits.train.y, 256).map(lambda x, _: x)

    @property
    def input_dtype(self) -> str:
        """The dtype of the inputs, such as `uint8`."""
        return str(np.asarray(self.splits.train.x).dtype)


def load(section: DataSection, context: DataContext, *, loss_is_classification: bool, seed: int) -> Prepared:
    """Load, split and encode the data.

    Args:
        section: The experiment's `data:`.
        context: For the source.
        loss_is_classification: Whether splits keep the classes in proportion.
        seed: Decides the splits.

    Raises:
        DataError: The data is missing, unreadable, empty, of the wrong kind, or too little for the splits.
    """
    dataset, source, stand_in_for = _loaded(section, context)
    splits = split(
        dataset,
        validation=section.validation_split,
        test=section.test_split,
        limit=section.limit,
        stratify=loss_is_classification and dataset.labels is LabelKind.CLASSES,
        seed=seed,
    )
    encoder = None
    if dataset.columns:
        encoder = _learnt(dataset, splits.train, context)
        splits = _encoded(splits, encoder)
    return Prepared(
        splits,
        dataset.labels,
        dataset.class_names,
        _facts(dataset, splits.train, section.batch_size),
        source,
        stand_in_for,
        encoder,
        dataset.columns,
        fingerprint(dataset),
    )


def fingerprint(dataset: Dataset) -> str:
    """BLAKE2b over names, types, shapes and content of all arrays, in hexadecimal: another value for other data."""
    digest = hashlib.blake2b(digest_size=32)
    for part in filter(None, (dataset.train, dataset.test)):
        for name, array in _arrays(part):
            digest.update(f"{name} {array.dtype} {array.shape}\n".encode())
            if array.dtype == object:  # text
                digest.update("\n".join(map(str, array.ravel())).encode())
            else:
                digest.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def _arrays(samples: Samples) -> Iterator[tuple[str, Any]]:
    yield from samples.x.items() if isinstance(samples.x, Mapping) else [("x", samples.x)]
    yield "y", samples.y


def _loaded(section: DataSection, context: DataContext) -> tuple[Dataset, str, str | None]:
    """The data, the name of the source that brought it, and of the one it stands in for."""
    wanted, offline = section.source, section.offline
    try:
        return wanted.load(context), wanted.name_in_yaml, None
    except DownloadError as error:
        if offline is None:
            raise
        name, other = wanted.name_in_yaml, offline.name_in_yaml
        message = (
            f"STAND-IN DATA: {other} stands in for {name}, which cannot be reached ({error.reason}). "
            f"Results say nothing about {name}."
        )
        context.emit(Notice(message=message, loud=True))
    return wanted.stand_in(offline.load(context)), other, name


def _learnt(dataset: Dataset, train: Samples, context: DataContext) -> TableEncoder:
    encoder = TableEncoder.fit(dataset.columns, train)
    for column, count in encoder.shortened.items():
        context.emit(
            Notice(
                message=f"column {column!r} has {count:,} different texts: the {MAX_CATEGORIES} most frequent ones are "
                "told apart, the others are one; where it only names the rows, leave it out with features:"
            )
        )
    return encoder


def _encoded(splits: Splits, encoder: TableEncoder) -> Splits:
    def encoded(samples: Samples) -> Samples:
        return Samples(encoder.encode(samples), samples.y)

    validation, test = splits.validation, splits.test
    return Splits(encoded(splits.train), validation and encoded(validation), test and encoded(test))


def _facts(dataset: Dataset, train: Samples, batch_size: int) -> Mapping[str, Any]:
    return {
        "num_classes": _num_classes(dataset) if dataset.labels is LabelKind.CLASSES else None,
        "input_shape": list(np.asarray(train.x).shape[1:]),
        "num_samples": len(train),
        "steps_per_epoch": steps(len(train), batch_size),
    }


def _num_classes(dataset: Dataset) -> int:
    highest = max(int(part.y.max()) for part in (dataset.train, dataset.test) if part)
    return max(highest + 1, len(dataset.class_names))
