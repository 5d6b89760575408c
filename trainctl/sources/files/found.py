"""Files of samples with their labels, by split: what a folder or a table of files comes to."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from trainctl.aliases import Data

if TYPE_CHECKING:
    from trainctl.aliases import Array

ONLY = ""
"""What the only input is called."""


@dataclass(frozen=True, slots=True)
class FoundFiles:
    """The samples of one split.

    Args:
        inputs: The files of each input, one of each for every sample; "" is the only input.
        labels: The labels (n,) or (n, …), raw; `None` where they are files.
        answers: The file that is the label of each sample: its mask, its target image.
        weight: How much each sample counts, (n,).
        extra: Columns to split by, (n,) each.
    """

    inputs: Mapping[str, tuple[Path, ...]]
    labels: Array | None
    answers: tuple[Path, ...] = ()
    weight: Data = None
    extra: Mapping[str, Data] = field(default_factory=dict)

    @property
    def files(self) -> tuple[Path, ...]:
        """The files of the first input."""
        return next(iter(self.inputs.values()))

    def __len__(self) -> int:
        return len(self.files)

    def every(self) -> Iterator[Path]:
        """Yield the files of all inputs; those of the labels are left out."""
        return chain.from_iterable(self.inputs.values())

    def without(self, files: Container[Path]) -> FoundFiles:
        """Return the samples that need none of these files."""
        import numpy as np

        columns = [*self.inputs.values(), *([self.answers] if self.answers else [])]
        kept = np.array([not any(file in files for file in row) for row in zip(*columns, strict=True)], bool)
        if kept.all():
            return self
        places = np.flatnonzero(kept).tolist()
        return FoundFiles(
            {name: tuple(each[place] for place in places) for name, each in self.inputs.items()},
            None if self.labels is None else self.labels[kept],
            tuple(self.answers[place] for place in places) if self.answers else (),
            None if self.weight is None else self.weight[kept],
            {name: column[kept] for name, column in self.extra.items()},
        )


@dataclass(frozen=True, slots=True)
class FoundSplits:
    """The files to train on, and those to validate and to test on where some are set apart.

    Args:
        train: The samples to train on.
        validation: The samples to validate on.
        test: The samples to test on.
        names: The names of the classes, where the folders name them.
        notes: What a person should know of files and folders that are used otherwise than they may think, or not at all.
        label_names: The label columns of a table of files.
        label_separator: What stands between the classes in a cell of its label column.
    """

    train: FoundFiles
    validation: FoundFiles | None = None
    test: FoundFiles | None = None
    names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    label_names: tuple[str, ...] = ()
    label_separator: str | None = None

    def __iter__(self) -> Iterator[FoundFiles]:
        """Iterate over the splits that there are."""
        yield from (each for each in (self.train, self.validation, self.test) if each is not None)

    def without(self, files: Container[Path]) -> FoundSplits:
        """Return the splits without the samples that need one of these files; one without any sample is left out."""
        train, validation, test = (
            None if each is None else each.without(files) for each in (self.train, self.validation, self.test)
        )
        return replace(
            self, train=train or FoundFiles({ONLY: ()}, None), validation=validation or None, test=test or None
        )


def fingerprint_of(splits: FoundSplits) -> str:
    """Return BLAKE2b over the names and the content of all files and over their labels, in hexadecimal."""
    digest = hashlib.blake2b(digest_size=32)
    for each in splits:
        for file in (*each.every(), *each.answers):
            digest.update(f"{file.parent.name}/{file.name}\n".encode())
            with file.open("rb") as content:
                digest.update(hashlib.file_digest(content, "blake2b").digest())
        if each.labels is not None:
            digest.update("\n".join(map(str, each.labels.tolist())).encode())
    return digest.hexdigest()
