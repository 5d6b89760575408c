"""`data.map_labels` over a data set: every label changed before anybody decides what the labels are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from trainctl.aliases import Array
from trainctl.components.dataset import Dataset, Samples
from trainctl.components.label_change import LabelChange
from trainctl.components.label_values import MAX_CLASSES, LabelValues
from trainctl.components.labels import LabelKind, Labels, Wanted
from trainctl.config.model.needs import Takes, loss_need
from trainctl.data.changed_labels import changed_labels, labels_by_output
from trainctl.data.profile import chunks
from trainctl.errors import DataError
from trainctl.events import Notice
from trainctl.text import one_of

if TYPE_CHECKING:
    from trainctl.components.context import DataContext

_SETTING = "data.map_labels"


def change_labels(dataset: Dataset, changes: Mapping[str, LabelChange], wanted: Mapping[str, Wanted]) -> Dataset:
    """Return the data with its labels changed; classes keep the names of the labels that they stand for.

    Args:
        dataset: As its source gave it.
        changes: What is done to the labels, by output; "" is the only one.
        wanted: What the experiment says of the labels, by output.

    Raises:
        DataError: There is no such output, or a label cannot be changed so.
    """
    for output, change in changes.items():
        _require_output(output, dataset)
        dataset = _changed(dataset, output, change, wanted.get(output, Wanted()))
    return dataset


def with_changes(labels: Labels, changes: Mapping[str, LabelChange]) -> Labels:
    """Return what the labels are, each with what was done to it."""
    return Labels({name: replace(each, change=changes.get(name)) for name, each in labels.outputs.items()})


def tell_changes(labels: Labels, context: DataContext) -> None:
    """Tell in which unit losses, metrics and predictions are."""
    for output, each in labels.outputs.items():
        if each.change is not None and each.kind is LabelKind.NUMBER:
            which = f"the labels {output!r}" if output else "the labels"
            units = "; the loss is in that unit, metrics and predictions are in the label's own" if each.undo else ""
            context.emit(Notice(message=f"{which} are changed by map_labels: {each.change}{units}"))


def _require_output(output: str, dataset: Dataset) -> None:
    known = labels_by_output(dataset.train)
    if output in known:
        return
    if output:
        message = f"map_labels names the output {output!r}, but the data has one label" if "" in known else None
        message = message or f"map_labels names the output {output!r}; the outputs are {one_of(known, 'and')}"
        raise DataError(message, hint="write map_labels: {scale: …} for the only label", path=f"{_SETTING}.{output}")
    raise DataError(
        f"the data has several labels: {one_of(known, 'and')}",
        hint=f"say which one changes: map_labels: {{{next(iter(known))}: {{…}}}}",
        path=_SETTING,
    )


def _changed(dataset: Dataset, output: str, change: LabelChange, wanted: Wanted) -> Dataset:
    names = dataset.class_names if output == "" else ()
    rows = labels_by_output(dataset.train)[output]
    is_named = bool(names) and rows.dtype.kind in "iu"
    dtype = change.dtype("object" if is_named else rows.dtype.name)

    def changed(labels: Array) -> Array:
        return change(np.array(names, object)[labels] if is_named else labels)

    def of(samples: Samples | None) -> Samples | None:
        if samples is None:
            return None
        return changed_labels(samples, output, changed, labels_by_output(samples)[output].shape[1:], dtype)

    values = None if dataset.label_values is None else _values(dataset.label_values, change)
    train = changed_labels(dataset.train, output, changed, rows.shape[1:], dtype)
    result = replace(
        dataset, train=train, test=of(dataset.test), validation=of(dataset.validation), label_values=values
    )
    if output != "":
        return result
    return replace(result, class_names=_names(result, change, wanted) if np.dtype(dtype).kind == "i" else ())


def _values(known: LabelValues, change: LabelChange) -> LabelValues:
    """What is known of the changed labels, where their source has looked through the others already."""
    position = max((number for number, step in enumerate(change.steps) if step.map is not None), default=-1)
    steps, is_whole = change.steps, known.is_whole
    if known.texts:
        found = np.array(sorted(known.texts), object)
    elif position >= 0:
        found, steps = np.array([*(steps[position].map or {}).values()]), steps[position + 1 :]
    else:
        found = np.array([known.lowest, known.highest], known.dtype)
    for step in steps:
        before, found = found, step.change(found)
        is_whole = found.dtype.kind in "iub" or (is_whole and step.keeps_whole and before.dtype.kind != "O")
    values = LabelValues(known.separator, known.ignored)
    values.add(found)
    values.is_whole, values.is_one_hot = values.is_whole and is_whole, False
    return values


def _names(dataset: Dataset, change: LabelChange, wanted: Wanted) -> tuple[str, ...]:
    """What each class index stood for before; nothing where the labels are numbers to predict."""
    if wanted.kind is LabelKind.NUMBER or loss_need(wanted.loss).labels is Takes.NUMBER:
        return ()
    last = change.names
    if last is not None:
        return tuple(last.get(index, str(index)) for index in range(max(last) + 1))
    lowest, highest = _range(dataset)
    if not 0 <= lowest <= highest < MAX_CLASSES:
        return ()
    own = [change.own(index) for index in range(int(highest) + 1)]
    return tuple(f"{each:g}" for each in own) if change.undo and all(each.is_integer() for each in own) else ()


def _range(dataset: Dataset) -> tuple[float, float]:
    if dataset.label_values is not None:
        return dataset.label_values.lowest, dataset.label_values.highest
    values = LabelValues()
    for rows in _every(dataset):
        values.add(rows)
    return values.lowest, values.highest


def _every(dataset: Dataset) -> Iterator[Array]:
    for part in filter(None, (dataset.train, dataset.test, dataset.validation)):
        yield from chunks(part.y)
