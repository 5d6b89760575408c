"""Validation and test samples from sources of their own: brought to the same classes and columns as the training data."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from trainctl.aliases import Array, Data, Value
from trainctl.components.dataset import Dataset, Samples
from trainctl.components.label_change import LabelChange
from trainctl.components.labels import LabelKind, Labels, OutputLabels, Wanted
from trainctl.data.changed_labels import changed_labels, labels_by_output
from trainctl.data.labels import OtherKindError, decide_labels, same_class
from trainctl.data.outputs import with_outputs
from trainctl.data.profile import chunks, fingerprint
from trainctl.diagnostics import Diagnostic
from trainctl.errors import DataError
from trainctl.text import one_of

if TYPE_CHECKING:
    from trainctl.components.context import DataContext
    from trainctl.components.spec import SourceSpec
    from trainctl.config.experiment import DataSection


def with_separate(
    dataset: Dataset,
    section: DataSection,
    context: DataContext,
    labels: Labels,
    wanted: Mapping[str, Wanted],
) -> tuple[Dataset, Samples | None]:
    """Return the data with the test part that `data.test` names, and the samples that `data.validation` names.

    Its fingerprint is then one of all of them, so that a resumed run notices where any has changed.

    Args:
        dataset: The training data.
        section: The experiment's `data:`.
        context: For the sources.
        labels: What the labels to train on are.
        wanted: What the experiment says of them.

    Raises:
        DataError: They do not fit the training data; points at the line that names them.
    """
    test, validation = (
        None if source is None else _fitting(source, dataset, context, labels, wanted, section.label_changes)
        for source in (section.test, section.validation)
    )
    if test is None and validation is None:
        return dataset, None
    dataset = replace(dataset, fingerprint=_joint({"train": dataset, "test": test, "validation": validation}))
    dataset = dataset if test is None else replace(dataset, test=test.train)
    return dataset, None if validation is None else validation.train


def in_place_of_test(
    source: SourceSpec,
    dataset: Dataset,
    section: DataSection,
    context: DataContext,
    labels: Labels,
    wanted: Mapping[str, Wanted],
) -> Samples:
    """Return the samples of another source to evaluate on, brought to the classes and columns of the training data.

    Args:
        source: The source.
        dataset: The training data.
        section: The experiment's `data:`.
        context: For the source.
        labels: What the labels to train on are.
        wanted: What the experiment says of them.

    Raises:
        DataError: They do not fit the training data.
    """
    return _fitting(source, dataset, context, labels, wanted, section.label_changes).train


def _joint(parts: Mapping[str, Dataset | None]) -> str:
    """One fingerprint of several data sets."""
    told = "".join(f"{role} {fingerprint(part)}\n" for role, part in parts.items() if part is not None)
    return hashlib.blake2b(told.encode(), digest_size=32).hexdigest()


def _fitting(
    source: SourceSpec,
    dataset: Dataset,
    context: DataContext,
    labels: Labels,
    wanted: Mapping[str, Wanted],
    changes: Mapping[str, LabelChange],
) -> Dataset:
    """Return what the source brings, without a test part of its own, its samples as those of `dataset`."""
    context = replace(context, columns={}, kinds=dataset.columns, learned=dataset.learned)
    try:
        loaded = with_outputs(source.load(context), context)
        _require_outputs(loaded, labels)
        wanted = {name: _wanted_of(each, wanted.get(name, Wanted())) for name, each in labels.outputs.items()}
        try:
            other, theirs = decide_labels(loaded, wanted, changes)
        except OtherKindError as error:
            kinds = one_of(sorted({each.kind.noun for each in labels.outputs.values()}), "and")
            raise DataError(
                f"its labels are not {kinds}, unlike the training labels: {error.why}", hint="name another label:"
            ) from error
        return replace(other, train=_matched(other, theirs, dataset, labels), test=None)
    except DataError as error:
        if not error.diagnostics and source.written_at is not None:
            error.diagnostics = (Diagnostic("data", error.message, source.written_at, source.setting, hint=error.hint),)
        raise


def _matched(other: Dataset, theirs: Labels, dataset: Dataset, labels: Labels) -> Samples:
    differing = [name for name, kind in dataset.columns.items() if other.columns.get(name) != kind]
    if differing or (other.columns and not dataset.columns):
        told = [f"{name!r} ({other.columns.get(name, 'absent')}, not {dataset.columns[name]})" for name in differing]
        raise DataError(
            f"its columns differ from the training data: {one_of(told, 'and') or 'it is a table'}",
            hint="list the same features with the same kinds in both",
        )
    if dataset.columns:  # any further ones are left out
        other = replace(other, train=other.train.with_x({name: other.train.x[name] for name in dataset.columns}))
    shape, other_shape = _shapes(dataset.train), _shapes(other.train)
    if shape != other_shape:
        raise DataError(
            f"its samples have shape {other_shape}, but the training samples have shape {shape}",
            hint="use data of the same shape",
        )
    _require_label_order(other, dataset, labels)
    return _renumbered(other, theirs, dataset, labels)


def _require_label_order(other: Dataset, dataset: Dataset, labels: Labels) -> None:
    """Require several labels in the order of the training data, unless they are classes that are told apart by name."""
    names = other.label_names
    has_classes = labels.only is not None and bool(labels.only.names)
    if names != dataset.label_names and sorted(names) == sorted(dataset.label_names) and not has_classes:
        raise DataError(
            f"its labels are {one_of(names, 'and')}, but the training labels are {one_of(dataset.label_names, 'and')}",
            hint="name them in the same order",
            field="label",
        )


def _shapes(samples: Samples) -> Data:
    if isinstance(samples.x, Mapping):
        return {name: tuple(rows.shape[1:]) for name, rows in samples.x.items()}
    return tuple(samples.x.shape[1:])


def _require_outputs(other: Dataset, labels: Labels) -> None:
    mine, theirs = set(labels.outputs), set(labels_by_output(other.train))
    if mine != theirs:
        told = "one array of labels" if theirs == {""} else f"the labels {one_of(sorted(theirs), 'and')}"
        raise DataError(f"it has {told}, unlike the training data", hint="set both to the same number labels")


def _wanted_of(mine: OutputLabels, wanted: Wanted) -> Wanted:
    """Return what the labels of further data must be: of the kind of those to train on."""
    return replace(wanted, loss=None, kind=LabelKind.ONE_HOT if mine.as_one_hot else mine.kind)


def _renumbered(other: Dataset, theirs: Labels, dataset: Dataset, labels: Labels) -> Samples:
    """Its samples with the class indices of the training data, for each output.

    Raises:
        DataError: The labels of an output have another shape, or classes that the training data does not have.
    """
    samples, known = other.train, labels_by_output(dataset.train)
    for output, mine in labels.outputs.items():
        if mine.classes is not None:
            samples = _with_our_classes(samples, output, theirs.outputs[output], known[output], mine)
    return samples


def _with_our_classes(samples: Samples, output: str, found: OutputLabels, ours: Data, mine: OutputLabels) -> Samples:
    """Its samples with the labels of an output as the class indices of the training data.

    Classes are the same where their names are: of whole numbers, which have none, the numbers as they stand there.
    """
    if mine.shape != found.shape and not mine.names:
        raise DataError(
            f"its labels have shape {found.shape}, but the training labels have shape {mine.shape}",
            hint="use labels of the same shape",
        )
    if not mine.are_classes and not mine.names:
        return samples
    places = _places(_classes(labels_by_output(samples)[output], found), _classes(ours, mine))
    if not mine.are_classes:
        return _reordered(samples, output, places, mine)
    if all(index == place for index, place in places.items()):
        return samples
    index = np.arange(max(places) + 1)
    index[list(places)] = list(places.values())
    ignored = mine.ignored

    def renumber(batch: Array) -> Array:
        if ignored is None:
            return np.asarray(index[batch])
        counted = batch != ignored
        return np.where(counted, index[np.where(counted, batch, 0)], batch)

    return changed_labels(samples, output, renumber, found.shape, "int64")


def _places(its: Mapping[int, Value], ours: Mapping[int, Value]) -> dict[int, int]:
    """Return the index in the training data of each of its classes, by their names.

    Raises:
        DataError: The training data does not have one of them.
    """
    by_name = {same_class(name): index for index, name in ours.items()}
    unknown = [name for name in its.values() if same_class(name) not in by_name]
    if unknown:
        raise DataError(
            f"it has classes that the training data does not have: {one_of(map(_told, unknown[:10]), 'and')}",
            hint=f"the training classes are {one_of(map(_told, [*ours.values()][:10]), 'and')}",
        )
    return {index: by_name[same_class(name)] for index, name in its.items()}


def _reordered(samples: Samples, output: str, places: Mapping[int, int], mine: OutputLabels) -> Samples:
    """Return the samples with the columns of multi-hot labels of an output where those to train on have them."""
    if list(places.items()) == [(index, index) for index in range(mine.shape[-1])]:
        return samples

    def reorder(batch: Array) -> Array:
        result = np.zeros((len(batch), *mine.shape), np.float32)
        result[..., list(places.values())] = batch[..., list(places)]
        return result

    return changed_labels(samples, output, reorder, mine.shape, "float32")


def _classes(y: Data, labels: OutputLabels) -> dict[int, str]:
    """Return the name of each class index; of whole numbers, those that occur."""
    if labels.names:
        return dict(enumerate(labels.names))
    found = {int(index) for piece in chunks(y) for index in np.unique(piece)} - {labels.ignored}
    return {index: str(index) for index in sorted(found)}


def _told(name: str) -> str:
    return name if name.isdigit() else repr(name)
