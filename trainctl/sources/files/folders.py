"""Folders with a folder for each class: of images, of texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Literal

from trainctl.errors import DataError
from trainctl.sources.files.found import ONLY, FoundFiles, FoundSplits
from trainctl.sources.files.split_folders import shown_entries, split_folders, split_of, unwrapped
from trainctl.sources.files.walk import FileTest, endings, is_are, is_no, listed, unused_folders, walk
from trainctl.sources.reading.inputs import existing_folder, shown
from trainctl.text import one_of, plural

Classes = tuple[str, ...] | Literal["path"] | None
"""The folders that are classes; `path` takes every folder with files in it; `None` takes the folders of the first level."""


@dataclass(slots=True)
class _Found:
    """The files of one split, by class, and what else was there."""

    by_class: dict[str, list[Path]] = field(default_factory=dict)
    others: list[Path] = field(default_factory=list)  # files that are no samples
    outside: list[Path] = field(default_factory=list)  # samples outside of any class
    is_cut: bool = False  # whether there are more files than were looked at

    @property
    def is_empty(self) -> bool:
        """Whether no class has a sample."""
        return not any(self.by_class.values())


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the splits of a folder lie.

    Args:
        given: The folder that the experiment names.
        folder: The one that is read in its place.
        folders: The folder of each split.
        inner: The one that is read in the place of each.
    """

    given: Path
    folder: Path
    folders: Mapping[str, Path]
    inner: Mapping[str, Path]

    @classmethod
    def of(cls, path: str, classes: Classes) -> _Layout:
        """Return where the splits of the folder `path` lie."""
        given = existing_folder(path)
        folder = unwrapped(given) if classes is None else given
        folders = split_folders(folder) or {"train": folder}
        inner = {split: unwrapped(each) if classes is None else each for split, each in folders.items()}
        return cls(given, folder, folders, inner)

    def wrapped(self) -> Iterator[tuple[Path, Path]]:
        """Yield each folder with the one that is read in its place, where that is another one."""
        pairs = [*((self.folders[split], self.inner[split]) for split in self.folders), (self.given, self.folder)]
        return ((outer, read) for outer, read in pairs if read != outer)


LOOK_AT = 2_000
"""Files of a split that a quick look sees; of the others it takes for granted what it cannot see."""


def look_for_classes(path: str, is_sample: FileTest, classes: Classes = None) -> None:
    """See that a folder holds samples in folders of classes; of many files, only the first are looked at.

    Args:
        path: The folder.
        is_sample: Tells which files are samples.
        classes: Which folders are classes.

    Raises:
        DataError: No such folder, no folders of classes in it, or no files in them.
    """
    layout = _Layout.of(path, classes)
    found = {split: _look_through(each, is_sample, classes, LOOK_AT) for split, each in layout.inner.items()}
    _require_classes(layout, found, is_sample, classes)


def find_classes(path: str, is_sample: FileTest, classes: Classes = None) -> FoundSplits:
    """Find the files of a folder of classes; or of its folders for training, validation and test, where it has them.

    Args:
        path: The folder.
        is_sample: Tells which files are samples.
        classes: Which folders are classes.

    Raises:
        DataError: No such folder, no folders of classes in it, or no files in them.
    """
    layout = _Layout.of(path, classes)
    found = {split: _look_through(each, is_sample, classes) for split, each in layout.inner.items()}
    names = _require_classes(layout, found, is_sample, classes)
    notes = list(_notes(layout.folder, layout.folders, found, is_sample, names))
    notes += _notes_of_names(layout.folder, layout.inner["train"], names)
    for outer, read in layout.wrapped():
        notes.insert(0, f"{shown(outer)} holds one folder, {read.relative_to(outer)}, whose folders are read instead")
    parts = {split: _classified(each, names) for split, each in found.items() if _is_used(each, found["train"])}
    return FoundSplits(parts["train"], parts.get("validation"), parts.get("test"), names, tuple(notes))


def has_validation(path: str, *, of_classes: bool = True) -> bool:
    """Return whether the folder sets some samples apart to validate on; its folders may be classes, or not."""
    try:
        folder = Path(path)
        folder = unwrapped(folder) if of_classes and folder.is_dir() else folder
        return "validation" in split_folders(folder, of_classes=of_classes)
    except DataError:
        return False  # what is wrong is reported where the files are looked at


def _require_classes(
    layout: _Layout, found: Mapping[str, _Found], is_sample: FileTest, classes: Classes
) -> tuple[str, ...]:
    """Return the classes; there is a sample to train on, and one of each class that is named.

    Raises:
        DataError: There is none, as far as the files were looked at.
    """
    names = _class_names(found, classes)
    if found["train"].is_empty and not found["train"].is_cut:
        raise _nothing_found(layout.folders["train"], found["train"], is_sample)
    return names


def _look_through(folder: Path, is_sample: FileTest, classes: Classes, limit: int | None = None) -> _Found:
    """Sort the files of a split by class, at most the first `limit` of them."""
    found = _Found()
    if classes is None or isinstance(classes, tuple):
        for entry in shown_entries(folder):
            if entry.is_dir():
                found.by_class[entry.name] = []
    files = walk(folder)
    for file in islice(files, limit):
        inside = file.relative_to(folder).parts[:-1]
        if not is_sample(file):
            found.others.append(file)
        elif not inside:
            found.outside.append(file)
        else:
            found.by_class.setdefault("/".join(inside) if classes == "path" else inside[0], []).append(file)
    found.is_cut = limit is not None and next(files, None) is not None
    return found


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
    if any(each.is_cut for each in found.values()):  # whether a folder holds samples may be seen only later
        there = sorted({name for each in found.values() for name in each.by_class})
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
    others = f"; it holds {endings(found.others)}" if found.others else ""
    return DataError(f"{shown(folder)} holds no {is_sample.noun} in its folders{others}", hint=per_class)


def _notes(
    folder: Path, folders: Mapping[str, Path], found: Mapping[str, _Found], is_sample: FileTest, names: Sequence[str]
) -> Iterator[str]:
    """Yield what the user should know."""
    if len(folders) > 1 or folders["train"] != folder:
        yield from unused_folders(folder, folders)
    for split, each in found.items():
        yield from _notes_of_split(shown(folders[split]), each, found["train"], is_sample, names)
    empty = sorted({name for each in found.values() for name, files in each.by_class.items() if not files} - set(names))
    if empty:
        yield f"{shown(folder)}: {listed(empty)} {is_are(len(empty))} empty and not used as a class"


def _notes_of_names(folder: Path, train: Path, names: Sequence[str]) -> Iterator[str]:
    """Yield what the names of folders may mean besides."""
    by_name: dict[str, list[str]] = {}
    for name in names:
        by_name.setdefault(name.casefold(), []).append(name)
    twice = [name for same in by_name.values() if len(same) > 1 for name in same]
    if twice:
        yield f"{shown(folder)}: {listed(twice)} are different classes, though their names differ in case only"
    inside = [frozenset(each.name for each in _folders_of(train / name)) for name in names]
    within = frozenset[str]().union(*inside)
    if len(inside) > 1 and len(within) > 1 and all(each == within for each in inside):
        yield (
            f"{shown(train)}: {listed(names)} are the classes, and each holds the folders {listed(sorted(within))}; if those "
            "are the classes, list the files with their labels under files:"
        )
    elif within and all(split_of(each) for each in within):
        yield (
            f"{shown(train)}: the classes hold folders named {listed(sorted(within))}, which are not read as splits; create "
            "folders for splits that hold folders of classes"
        )


def _folders_of(folder: Path) -> list[Path]:
    return [each for each in shown_entries(folder) if each.is_dir()] if folder.is_dir() else []


def _notes_of_split(
    place: str, each: _Found, train: _Found, is_sample: FileTest, names: Sequence[str]
) -> Iterator[str]:
    noun = is_sample.noun
    if each.others:
        yield (
            f"{place}: {plural(len(each.others), 'file')} that {is_no(len(each.others), noun)} not used: "
            + endings(each.others)
        )
    if not _is_used(each, train):
        count = len(each.outside) + sum(map(len, each.by_class.values()))
        yield f"{place} has no folder of a training class: {plural(count, noun)} {is_are(count)} not used"
        return
    if each.outside:
        yield f"{place}: {plural(len(each.outside), noun)} outside of the class folders {is_are(len(each.outside))} not used"
    yield from _notes_of_classes(place, each, is_sample, names)


def _notes_of_classes(place: str, each: _Found, is_sample: FileTest, names: Sequence[str]) -> Iterator[str]:
    noun = is_sample.noun
    sniffed = [
        file for files in each.by_class.values() for file in files if file.suffix.lower() not in is_sample.suffixes
    ]
    if sniffed:
        yield f"{place}: {plural(len(sniffed), 'file')} with an unusual ending read as {noun}s: {endings(sniffed)}"
    left_out = sorted(name for name, files in each.by_class.items() if files and name not in names)
    if left_out:
        yield f"{place}: {listed(left_out)} {is_are(len(left_out))} not used, since classes: lists others"
    without = [name for name in names if not each.by_class.get(name)]
    if 0 < len(without) < len(names):
        yield f"{place} has no {noun} of {plural(len(without), 'class')}: {listed(without)}; classes: selects others"


def _classified(found: _Found, names: Sequence[str]) -> FoundFiles:
    import numpy as np

    chosen = [found.by_class.get(name, []) for name in names]
    files = tuple(file for each in chosen for file in each)
    return FoundFiles({ONLY: files}, np.repeat(np.arange(len(chosen), dtype=np.int64), list(map(len, chosen))))
