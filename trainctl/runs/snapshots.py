"""The snapshots of a run: `snapshots/step-000000750.npz`, one file each, the newest few kept.

A fork begins with one of another run's, `step-000000000.npz`: the steps in that name are those that the run did itself.

A snapshot holds all that decides how a run goes on, and how long each growing file was when it was taken, so that what
came later can be cut: `metrics.jsonl`, `events.jsonl`, and the files that callbacks append to. Such a file may lie outside
the run directory, where other runs write too; there only what is surely this run's own is touched.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from trainctl.aliases import Value
from trainctl.components.spec import CallbackSpec
from trainctl.errors import RunDirError, TrainingError
from trainctl.files import is_own_file, is_own_folder, open_own, own_folder, unshare
from trainctl.runs.claims import Claim, claims_of
from trainctl.runs.layout import SNAPSHOT_PATTERN, RunDirectory, snapshot_name
from trainctl.runs.state_file import StateError, read_state, write_state
from trainctl.text import plural

FORMAT = 1
_EVENT_FILES = "events.out.tfevents.*"  # TensorBoard's; other files in its folder are written whole


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of a run between two steps.

    Args:
        epoch: Epochs that have ended.
        step: Steps done of the epoch under way. All of them where only the validation is still to come.
        steps: Steps of an epoch.
        stopped: Whether training was asked to stop, as by EarlyStopping: only what follows the last epoch is left.
        recoveries: How often the run went back to a snapshot because it diverged.
        state: Model, optimizer, metrics, callbacks and random numbers, as `training/snapshots.py` captures them.
        files: Bytes of each growing file, by its path in the run directory; outside of that, by its absolute path.
    """

    epoch: int
    step: int
    steps: int
    stopped: bool
    recoveries: int
    state: Mapping[str, Value]
    files: Mapping[str, int] = field(default_factory=dict)

    @property
    def global_step(self) -> int:
        """Optimizer steps since the run began."""
        return self.epoch * self.steps + self.step

    @property
    def learning_rate(self) -> float:
        """The optimizer's learning rate, a number; the one that a fork gave it, until it takes a snapshot of its own."""
        if self.state.get("learning_rate") is not None:
            return float(self.state["learning_rate"])
        kept = self.state["optimizer"]
        values = zip(kept["paths"], kept["values"], strict=True)
        return next(float(value) for path, value in values if path.endswith("learning_rate"))

    @property
    def place(self) -> str:
        """Where it is, for people: `after epoch 3`, `in epoch 4 after 120 of 750 steps`."""
        if self.step:
            return f"in epoch {self.epoch + 1} after {self.step:,} of {plural(self.steps, 'step')}"
        return f"after epoch {self.epoch}" if self.epoch else "before the first step"


def save(directory: RunDirectory, snapshot: Snapshot, keep: int) -> Path:
    """Write `snapshot`, and remove all but the newest `keep`.

    Raises:
        TrainingError: A callback's state holds what cannot be kept.
        OSError: The disk is full, or the run directory is gone or cannot be written. Older snapshots stay.
    """
    path = _written(directory, snapshot, snapshot.global_step)
    prune(directory, keep)
    return path


def hand_over(snapshot: Snapshot, directory: RunDirectory) -> None:
    """Let the new run in `directory` begin with `snapshot`: any that it takes itself is newer, whatever its steps are.

    Raises:
        OSError: It cannot be written.
    """
    _written(directory, snapshot, 0)


def _written(directory: RunDirectory, snapshot: Snapshot, steps: int) -> Path:
    own_folder(directory.snapshots)
    path = directory.snapshots / snapshot_name(steps)
    try:
        write_state(path, {"format": FORMAT, **_shallow(snapshot)})
    except StateError as error:
        raise TrainingError(
            _describe_state_error(error), hint="it must return plain values and NumPy arrays"
        ) from error
    return path


def _describe_state_error(error: StateError) -> str:
    """What cannot be saved, with the callback that it is of."""
    match error.place:
        case ("state", "callbacks", callback, *keys):
            return f"the state_dict() of {callback} cannot be saved: {'.'.join(keys) or 'it'} {error.problem}"
    return f"the run's state cannot be saved: {error}"


def _shallow(snapshot: Snapshot) -> dict[str, Value]:
    return {name: getattr(snapshot, name) for name in Snapshot.__dataclass_fields__}


def prune(directory: RunDirectory, keep: int) -> None:
    """Remove all but the newest `keep` snapshots."""
    for path in paths(directory)[keep:]:
        path.unlink(missing_ok=True)


def paths(directory: RunDirectory) -> list[Path]:
    """The snapshot files, newest first."""
    if not is_own_folder(directory.snapshots):  # a link may lead to another run's
        return []
    return sorted(filter(is_own_file, directory.snapshots.glob(SNAPSHOT_PATTERN)), reverse=True)


def newest(directory: RunDirectory) -> tuple[Snapshot | None, list[Path]]:
    """The newest snapshot that is whole, and those newer ones that are damaged."""
    damaged: list[Path] = []
    for path in paths(directory):
        try:
            return _read(path), damaged
        except StateError:
            damaged.append(path)
    return None, damaged


def require_epochs(wanted: Value, snapshot: Snapshot | None) -> None:
    """A run cannot go back: it goes on for at least as many epochs as its snapshot has.

    Args:
        wanted: The epochs to train; not looked at where they are still to come from the data.
        snapshot: The snapshot to go on from.

    Raises:
        RunDirError: The run is further.
    """
    if snapshot is None or not isinstance(wanted, int):
        return
    least = snapshot.epoch + (1 if snapshot.step else 0)
    if wanted < least:
        raise RunDirError(
            f"fit.epochs is {wanted}, but the run has already trained further: {snapshot.place}",
            hint=f"--set fit.epochs={least}, or more",
        )


def _read(path: Path) -> Snapshot:
    tree = read_state(path)
    if tree.pop("format", None) != FORMAT or tree.keys() != Snapshot.__dataclass_fields__.keys():
        raise StateError(f"{path} was written by another version of trainctl")
    files = tree["files"]
    if not isinstance(files, dict) or not all(isinstance(each, int) and each >= 0 for each in files.values()):
        raise StateError(f"{path} does not record the lengths of the files")
    return Snapshot(**tree)


def growing(directory: RunDirectory, callbacks: Iterable[CallbackSpec]) -> list[Path]:
    """The files that the run appends to, and its folders of TensorBoard's event files; none that others may share."""
    written = [(spec, directory.path / path) for spec in callbacks for path in spec.growing()]
    own = [path for spec, path in written if not spec.shares or _is_inside(directory, path)]
    return [directory.metrics, directory.events, *own]


def unique_names(specs: Sequence[CallbackSpec]) -> list[str]:
    """A name for each callback, the same in every session: its own, counted where there are several."""
    seen: Counter[str] = Counter()
    names = []
    for spec in specs:
        seen[spec.name_in_yaml] += 1
        count = seen[spec.name_in_yaml]
        names.append(spec.name_in_yaml if count == 1 else f"{spec.name_in_yaml} {count}")
    return names


def sizes(directory: RunDirectory, growing: Iterable[Path]) -> dict[str, int]:
    """Bytes of every growing file, by its path in the run directory; outside of that, by its absolute path.

    Args:
        directory: The run directory.
        growing: Files that are appended to, and folders of such files.
    """
    return {_key(directory, path): path.stat().st_size for path in _files(directory, growing)}


def cut(directory: RunDirectory, growing: Iterable[Path], lengths: Mapping[str, int]) -> None:
    """Bring every growing file back to its length at the snapshot; the run's own that began later are removed.

    Outside of the run directory only files are touched that the user's state folder gives to the run.

    Raises:
        OSError: A file cannot be written.
    """
    for path in _files(directory, growing):
        length, inside = lengths.get(_key(directory, path)), _is_inside(directory, path)
        if not inside and not _claims(directory, path):
            continue
        if length is not None:
            _shorten(path, length)
        elif inside or _is_event_file(path):
            path.unlink()
        # else it may have been there before the run, which either replaces it or never wrote to it


def _shorten(path: Path, length: int) -> None:
    if path.stat().st_size <= length:
        return
    unshare(path)
    descriptor = open_own(path, os.O_WRONLY)
    try:
        os.ftruncate(descriptor, length)
    finally:
        os.close(descriptor)


def copy_growing(
    source: RunDirectory, target: RunDirectory, growing: Iterable[Path], lengths: Mapping[str, int]
) -> None:
    """Copy what the growing files in `source` held at the snapshot to `target`; those outside stay with the other run.

    The snapshot, which may be a stranger's, says only how long they were: which they are, the experiment says.

    Raises:
        OSError: A file cannot be read or written.
    """
    for path in _files(source, growing):
        name = _key(source, path)
        if name in lengths and _is_inside(source, path):
            copy = target.path / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
            os.truncate(copy, min(lengths[name], copy.stat().st_size))


def _is_inside(directory: RunDirectory, path: Path) -> bool:
    return path.is_relative_to(directory.path) and ".." not in path.relative_to(directory.path).parts


def _key(directory: RunDirectory, path: Path) -> str:
    return str(path.relative_to(directory.path) if _is_inside(directory, path) else path)


def _files(directory: RunDirectory, growing: Iterable[Path]) -> Iterator[Path]:
    """The files themselves; one that a symbolic link in the run directory leads to is none of them."""
    for path in growing:
        inside = _is_inside(directory, path)
        if inside and _is_linked(directory, path):
            continue
        if is_own_file(path):
            yield path
        elif is_own_folder(path):
            found = filter(is_own_file, sorted(path.rglob(_EVENT_FILES)))
            yield from found if inside else _own(directory, path, found)


def _is_linked(directory: RunDirectory, path: Path) -> bool:
    steps = path.relative_to(directory.path).parts
    return any(directory.path.joinpath(*steps[:count]).is_symlink() for count in range(1, len(steps) + 1))


def _is_event_file(path: Path) -> bool:
    return path.match(_EVENT_FILES)


def _claims(directory: RunDirectory, path: Path) -> list[Claim]:
    """The claims of the run to a file outside of its directory, or to a folder above it."""
    owners = [str(directory.path)]
    found = (claims_of(place, owners) for place in (path, *path.parents))
    return next(filter(None, found), [])


def _own(directory: RunDirectory, folder: Path, event_files: Iterable[Path]) -> Iterator[Path]:
    """Those that a session of this run wrote: their names say when they were begun, on which host, by which process."""
    ends = _ends_of_sessions(directory)
    sessions = [(each, ends.get((each.host, each.pid), float("inf"))) for each in _claims(directory, folder)]
    for path in event_files:
        for claim, last in sessions:
            match = re.fullmatch(rf"events\.out\.tfevents\.(\d+)\.{re.escape(claim.host)}\.{claim.pid}\..*", path.name)
            # A process may write for several runs.
            if match is not None and int(claim.time) <= int(match[1]) <= last:
                yield path
                break


def _ends_of_sessions(directory: RunDirectory) -> dict[tuple[str, int], float]:
    """When each session in run.json ended, by its host and process, in seconds since 1970."""
    try:
        sessions = json.loads(directory.record.read_bytes())["sessions"]
        ended = [each for each in sessions if each.get("ended")]
        return {
            (str(each["host"]), int(each["pid"])): datetime.fromisoformat(each["ended"]).timestamp() for each in ended
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
