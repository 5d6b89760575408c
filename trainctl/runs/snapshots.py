"""The snapshots of a run: `snapshots/step-000000750.npz`, one file each, the newest few kept.

That of the end of a stage stays as `snapshots/stage-1.npz`, where a fork may begin.

A fork begins with one of another run's, `step-000000000.npz`: the steps in that name are those that the run did itself.

A snapshot holds all that decides how a run goes on, and how long each growing file was when it was taken, with a checksum
of that much of it (`growing.py`).
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from trainctl.aliases import Value
from trainctl.components.spec import CallbackSpec
from trainctl.config.experiment import Experiment
from trainctl.errors import RunDirError, TrainingError
from trainctl.files import is_own_file, is_own_folder, own_folder, replacing
from trainctl.runs.layout import SNAPSHOT_PATTERN, RunDirectory, snapshot_name, stage_end_name
from trainctl.runs.state_file import StateError, read_state, write_state
from trainctl.text import plural

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Begun:
    """Where a stage of the training began; of a training without stages, the beginning.

    Args:
        stage: Its number, from 0.
        epoch: Epochs that had ended.
        step: Optimizer steps that were done.
    """

    stage: int = 0
    epoch: int = 0
    step: int = 0


BEGINNING = Begun()
"""Where the first stage begins."""


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
        checksums: The CRC-32 of those bytes; none of a file that could not be read.
        begun: Where its stage began.
    """

    epoch: int
    step: int
    steps: int
    stopped: bool
    recoveries: int
    state: Mapping[str, Value]
    files: Mapping[str, int] = field(default_factory=dict)
    checksums: Mapping[str, int] = field(default_factory=dict)
    begun: Begun = BEGINNING

    @property
    def global_step(self) -> int:
        """Optimizer steps since the run began."""
        return self.begun.step + (self.epoch - self.begun.epoch) * self.steps + self.step

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
    values = {name: getattr(snapshot, name) for name in Snapshot.__dataclass_fields__}
    return {**values, "begun": asdict(snapshot.begun)}


def prune(directory: RunDirectory, keep: int) -> None:
    """Remove all but the newest `keep` snapshots."""
    for path in paths(directory)[keep:]:
        path.unlink(missing_ok=True)


def keep_stage_end(directory: RunDirectory, ended: Begun) -> None:
    """Keep the snapshot of the end of a stage, whatever is pruned; nothing where none was taken there.

    Args:
        directory: The run directory.
        ended: Where the stage ended, which is where the next one begins.

    Raises:
        OSError: It cannot be written.
    """
    taken = directory.snapshots / snapshot_name(ended.step)
    if not is_own_folder(directory.snapshots) or not is_own_file(taken):
        return
    with replacing(taken.with_name(stage_end_name(ended.stage - 1))) as aside:
        aside.unlink()
        try:
            os.link(taken, aside)
        except OSError:  # a file system without hard links
            shutil.copyfile(taken, aside)


def at_stage_end(directory: RunDirectory, number: int) -> Snapshot | None:
    """Return the snapshot of the end of a stage (from 0); `None` if there is none.

    Raises:
        RunDirError: It is damaged.
    """
    path = directory.snapshots / stage_end_name(number)
    if not is_own_folder(directory.snapshots) or not is_own_file(path):
        return None
    try:
        return _read(path)
    except StateError as error:
        raise RunDirError(f"the snapshot {path.name} is damaged: {error}", hint="start from the last one") from None


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


def require_epochs(experiment: Experiment, snapshot: Snapshot | None) -> None:
    """A run cannot go back: it goes on for at least as many epochs as its snapshot has, and in a stage that there is.

    Args:
        experiment: What it is to train; epochs that are still to come from the data are not looked at.
        snapshot: The snapshot to go on from.

    Raises:
        RunDirError: The run is further.
    """
    if snapshot is None:
        return
    stages, begun = experiment.stages, snapshot.begun
    if begun.stage >= max(1, len(stages)):
        message = f"the run is in stage {begun.stage + 1}, but the experiment has {plural(len(stages), 'stage')}"
        raise RunDirError(message, hint="keep the stages that the run has begun")
    setting = f"{stages[begun.stage].setting}.fit.epochs" if stages else "fit.epochs"
    wanted: Value = stages[begun.stage].fit.epochs if stages else experiment.fit.epochs
    least = snapshot.epoch + (1 if snapshot.step else 0) - (begun.epoch if stages else 0)
    if isinstance(wanted, int) and wanted < least:
        raise RunDirError(
            f"{setting} is {wanted}, but the run has already trained further: {snapshot.place}",
            hint=f"--set {setting}={least}, or more",
        )


def _read(path: Path) -> Snapshot:
    tree = {"checksums": {}, "begun": {}, **read_state(path)}  # the first versions kept none
    if tree.pop("format", None) != FORMAT or tree.keys() != Snapshot.__dataclass_fields__.keys():
        raise StateError(f"{path} was written by another version of trainctl")
    for counts in (tree["files"], tree["checksums"]):
        if not isinstance(counts, dict) or not all(isinstance(each, int) and each >= 0 for each in counts.values()):
            raise StateError(f"{path} does not record the lengths of the files")
    return Snapshot(**{**tree, "begun": _begun(path, tree["begun"])})


def _begun(path: Path, kept: Value) -> Begun:
    if not isinstance(kept, dict) or not kept.keys() <= Begun.__dataclass_fields__.keys():
        raise StateError(f"{path} does not record where its stage began")
    if not all(isinstance(each, int) and each >= 0 for each in kept.values()):
        raise StateError(f"{path} does not record where its stage began")
    return Begun(**kept)


def unique_names(specs: Sequence[CallbackSpec]) -> list[str]:
    """A name for each callback, the same in every session: its own, counted where there are several."""
    seen: Counter[str] = Counter()
    names = []
    for spec in specs:
        seen[spec.name_in_yaml] += 1
        count = seen[spec.name_in_yaml]
        names.append(spec.name_in_yaml if count == 1 else f"{spec.name_in_yaml} {count}")
    return names
