"""Files in folders at any depth: which are samples, and how they are told of."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from trainctl.files import is_regular
from trainctl.sources.files.split_folders import is_hidden, shown_entries
from trainctl.sources.reading.inputs import shown
from trainctl.text import one_of, plural, several

_FEW = 10
_FILES_IN_A_MESSAGE = 20


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


@dataclass(frozen=True, slots=True)
class Examined:
    """What the heads of files tell.

    Args:
        unreadable: What is wrong with each file that cannot be read.
        notes: What a person should know of the others.
    """

    unreadable: Mapping[Path, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def walk(folder: Path) -> Iterator[Path]:
    """Yield every file that is not hidden, sorted by its path."""
    seen = set()
    for place, folders, files in os.walk(folder, followlinks=True):
        real = Path(place).resolve()
        if real in seen:  # a link leads back
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not is_hidden(name))
        found = (Path(place, name) for name in sorted(files) if not is_hidden(name))
        yield from (file for file in found if is_regular(file) or is_broken(file))  # reading a pipe would never end


def is_broken(file: Path) -> bool:
    """Return whether it is a link to a file that is gone."""
    return file.is_symlink() and not file.exists()


def first_of(said: Iterable[str], count: int) -> str:
    """Return what is said of the first files, and how many more there are: `a is no image; and 5 more`."""
    more = f"; and {count - _FILES_IN_A_MESSAGE:,} more" if count > _FILES_IN_A_MESSAGE else ""
    return "; ".join(islice(said, _FILES_IN_A_MESSAGE)) + more


def is_are(count: int) -> str:
    """Return the verb for so many things."""
    return "is" if count == 1 else "are"


def is_no(count: int, noun: str) -> str:
    """Return `is not an image and is`, or the same of several."""
    return (
        f"is not {'an' if noun[0] in 'aeiou' else 'a'} {noun} and is"
        if count == 1
        else f"are not {several(noun)} and are"
    )


def listed(names: Sequence[str]) -> str:
    """Return the first names, and how many more there are."""
    more = f" and {len(names) - _FEW:,} more" if len(names) > _FEW else ""
    return f"{', '.join(names[:_FEW])}{more}" if more else one_of(names, "and")


def endings(files: Sequence[Path]) -> str:
    """`.md 3, no ending 1`."""
    counts = Counter(file.suffix.lower() or "no ending" for file in files)
    return ", ".join(f"{ending} {count:,}" for ending, count in counts.most_common(_FEW))


def unused_folders(folder: Path, folders: Mapping[str, Path]) -> Iterator[str]:
    """Yield what to say of the folders and files beside those of the splits."""
    files = [each for each in shown_entries(folder) if each.is_file()]
    if files:
        beside = f"{plural(len(files), 'file')} beside the splits {is_are(len(files))} not used"
        yield f"{shown(folder)}: {beside}: {endings(files)}"
    unused = [each.name for each in shown_entries(folder) if each.is_dir() and each not in folders.values()]
    if unused:
        yield f"{shown(folder)}: {listed(unused)} {is_are(len(unused))} not used"
