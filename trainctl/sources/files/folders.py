"""Folders with a folder for each class: of images, of texts."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from trainctl.errors import DataError
from trainctl.files import is_regular
from trainctl.sources.files.split_folders import is_hidden, shown_entries, split_folders
from trainctl.sources.reading.inputs import missing, shown
from trainctl.sources.table.delimited import default_missing, read_header, read_texts
from trainctl.text import one_of, plural

if TYPE_CHECKING:
    from trainctl.aliases import Array

Classes = tuple[str, ...] | Literal["path"] | None
"""The folders that are classes; `path` takes every folder with files in it; `None` takes the folders of the first level."""

_FEW = 10


@dataclass(frozen=True, slots=True)
class Classified:
    """Files with the class of each.

    Args:
        files: The files, sorted by class and name.
        classes: The class of each, as an index into the names.
    """

    files: tuple[Path, ...]
    classes: tuple[int, ...]

    @property
    def y(self) -> Array:
        """The classes' indices, int64 (n,)."""
        import numpy as np

        return np.array(self.classes, np.int64)

    def without(self, files: set[Path]) -> Classified:
        """Return the others."""
        kept = [(file, index) for file, index in zip(self.files, self.classes, strict=True) if file not in files]
        return Classified(tuple(file for file, _ in kept), tuple(index for _, index in kept))


@dataclass(frozen=True, slots=True)
class Parts:
    """The files to train on, and those to validate and to test on where the folder sets some apart.

    Args:
        train: The files to train on.
        validation: The files to validate on.
        test: The files to test on.
        names: The names of the classes.
        notes: What a person should know of files and folders that are used otherwise than they may think, or not at all.
    """

    train: Classified
    validation: Classified | None
    test: Classified | None
    names: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Classified | None]:
        yield from (self.train, self.validation, self.test)


@dataclass(slots=True)
class _Found:
    """The files of one split, by class, and what else was there."""

    by_class: dict[str, list[Path]] = field(default_factory=dict)
    others: list[Path] = field(default_factory=list)  # files that are no samples
    outside: list[Path] = field(default_factory=list)  # samples outside of any class


@dataclass(frozen=True, slots=True)
class FileTest:
    """Tells which files are samples.

    Args:
        noun: What a sample is: `image`, `text`.
        suffixes: The endings of names that are believed, in lower case.
        sniff: Looks into a file with another ending.
    """

    noun: str
    suffixes: frozenset[str]
    sniff: Callable[[Path], bool]

    def __call__(self, file: Path) -> bool:
        """Return whether the file is a sample."""
        return file.suffix.lower() in self.suffixes or self.sniff(file)


def find_parts(path: str, is_sample: FileTest, classes: Classes = None) -> Parts:
    """Find the files of a folder of classes; or of its folders for training, validation and test, where it has them.

    Args:
        path: The folder.
        is_sample: Tells which files are samples.
        classes: Which folders are classes.

    Raises:
        DataError: No such folder, no folders of classes in it, or no files in them.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise missing(folder) if not folder.exists() else DataError(f"{shown(folder)} is a file, expected a folder")
    folders = split_folders(folder) or {"train": folder}
    found = {split: _look_through(each, is_sample, classes) for split, each in folders.items()}
    names = _class_names(found, classes)
    if not found["train"].by_class or not any(found["train"].by_class.values()):
        raise _nothing_found(folders["train"], found["train"], is_sample)
    notes = list(_notes(folder, folders, found, is_sample, names))
    parts = {split: _classified(each, names) for split, each in found.items() if _is_used(each, found["train"])}
    return Parts(parts["train"], parts.get("validation"), parts.get("test"), names, tuple(notes))


def has_validation(path: str) -> bool:
    """Return whether the folder sets some samples apart to validate on."""
    try:
        return "validation" in split_folders(Path(path))
    except DataError:
        return False  # what is wrong is reported where the files are looked at


def listed_parts(path: str, table: str) -> Parts:
    """Find the files that a table lists.

    Args:
        path: The folder at which the paths in the table begin.
        table: A CSV file with the columns `path` and `label`.

    Raises:
        DataError: No such table or column, a cell without a value, or a file that is not there.
    """
    header = read_header(table)
    for column in ("path", "label"):
        if column not in header:
            raise DataError(
                f"{shown(Path(table))} has no column {column!r}; its columns: {one_of(header, 'and')}",
                hint="files: names a CSV file with the columns path and label",
                field="files",
            )
    cells = read_texts([Path(table)], ("path", "label"), ",", default_missing())
    rows = list(zip(*(cells.columns[column].to_pylist() for column in ("path", "label")), strict=True))
    for number, row in enumerate(rows):
        if None in row:
            raise DataError(f"{cells.place(number)} has no path or no label", hint="fill in the cell", field="files")
    absent = [number for number, (file, _) in enumerate(rows) if not (Path(path) / file).is_file()]
    if absent:
        first = Path(path) / rows[absent[0]][0]
        raise DataError(
            f"{cells.place(absent[0])}: {shown(first)} does not exist ({len(absent):,} in all)",
            hint=f"paths in the table are relative to {shown(Path(path))}",
            field="files",
        )
    names = tuple(sorted({label for _, label in rows}))
    index = {name: number for number, name in enumerate(names)}
    files = Classified(tuple(Path(path) / file for file, _ in rows), tuple(index[label] for _, label in rows))
    return Parts(files, None, None, names)


def _look_through(folder: Path, is_sample: FileTest, classes: Classes) -> _Found:
    """Sort the files of a split by class."""
    found = _Found()
    if classes is None or isinstance(classes, tuple):
        for entry in shown_entries(folder):
            if entry.is_dir():
                found.by_class[entry.name] = []
    for file in _walk(folder):
        inside = file.relative_to(folder).parts[:-1]
        if not is_sample(file):
            found.others.append(file)
        elif not inside:
            found.outside.append(file)
        else:
            found.by_class.setdefault("/".join(inside) if classes == "path" else inside[0], []).append(file)
    return found


def _walk(folder: Path) -> Iterator[Path]:
    """Yield every file that is not hidden, sorted by its path."""
    for place, folders, files in os.walk(folder, followlinks=True):
        folders[:] = sorted(name for name in folders if not is_hidden(name))
        found = (Path(place, name) for name in sorted(files) if not is_hidden(name))
        yield from filter(is_regular, found)  # reading a pipe would never end


def _is_used(found: _Found, train: _Found) -> bool:
    """Return whether a split has samples of any class to train on."""
    return any(files and train.by_class.get(name) for name, files in found.by_class.items())


def _class_names(found: Mapping[str, _Found], classes: Classes) -> tuple[str, ...]:
    """Return the classes: those that are named, or those with a sample in any split.

    Raises:
        DataError: One that is named is in no split.
    """
    used = [each for each in found.values() if _is_used(each, found["train"])]
    there = sorted({name for each in used for name, files in each.by_class.items() if files})
    if not isinstance(classes, tuple):
        return tuple(there)
    absent = [name for name in classes if name not in there]
    if absent:
        raise DataError(
            f"no files for class {one_of(map(repr, absent), 'and')}; the classes are "
            f"{one_of(map(repr, there[:20]), 'and') or 'none'}",
            hint="choose other classes under classes:",
            field="classes",
        )
    return classes


def _nothing_found(folder: Path, found: _Found, is_sample: FileTest) -> DataError:
    per_class = "create one folder per class, named after the class"
    if found.outside:
        return DataError(
            f"{shown(folder)} holds {plural(len(found.outside), is_sample.noun)}, but no folder per class",
            hint=f"{per_class}, or list the files with their labels under files:",
        )
    if not found.by_class:
        return DataError(f"{shown(folder)} has no folder per class", hint=per_class)
    others = f"; it holds {_endings(found.others)}" if found.others else ""
    return DataError(f"{shown(folder)} holds no {is_sample.noun} in its folders{others}", hint=per_class)


def _notes(
    folder: Path, folders: Mapping[str, Path], found: Mapping[str, _Found], is_sample: FileTest, names: Sequence[str]
) -> Iterator[str]:
    """Yield what the user should know."""
    if len(folders) > 1 or folders["train"] != folder:
        yield from _unused_folders(folder, folders)
    for split, each in found.items():
        yield from _notes_of_split(shown(folders[split]), each, found["train"], is_sample, names)
    empty = sorted({name for each in found.values() for name, files in each.by_class.items() if not files} - set(names))
    if empty:
        yield f"{shown(folder)}: {_listed(empty)} {_is_are(len(empty))} empty and not used as a class"


def _unused_folders(folder: Path, folders: Mapping[str, Path]) -> Iterator[str]:
    unused = [each.name for each in shown_entries(folder) if each.is_dir() and each not in folders.values()]
    if unused:
        yield f"{shown(folder)}: {_listed(unused)} {_is_are(len(unused))} not used"


def _notes_of_split(
    place: str, each: _Found, train: _Found, is_sample: FileTest, names: Sequence[str]
) -> Iterator[str]:
    noun = is_sample.noun
    if each.others:
        yield (
            f"{place}: {plural(len(each.others), 'file')} that {_is_no(len(each.others), noun)} not used: "
            + _endings(each.others)
        )
    if not _is_used(each, train):
        count = len(each.outside) + sum(map(len, each.by_class.values()))
        yield f"{place} has no folder of a training class: {plural(count, noun)} {_is_are(count)} not used"
        return
    if each.outside:
        yield f"{place}: {plural(len(each.outside), noun)} outside of the class folders {_is_are(len(each.outside))} not used"
    yield from _notes_of_classes(place, each, is_sample, names)


def _notes_of_classes(place: str, each: _Found, is_sample: FileTest, names: Sequence[str]) -> Iterator[str]:
    noun = is_sample.noun
    sniffed = [
        file for files in each.by_class.values() for file in files if file.suffix.lower() not in is_sample.suffixes
    ]
    if sniffed:
        yield f"{place}: {plural(len(sniffed), 'file')} with an unusual ending read as {noun}s: {_endings(sniffed)}"
    left_out = sorted(name for name, files in each.by_class.items() if files and name not in names)
    if left_out:
        yield f"{place}: {_listed(left_out)} {_is_are(len(left_out))} not used, since classes: lists others"
    without = [name for name in names if not each.by_class.get(name)]
    if 0 < len(without) < len(names):
        yield f"{place} has no {noun} of {plural(len(without), 'class')}: {_listed(without)}; classes: selects others"


def _is_are(count: int) -> str:
    return "is" if count == 1 else "are"


def _is_no(count: int, noun: str) -> str:
    return f"is not {'an' if noun[0] in 'aeiou' else 'a'} {noun} and is" if count == 1 else f"are not {noun}s and are"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _FEW:,} more" if len(names) > _FEW else ""
    return f"{', '.join(names[:_FEW])}{more}" if more else one_of(names, "and")


def _endings(files: Sequence[Path]) -> str:
    """`.md 3, no ending 1`."""
    counts = Counter(file.suffix.lower() or "no ending" for file in files)
    return ", ".join(f"{ending} {count:,}" for ending, count in counts.most_common(_FEW))


def _classified(found: _Found, names: Sequence[str]) -> Classified:
    chosen = [found.by_class.get(name, []) for name in names]
    files = tuple(file for each in chosen for file in each)
    return Classified(files, tuple(index for index, each in enumerate(chosen) for _ in each))


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
