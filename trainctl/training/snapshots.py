"""When snapshots are taken, and where a resumed run continues.

The order of the samples is a function of seed and epoch, so a position is two numbers: epochs that have ended, and steps
done of the one under way. A callback asks for a snapshot with `context.snapshots.ask()`; it is taken once all callbacks
were called for this step or epoch. `runs/snapshots.py` is the file, `state.py` what is in it.

The state is copied between two steps; the file is written in the background while training goes on, since the disk may
take as long as an epoch.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from trainctl.backend import keras
from trainctl.components.context import SnapshotRequests
from trainctl.components.declared import declared
from trainctl.config.execution import SnapshotSection
from trainctl.events import Notice, Sink, SnapshotSaved
from trainctl.runs import growing_files
from trainctl.runs import snapshots as files
from trainctl.runs.growing_files import Seal
from trainctl.runs.layout import RunDirectory
from trainctl.runs.snapshots import BEGINNING, Begun, Snapshot
from trainctl.training import state


@dataclass(frozen=True, slots=True)
class SnapshotPlan:
    """What does not change while a run continues.

    Args:
        directory: The run directory.
        section: When snapshots are due, and how many are kept.
        requests: Where callbacks ask for snapshots.
        emit: Where events go.
        growing: Files that are appended to, and folders of such files.
        from_the_start: Whether one is taken before the first step, to which a run that diverges early goes back.
    """

    directory: RunDirectory
    section: SnapshotSection
    requests: SnapshotRequests
    emit: Sink
    growing: Sequence[Path] = ()
    from_the_start: bool = False


class _Held(NamedTuple):
    """What was there at the end of an epoch's steps, before validation and callbacks change it.

    The state, how long each growing file was, and whether training was asked to stop.
    """

    state: state.State
    sizes: Mapping[str, int]
    stopped: bool


class SnapshotKeeper:
    """Takes a snapshot whenever one is due, and puts back the one that the run continues from.

    Args:
        plan: When and where.
        model: The compiled model.
        callbacks: Every callback by a name that is the same in the next session.
        steps: Steps of an epoch.
        start: The snapshot to continue from.
        recoveries: How often the run went back to a snapshot because it diverged.
        begun: Where the stage began.
    """

    def __init__(
        self,
        plan: SnapshotPlan,
        model: keras.Model,
        callbacks: Mapping[str, keras.callbacks.Callback],
        steps: int,
        start: Snapshot | None = None,
        recoveries: int = 0,
        begun: Begun = BEGINNING,
    ) -> None:
        self._begun = begun
        self._plan = plan
        self._model = model
        self._callbacks = callbacks
        self._steps = steps
        self._start = start
        self._recoveries = recoveries
        self._taken_at = time.monotonic()
        self._taken_step = start.global_step if start else begun.step
        self._held: _Held | None = None
        self._counted: set[str] = set()
        self._seal = Seal(plan.directory, start.files, start.checksums) if start else Seal(plan.directory, {}, {})
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="snapshot")
        self._writing: tuple[Future[Path], int, int, float] | None = None  # epoch, step and seconds

    def offset(self, epoch: int) -> int:
        """Steps of `epoch` (from 0) that an earlier session did."""
        return self._start.step if self._start is not None and self._start.epoch == epoch else 0

    def restore(self) -> None:
        """Put everything back that the snapshot to continue from holds; nothing where the run begins.

        Raises:
            RunDirError: The snapshot is of another model.
        """
        if self._start is not None:
            metrics = self._start.step > 0
            state.restore(self._model, self._callbacks, self._start.state, metrics=metrics)
            self._model.stop_training = self._start.stopped

    def before_first_step(self) -> None:
        """Take a snapshot of the very beginning where that is needed.

        Raises:
            OSError: It cannot be written.
        """
        if self._start is None and self._plan.from_the_start:
            self._take(self._begun.epoch, 0)

    def after_step(self, epoch: int, step: int, *, asked: bool) -> None:
        """Take a snapshot where one is due after `step` steps of `epoch` (from 0), or where it is asked for.

        Raises:
            OSError: It cannot be written.
        """
        section, done = self._plan.section, self._global_step(epoch, step)
        due = section.every_steps is not None and done - self._taken_step >= section.every_steps
        due = due or (section.every_minutes is not None and self._minutes() >= section.every_minutes)
        if due or asked or self._plan.requests.pending:
            self._take(epoch, step)
        if asked:
            self.settle()

    def steps_until_due(self, epoch: int, step: int) -> int:
        """After how many more steps than `step` of `epoch` (from 0) a snapshot is due; those of an epoch if by no step."""
        every, done = self._plan.section.every_steps, self._global_step(epoch, step)
        return self._steps if every is None else max(1, self._taken_step + every - done)

    def after_steps(self) -> None:
        """Hold what validation and callbacks may change: a snapshot until the epoch's end is of the steps' end.

        A run that continues from it does both again.
        """
        if self._held is not None:
            return
        whole = any(_may_change_weights(callback) for callback in self._callbacks.values())
        held = state.captured_before_validation(self._model, self._callbacks, whole=whole)
        sizes = self._sizes()  # only now: callbacks write what they hold back as they tell their state
        self._held = _Held(held, sizes, bool(self._model.stop_training))

    def within_validation(self, epoch: int) -> None:
        """Take a snapshot of the end of the steps of `epoch` (from 0), its validation still to come.

        Raises:
            OSError: It cannot be written.
        """
        self._take(epoch, self._steps, before=self._held)
        self.settle()

    def after_failure(self, epoch: int) -> None:
        """Take the snapshot that was asked for at the end of `epoch` (from 0), where a later callback raised.

        Raises:
            OSError: It cannot be written.
        """
        if self._plan.requests.pending:
            self.within_validation(epoch)

    def after_epoch(self, epochs: int, *, last: bool, asked: bool) -> None:
        """Take a snapshot where one is due after `epochs` epochs, after the last one, or where it is asked for.

        Raises:
            OSError: It cannot be written.
        """
        section, self._held = self._plan.section, None
        every = section.epochs_between
        due = every is not None and every > 0 and epochs % every == 0
        if due or (last and section.is_on) or asked or self._plan.requests.pending:
            self._take(epochs, 0)
        if asked:
            self.settle()

    def settle(self) -> None:
        """Wait until the last snapshot is on the disk, and tell so.

        Raises:
            OSError: It cannot be written.
        """
        if self._writing is None:
            return
        began = time.perf_counter()
        (writing, epoch, step, seconds), self._writing = self._writing, None
        path = writing.result()
        seconds += time.perf_counter() - began
        self._plan.emit(SnapshotSaved(file=path.name, epoch=epoch, step=step, seconds=seconds))

    def _take(self, epoch: int, step: int, before: _Held | None = None) -> None:
        began, plan = time.perf_counter(), self._plan
        plan.requests.pending = False
        captured = state.capture(self._model, self._callbacks, before.state if before else None)
        if not state.is_finite(self._model, captured):
            return  # the last good one stays the newest
        snapshot = Snapshot(
            epoch,
            step,
            self._steps,
            before.stopped if before else bool(self._model.stop_training),
            self._recoveries,
            captured,
            before.sizes if before else self._sizes(),
            begun=self._begun,
        )
        seconds = time.perf_counter() - began
        self.settle()
        writing = self._writer.submit(self._save, snapshot)
        self._writing = (writing, epoch, step, seconds)
        self._taken_at, self._taken_step = time.monotonic(), snapshot.global_step

    def _save(self, snapshot: Snapshot) -> Path:
        """Write the snapshot, after all that it counts is on the disk: no power failure leaves it counting what is lost."""
        sealed = replace(snapshot, checksums=self._seal.checksums(snapshot.files))
        return files.save(self._plan.directory, sealed, self._plan.section.keep)

    def _sizes(self) -> Mapping[str, int]:
        """The length of each growing file; tells where one is gone, to which a callback may still write in vain."""
        found = growing_files.sizes(self._plan.directory, self._plan.growing)
        for key in self._counted - found.keys():
            self._plan.emit(
                Notice(message=f"{key} was removed during the run; what is written to it is lost", loud=True)
            )
        self._counted = set(found)
        return found

    def _global_step(self, epoch: int, step: int) -> int:
        return self._begun.step + (epoch - self._begun.epoch) * self._steps + step

    def _minutes(self) -> float:
        return (time.monotonic() - self._taken_at) / 60


def _may_change_weights(callback: keras.callbacks.Callback) -> bool:
    """Return whether the callback may change trained weights when a validation begins: if it declares so, or is custom."""
    kind: type = type(callback)
    hook = getattr(kind, "on_test_begin", None)
    is_known = kind.__module__.startswith(("keras.", "trainctl."))
    if declared(kind, "swaps_weights"):
        return True
    return not is_known and hook is not None and not getattr(hook, "_is_default", False)
