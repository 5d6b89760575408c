"""Validation and test samples from sources of their own: brought to the same classes and columns as the training data."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from trainctl.components.dataset import Changed, Dataset, LabelKind, Samples, is_array
from trainctl.data import parts
from trainctl.data.class_labels import as_classes
from trainctl.data.profile import chunks, fingerprint
from trainctl.diagnostics import Diagnostic
from trainctl.errors import DataError
from trainctl.sources.reading.blocks import BlockRows
from trainctl.sources.reading.labels import as_numbers
from trainctl.text import one_of

if TYPE_CHECKING:
    from trainctl.components.context import DataContext
    from trainctl.components.spec import SourceSpec
    from trainctl.config.experiment import DataSection


def with_separate(
    dataset: Dataset,
    section: DataSection,
    context: DataContext,
    numbers: Collection[str] = (),
    classes: Mapping[str, bool] = MappingProxyType({}),
) -> tuple[Dataset, Samples | None]:
    """The data with the test part that `data.test` names, and the samples that `data.validation` names.

    Its fingerprint is then one of all of them, so that a resumed run notices where any has changed.

    Args:
        dataset: The training data.
        section: The experiment's `data:`.
        context: For the sources.
        numbers: The outputs whose whole-number labels are numbers.
        classes: The outputs whose labels are classes also where whole numbers are written as 1.0.

    Raises:
        DataError: They do not fit the training data; points at the line that names them.
    """
    context = replace(context, columns=(), kinds=dataset.columns)
    test, validation = (
        None if source is None else _fitting(source, dataset, context, numbers, classes)
        for source in (section.test, section.validation)
    )
    if test is None and validation is None:
        return dataset, None
    dataset = replace(dataset, fingerprint=_joint({"train": dataset, "test": test, "validation": validation}))
    dataset = dataset if test is None else replace(dataset, test=test.train)
    return dataset, None if validation is None else validation.train


def _joint(parts: Mapping[str, Dataset | None]) -> str:
    """One fingerprint of several data sets."""
    told = "".join(f"{role} {fingerprint(part)}\n" for role, part in parts.items() if part is not None)
    return hashlib.blake2b(told.encode(), digest_size=32).hexdigest()


def _fitting(
    source: SourceSpec, dataset: Dataset, context: DataContext, numbers: Collection[str], classes: Mapping[str, bool]
) -> Dataset:
    """What the source brings, without a test part of its own, its samples as those of `dataset`."""
    y = dataset.train.y
    mine = y if isinstance(y, Mapping) else {"": y}
    classes = {name: any_shape for name, any_shape in classes.items() if name in mine and mine[name].dtype.kind in "iu"}
    try:
        other = as_classes(as_numbers(source.load(context), numbers), classes)
        return replace(other, train=_matched(other, dataset), test=None)
    except DataError as error:
        if not error.diagnostics and source.written_at is not None:
            error.diagnostics = (Diagnostic("data", error.message, source.written_at, source.setting, hint=error.hint),)
        raise


def _matched(other: Dataset, dataset: Dataset) -> Samples:
    differing = [name for name, kind in dataset.columns.items() if other.columns.get(name) != kind]
    if differing or (other.columns and not dataset.columns):
        told = [f"{name!r} ({other.columns.get(name, 'absent')}, not {dataset.columns[name]})" for name in differing]
        raise DataError(
            f"its columns differ from the training data: {one_of(told, 'and') or 'it is a table'}",
            hint="list the same features with the same kinds in both",
        )
    if dataset.columns:  # any further ones are left out
        other = replace(other, train=other.train.with_x({name: other.train.x[name] for name in dataset.columns}))
    mine, theirs = _shapes(dataset.train), _shapes(other.train)
    if mine != theirs:
        raise DataError(
            f"its samples have shape {theirs}, but the training samples have shape {mine}",
            hint="use data of the same shape",
        )
    if other.labels is not dataset.labels:
        raise DataError(
            f"its labels are {other.labels}, but the training labels are {dataset.labels}", hint="name another label:"
        )
    return _renumbered(other, dataset)


def _shapes(samples: Samples) -> Any:
    if isinstance(samples.x, Mapping):
        return {name: tuple(rows.shape[1:]) for name, rows in samples.x.items()}
    return tuple(samples.x.shape[1:])


def _renumbered(other: Dataset, dataset: Dataset) -> Samples:
    """Its samples with the class indices of the training data.

    Classes are the same where their names are: of whole numbers, which have none, the numbers as they stand there.
    """
    if dataset.labels is LabelKind.NUMBERS or isinstance(dataset.train.y, Mapping):
        return other.train
    mine, theirs = _classes(dataset), _classes(other)
    unknown = [name for name in theirs.values() if name not in mine.values()]
    if unknown:
        raise DataError(
            f"it has classes that the training data does not have: {one_of(map(_told, unknown[:10]), 'and')}",
            hint=f"the training classes are {one_of(map(_told, [*mine.values()][:10]), 'and')}",
        )
    by_name = {name: index for index, name in mine.items()}
    changed = {index: by_name[name] for index, name in theirs.items() if by_name[name] != index}
    if not changed:
        return other.train
    index = np.arange(max(theirs) + 1)
    index[list(changed)] = list(changed.values())
    y = other.train.y
    if isinstance(y, BlockRows):
        return parts.relabelled(other.train, lambda batch: index[batch.astype(np.int64)])
    renumbered = index[y] if is_array(y) else Changed(y, lambda batch: index[batch], y.shape[1:], "int64")
    return replace(other.train, y=renumbered)


def _classes(dataset: Dataset) -> dict[int, str]:
    """The name of each class index; of whole numbers, those that occur."""
    if dataset.class_names:
        return dict(enumerate(dataset.class_names))
    found = {int(index) for labels in chunks(dataset.train.y) for index in np.unique(labels)}
    return {index: str(index) for index in sorted(found)}


def _told(name: str) -> str:
    return name if name.isdigit() else repr(name)
