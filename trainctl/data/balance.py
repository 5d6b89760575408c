"""What the user should know of the labels before training on them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from trainctl.events import Notice
from trainctl.text import one_of, plural

if TYPE_CHECKING:
    from trainctl.components.context import DataContext
    from trainctl.components.dataset import Dataset
    from trainctl.data.profile import LabelProfile, Profile

_MANY = 10


def tell_labels(dataset: Dataset, known: Profile, context: DataContext, *, classify: bool) -> None:
    """Notices of labels that are all the same, of classes with a single sample, and of classes that begin at 1.

    Args:
        dataset: For the names of the classes.
        known: What the training split is like.
        context: Where to tell it.
        classify: Whether the loss is one for classes.
    """
    for output, labels in known.labels.items():
        names = dataset.class_names if len(known.labels) == 1 else ()
        which = "the labels" if len(known.labels) == 1 else f"the labels {output!r}"
        for message in _told(labels, names, which, classify=classify):
            context.emit(Notice(message=message, loud=True))


def _told(labels: LabelProfile, names: tuple[str, ...], which: str, *, classify: bool) -> Iterator[str]:
    there = sorted(labels.counts)
    words = [names[index] if names else str(index) for index in there]
    if labels.lowest == labels.highest or len(there) == 1:
        yield f"{which} in the training data are all {words[0] if words else f'{labels.lowest:g}'}: there is nothing to learn"
        return
    if not classify or not there:
        return
    single = [word for index, word in zip(there, words, strict=True) if labels.counts[index] == 1]
    if 0 < len(single) < len(there):
        listed = [*single[:_MANY], "…"] if len(single) > _MANY else single
        yield f"{plural(len(single), 'class')} with only one training sample: {one_of(listed, 'and')}"
    if there[0] > 0 and not names:
        yield (
            f"{which} in the training data start at {there[0]}, but class indices start at 0: "
            f"{plural(there[0], 'output')} of the model cannot be used; map_labels: {{shift: -{there[0]}}} in data numbers "
            "the classes from 0"
        )
