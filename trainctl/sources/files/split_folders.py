"""Folders that are splits: `train`, `Valid`, `test_set`; and what a system leaves in a folder."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from trainctl.errors import DataError
from trainctl.sources.reading.inputs import shown
from trainctl.text import one_of

SPLITS = {
    "train": {"train", "training", "trn"},
    "validation": {"val", "valid", "validation", "dev", "development"},
    "test": {"test", "testing", "tst"},
}
"""How the folder of each split may be called, in lower case and without `set` or `data` at its end."""
_AFTER_WORDS = re.compile(r"(.+)[\W_]([^\W_]+)")
_SYSTEM = {"__MACOSX", "Thumbs.db", "desktop.ini", "@eaDir", "$RECYCLE.BIN", "lost+found"}


def shown_entries(folder: Path) -> list[Path]:
    """Return what a folder holds, sorted, without what a system keeps hidden in it."""
    return sorted(entry for entry in folder.iterdir() if not is_hidden(entry.name))


def is_hidden(name: str) -> bool:
    """Return whether a system, and not the user, made a file or folder of this name."""
    return name.startswith(".") or name in _SYSTEM


def split_of(name: str) -> str | None:
    """Return the split that a folder of this name holds: `Training_Set` is the training split."""
    plain = re.sub(r"[\W_]+", "", name.lower())
    plain = re.sub(r"(set|data|split|images|texts)$", "", plain) or plain
    return next((split for split, names in SPLITS.items() if plain in names), None)


def split_folders(folder: Path, *, of_classes: bool = True) -> dict[str, Path]:
    """Return the folders of the splits; none where the folder's own folders are classes.

    A class may be called as a split is: `train` beside `bus` and `car`. A split holds folders of classes.

    Args:
        folder: The folder.
        of_classes: Whether folders may be classes; where none are, a folder called as a split is one.
    """
    folders = [each for each in shown_entries(folder) if each.is_dir()] if folder.is_dir() else []
    named = _by_split(folders)
    count = sum(map(len, named.values()))
    is_split = any(map(has_folders, named.get("train", ()))) if of_classes else "train" in named
    if not is_split and (not named or count < len(folders) or (count == 1 and "train" not in named)):
        return {}
    _require_one_each(folder, named)
    if "train" not in named:
        names = one_of((each.name for each in folders), "and")
        raise DataError(f"{shown(folder)} holds {names}, but no folder named train", hint="rename one to train")
    return {split: named[split][0] for split in SPLITS if split in named}


def unwrapped(folder: Path) -> Path:
    """Return the folder, or the only folder in it where that holds several: an archive is often unpacked so."""
    inside = [each for each in shown_entries(folder) if each.is_dir()]
    if len(inside) != 1 or (split_of(inside[0].name) is not None and inside[0].name != folder.name):
        return folder
    several = [each for each in shown_entries(inside[0]) if each.is_dir()]
    return inside[0] if len(several) > 1 else folder


def _by_split(folders: Sequence[Path]) -> dict[str, list[Path]]:
    """Return the folders that are called as a split is, by that split."""
    named: dict[str, list[Path]] = {}
    for each in folders:
        split = split_of(each.name)
        if split is not None:
            named.setdefault(split, []).append(each)
    return named or _by_ending(folders)


def _by_ending(folders: Sequence[Path]) -> dict[str, list[Path]]:
    """Return the folders that are called as a split is behind the same words: `seg_train` and `seg_test`."""
    found: dict[str, dict[str, list[Path]]] = {}
    for each in folders:
        words = _AFTER_WORDS.fullmatch(each.name)
        split = split_of(words[2]) if words else None
        if words and split is not None:
            found.setdefault(words[1].lower(), {}).setdefault(split, []).append(each)
    return next((named for named in found.values() if "train" in named and len(named) > 1), {})


def _require_one_each(folder: Path, named: Mapping[str, Sequence[Path]]) -> None:
    for split, several in named.items():
        if len(several) > 1:
            names = one_of((each.name for each in several), "and")
            what = "training" if split == "train" else split
            raise DataError(
                f"{shown(folder)} holds {names}: which one is the {what} data?", hint="rename or remove the others"
            )


def has_folders(folder: Path) -> bool:
    """Return whether a folder holds folders."""
    return any(each.is_dir() for each in shown_entries(folder))
