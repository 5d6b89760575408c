"""What labels mean: one decision from the data and the losses, and the labels brought to the form it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from trainctl.aliases import Array, Data
from trainctl.components.context import DataContext
from trainctl.components.dataset import Dataset, Samples
from trainctl.components.label_change import LabelChange
from trainctl.components.label_values import LabelValues, as_text
from trainctl.components.labels import LabelKind, Labels, OutputLabels, Wanted
from trainctl.config.model.needs import Takes, loss_need
from trainctl.data.changed_labels import changed_labels, labels_by_output
from trainctl.data.label_changes import change_labels, with_changes
from trainctl.data.profile import chunks
from trainctl.errors import DataError
from trainctl.events import Notice

_BOOLEANS = (("False", "True"), ("no", "yes"), ("n", "y"), ("f", "t"), ("off", "on"))
_BOOLEAN_WORDS = {word.casefold() for pair in _BOOLEANS for word in pair}
_SETTING = "data.labels"


def decide_labels(
    dataset: Dataset, wanted: Mapping[str, Wanted], changes: Mapping[str, LabelChange] = MappingProxyType({})
) -> tuple[Dataset, Labels]:
    """Decide what the labels are, and keep them so: int64 class indices, or float32.

    Args:
        dataset: As its source gave it: labels of text, booleans, integers or floats, (n,) or (n, …).
        wanted: What the experiment says of the labels, by output; "" where there is only one.
        changes: What is done to them first, by output.

    Returns:
        The data with its labels as they are kept, and what they are.

    Raises:
        DataError: They cannot be what the experiment says, or are of a type that nothing learns from.
    """
    dataset = change_labels(dataset, changes, wanted)
    outputs = {
        name: _decided(rows, name, dataset, wanted.get(name, Wanted()))
        for name, rows in labels_by_output(dataset.train).items()
    }
    labels = with_changes(Labels(outputs), changes)

    def kept(samples: Samples | None) -> Samples | None:
        return None if samples is None else keep_labels(samples, labels, dataset.label_separator)

    train = keep_labels(dataset.train, labels, dataset.label_separator)
    return replace(
        dataset,
        train=train,
        test=kept(dataset.test),
        validation=kept(dataset.validation),
        class_names=labels.class_names,
    ), labels


def keep_labels(samples: Samples, labels: Labels, separator: str | None = None) -> Samples:
    """The samples with raw labels in the form in which they are kept."""
    for name, each in labels.outputs.items():
        rows = labels_by_output(samples)[name]
        shape = each.shape
        if rows.dtype == each.dtype and rows.shape[1:] == shape:
            continue
        samples = changed_labels(samples, name, _converter(each, separator), shape, each.dtype)
    return samples


def _decided(rows: Data, output: str, dataset: Dataset, wanted: Wanted) -> OutputLabels:
    """What the labels of one output are."""
    values = _values(output, dataset, wanted)
    shape = tuple(rows.shape[1:])
    names = dataset.class_names if output == "" else ()
    if values.are_text:
        return _named(values, shape, wanted)
    kind = wanted.kind or _kind(values, shape, wanted, named=bool(names))
    if kind is LabelKind.INDEX or (kind is LabelKind.ONE_HOT and not (shape and values.is_one_hot)):
        return _indices(values, shape, wanted, names)
    if kind is LabelKind.MULTI_HOT and not (shape and _are_binary(values)):
        raise OtherKindError(kind, "they are not several 0/1 values per sample")
    classes: int | None = None
    called: tuple[str, ...] = ()
    if kind is not LabelKind.NUMBER:
        classes, called = shape[-1], names or _columns_of(dataset, output, shape)
    return OutputLabels(
        kind,
        shape,
        classes,
        called,
        values.lowest,
        values.highest,
        is_whole=values.is_whole,
        is_one_hot=values.is_one_hot and bool(shape),
        ignored=values.ignored if values.holds_ignored else None,
    )


def tell_constant(labels: Labels, context: DataContext) -> None:
    """Tell which labels are all the same."""
    for name, each in labels.outputs.items():
        if each.shape == () and each.lowest == each.highest:
            value = repr(each.names[0]) if each.names else f"{each.lowest:g}"
            of_output = f" of the output {name!r}" if name else ""
            message = f"every label{of_output} is {value}: nothing can be learned from it"
            context.emit(Notice(message=message, loud=True))


def _are_binary(values: LabelValues) -> bool:
    return values.is_whole and values.lowest >= 0 and values.highest <= 1


def _columns_of(dataset: Dataset, output: str, shape: tuple[int, ...]) -> tuple[str, ...]:
    """The names of the label columns, where each is one of the values of a label."""
    fits = output == "" and len(shape) > 0 and len(dataset.label_names) == shape[-1]
    return dataset.label_names if fits else ()


def _values(output: str, dataset: Dataset, wanted: Wanted) -> LabelValues:
    if dataset.label_values is not None:
        known = dataset.label_values
        counted = known if wanted.ignored is None else known.ignoring(wanted.ignored)
        if counted is not None:
            return counted
    values = LabelValues(dataset.label_separator, wanted.ignored)
    for part in filter(None, (dataset.train, dataset.test, dataset.validation)):
        for piece in chunks(labels_by_output(part)[output]):
            values.add(piece)
    return values


def _named(values: LabelValues, shape: tuple[int, ...], wanted: Wanted) -> OutputLabels:
    """Labels that are text or booleans: classes by their names."""
    if shape not in {(), (1,)}:
        raise DataError("several text labels per sample are not supported", hint="name one column under label:")
    if values.kinds - set("UOb"):
        raise DataError("the labels mix numbers and text", hint="correct the cells")
    if wanted.kind is LabelKind.NUMBER:
        raise OtherKindError(wanted.kind, "they are text")
    names = tuple(sorted(values.texts))
    if values.separator is not None:
        return OutputLabels(
            LabelKind.MULTI_HOT, (len(names),), len(names), names, 0, 1, is_whole=True, is_one_hot=False
        )
    if wanted.kind is LabelKind.MULTI_HOT:
        raise OtherKindError(
            wanted.kind, "each sample has one text", "set label_separator on the source, or name several columns"
        )
    folded = {name.casefold() for name in names}
    if len(names) > len(folded):  # one boolean in several spellings
        names = next((pair for pair in _BOOLEANS if folded <= {word.casefold() for word in pair}), names)
    return OutputLabels(
        LabelKind.INDEX, (), len(names), names, 0, len(names) - 1, is_whole=True, as_one_hot=_fed_one_hot(wanted)
    )


def _kind(values: LabelValues, shape: tuple[int, ...], wanted: Wanted, *, named: bool) -> LabelKind:
    """The kind of labels that are numbers, by what the loss takes and what their values are."""
    is_single = shape in {(), (1,)}
    integers = values.kinds <= set("biu")
    counts = values.is_whole and values.lowest >= 0
    if named and is_single and integers:
        return LabelKind.INDEX
    takes = loss_need(wanted.loss).labels
    if takes is Takes.NUMBER:
        return LabelKind.NUMBER
    if takes in {Takes.INDEX, Takes.SEQUENCE} and counts:
        return LabelKind.INDEX
    if is_single:
        return LabelKind.INDEX if counts and (integers or takes in _SINGLE_CLASSES) else LabelKind.NUMBER
    return _kind_of_vectors(values, shape, takes)


_SINGLE_CLASSES = frozenset({Takes.BINARY, Takes.ONE_HOT})
"""What a loss takes where one number for each sample, even written as 1.0, is a class."""


def _kind_of_vectors(values: LabelValues, shape: tuple[int, ...], takes: Takes | None) -> LabelKind:
    """The kind of labels that are several numbers for each sample."""
    counts = values.is_whole and values.lowest >= 0
    if values.is_one_hot and takes is not Takes.BINARY:
        return LabelKind.ONE_HOT
    if takes is Takes.ONE_HOT and counts and (len(shape) > 1 or values.highest > 1):
        return LabelKind.INDEX  # a mask, or a sequence
    is_vector = len(shape) == 1 and counts and values.highest <= 1
    return LabelKind.MULTI_HOT if is_vector else LabelKind.NUMBER


def _indices(values: LabelValues, shape: tuple[int, ...], wanted: Wanted, names: tuple[str, ...]) -> OutputLabels:
    if not values.is_whole or values.lowest < 0:
        what = "they are not whole" if not values.is_whole else f"they go down to {values.lowest:g}"
        raise OtherKindError(LabelKind.INDEX, what)
    _require_from_0(values, wanted, names)
    from_one_hot = wanted.kind is LabelKind.INDEX and values.is_one_hot and bool(shape)
    kept = shape[:-1] if shape and (shape[-1] == 1 or from_one_hot) else shape
    classes = shape[-1] if from_one_hot else max(int(max(values.highest, -1)) + 1, len(names))
    return OutputLabels(
        LabelKind.INDEX,
        kept,
        classes,
        names,
        values.lowest,
        values.highest,
        is_whole=True,
        is_one_hot=values.is_one_hot and bool(kept),
        ignored=values.ignored if values.holds_ignored else None,
        as_one_hot=_fed_one_hot(wanted),
    )


def _require_from_0(values: LabelValues, wanted: Wanted, names: tuple[str, ...]) -> None:
    """Refuse classes that are numbered from 1: one output of the model would never be right."""
    counts_from_0 = loss_need(wanted.loss).labels in {Takes.INDEX, Takes.ONE_HOT}
    if counts_from_0 and values.lowest == 1 < values.highest and not names and not values.holds_ignored:
        raise DataError(
            f"the labels range from 1 to {values.highest:g}, but class indices start at 0",
            hint="add map_labels: {shift: -1} to data, or store them as text",
            field="label",
        )


def _fed_one_hot(wanted: Wanted) -> bool:
    """Whether a batch holds class indices one-hot: as its loss takes them, or as the experiment says."""
    return wanted.kind is LabelKind.ONE_HOT or (wanted.kind is None and loss_need(wanted.loss).labels is Takes.ONE_HOT)


class OtherKindError(DataError):
    """Labels that are not of the kind that is asked for.

    Args:
        kind: The kind that is asked for.
        why: What they are instead.
        hint: What to do.
    """

    def __init__(self, kind: LabelKind, why: str, hint: str = "remove data.labels, or correct the labels") -> None:
        super().__init__(f"data.labels is {kind}, but the labels are not: {why}", hint=hint, path=_SETTING)
        self.why = why


def _converter(labels: OutputLabels, separator: str | None) -> Callable[[Array], Array]:
    """What makes of raw labels (b, …) those that are kept."""

    def convert(raw: Array) -> Array:
        if labels.names and raw.dtype.kind in "UOb":
            return _by_name(as_text(raw), labels, separator)
        if labels.are_classes and raw.ndim == len(labels.shape) + 2 and raw.shape[-1] > 1:  # one-hot, by hand
            return np.asarray(raw.argmax(axis=-1), np.int64)
        kept: Array = raw.reshape(len(raw), *labels.shape).astype(labels.dtype)
        return kept

    return convert


def _by_name(texts: Array, labels: OutputLabels, separator: str | None) -> Array:
    index = {name: number for number, name in enumerate(labels.names)}
    if separator is not None:
        hot = np.zeros((len(texts), len(labels.names)), np.float32)
        for row, text in enumerate(texts.tolist()):
            hot[row, [index[part.strip()] for part in text.split(separator) if part.strip()]] = 1
        return hot
    distinct, where = np.unique(texts, return_inverse=True)
    folded = {name.casefold(): number for name, number in index.items()}
    found = [index[text] if text in index else folded[text.casefold()] for text in distinct.tolist()]
    return np.array(found, np.int64)[where]


def same_class(name: str) -> str:
    """A name by which classes are compared: the spellings of a boolean are one."""
    return name.casefold() if name.casefold() in _BOOLEAN_WORDS else name
