"""Folders with a folder for each class: of images, of texts."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trainctl.aliases import Array
from trainctl.errors import DataError
from trainctl.sources.reading.inputs import missing, shown
from trainctl.text import one_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


VALIDATION = ("val", "valid", "validation")
"""What the folder of the samples to validate on may be called."""


@dataclass(frozen=True, slots=True)
class Classified:
    """Files with the class of each.

    Args:
        files: The files, sorted by class and name.
        y: The classes' indices, int64 (n,).
        names: The classes' names: their folders', sorted.
    """

    files: tuple[Path, ...]
    y: Array
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parts:
    """The files to train on, and those to validate and to test on where the folder sets some apart."""

    train: Classified
    validation: Classified | None = None
    test: Classified | None = None

    def __iter__(self) -> Iterator[Classified | None]:
        yield from (self.train, self.validation, self.test)


def parts_of(path: str, suffixes: Collection[str]) -> Parts:
    """The files of a folder of classes; or of its folders `train` and `val`, `test` or both, where it has them.

    Args:
        path: The folder.
        suffixes: How the files' names may end, in lower case.

    Raises:
        DataError: No such folder, no folders of classes in it, no files in them, or parts of different classes.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise missing(folder) if not folder.exists() else DataError(f"{shown(folder)} is a file, expected a folder")
    folders = _parts(folder)
    if not folders:
        return Parts(_classified(folder, suffixes))
    found = {part: _classified(folders[part], suffixes) for part in folders}
    for part, other in found.items():
        differing = sorted(set(found["train"].names) ^ set(other.names))
        if differing:
            raise DataError(
                f"{shown(folder)}: train and {folders[part].name} do not have the same classes: only one of them has "
                f"{one_of(map(repr, differing), 'and')}",
                hint="both need one folder per class",
            )
    return Parts(**found)


def has_validation(path: str) -> bool:
    """Whether the folder sets some samples apart to validate on."""
    try:
        return "validation" in _parts(Path(path))
    except DataError:
        return False  # what is wrong is told where the files are looked at


def _parts(folder: Path) -> dict[str, Path]:
    """The folders of the parts; none where there is not `train` and another one."""
    called = [folder / name for name in VALIDATION if (folder / name).is_dir()]
    if not (folder / "train").is_dir() or not (called or (folder / "test").is_dir()):
        return {}
    if len(called) > 1:
        raise DataError(
            f"{shown(folder)} holds {one_of((each.name for each in called), 'and')}: which one is the validation data?",
            hint="remove one of them",
        )
    names = {"train": "train", "validation": called[0].name if called else "val", "test": "test"}
    return {part: folder / name for part, name in names.items() if (folder / name).is_dir()}


def _classified(folder: Path, suffixes: Collection[str]) -> Classified:
    import numpy as np

    classes = sorted(each for each in folder.iterdir() if each.is_dir() and not each.name.startswith("."))
    found = [_files_in(each, suffixes) for each in classes]
    if not any(found):
        endings = one_of(sorted(suffixes))
        what = "no folder for each class" if not classes else f"no file that ends in {endings}"
        raise DataError(f"{shown(folder)} holds {what}", hint="create one folder per class, named after the class")
    empty = [each for each, files in zip(classes, found, strict=True) if not files]
    if empty:
        raise DataError(f"{shown(empty[0])} has no file ending in {one_of(sorted(suffixes))}", hint="remove the folder")
    y = np.repeat(np.arange(len(classes)), list(map(len, found))).astype(np.int64)
    return Classified(tuple(itertools.chain(*found)), y, tuple(each.name for each in classes))


def _files_in(folder: Path, suffixes: Collection[str]) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.suffix.lower() in suffixes and file.is_file())


def fingerprint_of(parts: Parts) -> str:
    """BLAKE2b over names and content of all files, in hexadecimal."""
    import hashlib

    digest = hashlib.blake2b(digest_size=32)
    for part in filter(None, parts):
        for file in part.files:
            digest.update(f"{file.parent.name}/{file.name}\n".encode())
            with file.open("rb") as content:
                digest.update(hashlib.file_digest(content, "blake2b").digest())
    return digest.hexdigest()
