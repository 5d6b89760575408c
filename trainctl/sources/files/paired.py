"""Files that belong together by their names: images with their masks, or with the images to learn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from trainctl.errors import DataError
from trainctl.sources.files.found import ONLY, FoundFiles, FoundSplits
from trainctl.sources.files.split_folders import split_folders
from trainctl.sources.files.walk import FileTest, endings, first_of, is_are, is_no, unused_folders, walk
from trainctl.sources.reading.inputs import existing_folder, shown
from trainctl.text import plural, several


@dataclass(frozen=True, slots=True)
class Pairing:
    """Two folders whose files belong together where their paths in them are the same but for the ending.

    Args:
        path: The folder of the inputs.
        answers: The folder of the labels.
        noun: What a label is: `mask`.
        field: The argument that names the folder of the labels.
        is_sample: Tells which files are inputs.
        is_answer: Tells which files are labels.
        skip: Whether to leave out files without their other one; they are an error otherwise.
        own_folder: Whether the labels are other files than the inputs, and so cannot be in their folder.
    """

    path: str
    answers: str
    noun: str
    field: str
    is_sample: FileTest
    is_answer: FileTest
    skip: bool = False
    own_folder: bool = True

    def find(self) -> FoundSplits:
        """Return the pairs of each split: of the whole folders, or of the folders for splits in them.

        Raises:
            DataError: There is no such folder, it is empty, or a file has no other; names all of them.
        """
        inputs, answers = existing_folder(self.path), existing_folder(self.answers, self.field)
        if self.own_folder and inputs.samefile(answers):
            raise DataError(
                f"{shown(inputs)} is the folder of the images and of the {several(self.noun)}",
                hint=f"name two folders, such as path: train/images, {self.field}: train/{self.field}, or list the files in a "
                f"CSV file: files: pairs.csv, label: {self.noun}",
                field=self.field,
            )
        folders = split_folders(inputs, of_classes=False)
        others = split_folders(answers, of_classes=False) if folders else {}
        notes = list(unused_folders(inputs, folders)) if folders else []
        folders = folders or {"train": inputs}
        shared = None if others else self._samples(answers, inputs, self.is_answer, notes)
        matches = {}
        for split, folder in folders.items():
            if others and split not in others:
                notes.append(f"{shown(folder)} has no {several(self.noun)} in {shown(answers)} and is not used")
                continue
            other = others.get(split, answers)
            theirs = self._samples(other, folder, self.is_answer, notes) if shared is None else shared
            matches[split] = matched(
                folder, self._samples(folder, other, self.is_sample, notes), other, theirs, self.noun
            )
        notes += dict.fromkeys(note for match in matches.values() for note in match.notes)
        alone = self._alone(matches.values(), shared)
        found = {
            split: FoundFiles({ONLY: tuple(match.pairs)}, None, tuple(match.pairs.values()))
            for split, match in matches.items()
        }
        self._require_pairs(found.get("train"), folders["train"], answers, alone, notes)
        splits = {split: each for split, each in found.items() if len(each)}
        return FoundSplits(splits["train"], splits.get("validation"), splits.get("test"), notes=tuple(notes))

    @staticmethod
    def _samples(folder: Path, other: Path, counts: FileTest, notes: list[str]) -> list[Path]:
        """Return the files of a folder that count; those of the other one, where it is inside, are left out."""
        files, others = list[Path](), list[Path]()
        inside = folder != other and other.is_relative_to(folder)
        for file in walk(folder):
            if not (inside and file.is_relative_to(other)):
                (files if counts(file) else others).append(file)
        if others:
            what = f"{plural(len(others), 'file')} that {is_no(len(others), counts.noun)} not used: {endings(others)}"
            notes.append(f"{shown(folder)}: {what}")
        return files

    def _alone(self, matches: Iterable[Match], shared: Sequence[Path] | None) -> list[str]:
        """Return what to say of each file without its other one."""
        matches = list(matches)
        taken = {answer for match in matches for answer in match.pairs.values()}
        answers = shared if shared is not None else [answer for match in matches for answer in match.answers]
        alone = [f"{shown(file)} has no {self.noun}" for match in matches for file in match.alone]
        return alone + [f"{shown(file)} has no {self.is_sample.noun}" for file in answers if file not in taken]

    def _require_pairs(
        self, train: FoundFiles | None, folder: Path, answers: Path, alone: Sequence[str], notes: list[str]
    ) -> None:
        if train is None or not len(train):
            raise DataError(
                f"no {self.is_sample.noun} in {shown(folder)} has a {self.noun} of its name in {shown(answers)}"
                + (f": {first_of(alone, len(alone))}" if alone else ""),
                hint=f"give both files one name, such as 1.jpg and 1.png, or list them in a CSV file with the columns path "
                f"and {self.noun}: files: pairs.csv, label: {self.noun}",
                field=self.field,
            )
        if not alone:
            return
        listed = first_of(alone, len(alone))
        if not self.skip:
            raise DataError(
                f"{plural(len(alone), 'file')} without {'its' if len(alone) == 1 else 'their'} other one: {listed}",
                hint="add or remove the files, or set on_error: skip",
                field=self.field,
            )
        notes.append(f"{plural(len(alone), 'file')} without a pair {is_are(len(alone))} skipped: {listed}")


@dataclass(frozen=True, slots=True)
class Match:
    """The files of two folders, matched.

    Args:
        pairs: The label of each input.
        alone: The inputs that have none.
        answers: All labels.
        notes: How they were matched, where names differ.
    """

    pairs: Mapping[Path, Path]
    alone: tuple[Path, ...]
    answers: tuple[Path, ...]
    notes: tuple[str, ...] = ()


def matched(folder: Path, files: Sequence[Path], other: Path, answers: Sequence[Path], noun: str) -> Match:
    """Match files by their path in their folder without the ending; else by their name, where no two have the same.

    Args:
        folder: The folder of the inputs.
        files: The inputs.
        other: The folder of the labels.
        answers: The labels.
        noun: What a label is.

    Raises:
        DataError: Two labels differ in their ending only.
    """
    if folder == other:  # the images themselves, in another size
        return Match(dict(zip(files, files, strict=True)), (), tuple(files))
    by_path, by_name = dict(_unique(other, answers)), _by_name(answers)
    renaming = None if by_name.keys() & {file.stem for file in files} else _renaming([*_by_name(files)], [*by_name])
    notes = () if renaming is None else (f"{shown(other)}: the {several(noun)} are named {renaming.example}",)
    names, pairs = Counter(file.stem for file in files), {}
    for file in files:
        path, name = file.relative_to(folder).with_suffix(""), file.stem if renaming is None else renaming(file.stem)
        found = by_path.get(path.with_name(name).as_posix())
        if found is None and names[file.stem] == 1:
            found = by_name.get(name)
        if found is not None:
            pairs[file] = found
    return Match(pairs, tuple(file for file in files if file not in pairs), tuple(answers), notes)


def _by_name(files: Sequence[Path]) -> dict[str, Path]:
    counts = Counter(each.stem for each in files)
    return {each.stem: each for each in files if counts[each.stem] == 1}


@dataclass(frozen=True, slots=True)
class _Renaming:
    """How the name of a label follows from that of its input.

    Args:
        removed: What the name of every input begins and ends with.
        added: What the name of every label begins and ends with in its place.
    """

    removed: tuple[str, str]
    added: tuple[str, str]

    def __call__(self, name: str) -> str:
        """Return the label's name."""
        begin, end = self.removed
        return f"{self.added[0]}{name.removeprefix(begin).removesuffix(end)}{self.added[1]}"

    @property
    def example(self) -> str:
        """What the names are like: `*_mask for inputs named *`."""
        return f"{'*'.join(self.added)} for inputs named {'*'.join(self.removed)}"


def _renaming(inputs: Sequence[str], answers: Sequence[str]) -> _Renaming | None:
    """Return how labels are named, where every one has the name of an input with something around it, or instead of that."""
    known, first = set(inputs), min(answers, default="")
    ends = ((begin, end) for begin in range(len(first)) for end in range(len(first), begin, -1))
    found = max((first[begin:end] for begin, end in ends if first[begin:end] in known), key=len, default=None)
    if found is not None:
        before, after = first.split(found, 1)
        fits = all(each.startswith(before) and each.endswith(after) for each in answers)
        return _Renaming(("", ""), (before, after)) if fits else None
    if min(len(inputs), len(answers)) < 2:
        return None
    renaming = _Renaming(_common_ends(inputs), _common_ends(answers))
    return renaming if any(renaming(each) in answers for each in inputs) else None


def _common_ends(names: Sequence[str]) -> tuple[str, str]:
    """Return what all names begin and end with; a number is not cut in two."""
    begin = _common_start(names).rstrip("0123456789")
    end = _common_start([each.removeprefix(begin)[::-1] for each in names])[::-1].lstrip("0123456789")
    return begin, end


def _common_start(names: Sequence[str]) -> str:
    same = takewhile(lambda letters: letters[0] == letters[1], zip(min(names), max(names), strict=False))
    return "".join(letter for letter, _ in same)


def _unique(folder: Path, files: Sequence[Path]) -> Iterator[tuple[str, Path]]:
    seen: dict[str, Path] = {}
    for file in files:
        name = file.relative_to(folder).with_suffix("").as_posix()
        if name in seen:
            raise DataError(
                f"{shown(seen[name])} and {shown(file)} differ in their ending only: which one belongs to the input?",
                hint="remove or rename one of them",
            )
        seen[name] = file
        yield name, file
