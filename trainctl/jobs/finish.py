"""What a run that came to its end may still lack: a kill at the last moment, or a person, has taken it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from trainctl.errors import ExpectationError, RunDirError
from trainctl.events import ExpectationResult, Notice, RunFinished, Sink
from trainctl.jobs import session
from trainctl.jobs.session import Ended
from trainctl.runs.directory import append_json, read_json_lines, release_reserve
from trainctl.runs.failure import in_directory
from trainctl.runs.layout import INFERENCE, MODEL
from trainctl.runs.snapshots import Snapshot
from trainctl.runs.store import Run
from trainctl.text import one_of


def is_complete(run: Run) -> bool:
    """Return whether training came to its end, an expectation met or not."""
    return run.record.get("status") == "done" or run.record.get("exit_code") == ExpectationError.exit_code


def missing_models(run: Run) -> list[str]:
    """Return the names of the final models that the run wrote and that are gone."""
    wrote = run.record.get("models", [MODEL])  # the first versions did not record which
    return [name for name in (MODEL, INFERENCE) if name in wrote and not (run.directory.path / name).is_file()]


def written_again(run: Run, names: Sequence[str], snapshot: Snapshot | None) -> str:
    """Return what to say of final models that are to be written again from `snapshot`.

    Raises:
        RunDirError: There is no snapshot.
    """
    found, verb = one_of(names, "and"), "is" if len(names) == 1 else "are"
    if snapshot is None:
        raise RunDirError(
            f"{found} of the run {run.directory.run_id} {verb} gone, and there is no snapshot to write it from",
            hint=f"train again: trainctl run {run.directory.resolved}",
        )
    return f"{found} {verb} gone; writing again from the snapshot {snapshot.place}"


def finish(run: Run, watch: Sink) -> Ended | None:
    """Write what a complete run lacks besides its models, and tell so; `None` where it lacks nothing.

    Args:
        run: The run, whose lock is held.
        watch: Where events go.

    Raises:
        RunDirError: It cannot be written.
    """
    directory, wrote, finished = run.directory, [], _last_event(run)
    if not directory.history_plot.is_file():
        session.draw_history(directory, run.name)
        if directory.history_plot.is_file():
            wrote.append(directory.history_plot.name)
    with in_directory(directory.path):
        release_reserve(directory)
        if not any(line.get("event") == RunFinished.__name__ for line in read_json_lines(directory.events)[-1:]):
            append_json(directory.events, finished.as_dict())
            wrote.append(f"the end of {directory.events.name}")
    if not wrote:
        return None
    verb = "was" if len(wrote) == 1 else "were"
    watch(Notice(message=f"{one_of(wrote, 'and')} {verb} missing and {verb} written"))
    watch(finished)
    missed = finished.exit_code == ExpectationError.exit_code
    return Ended(finished, ExpectationError(finished.message or "", hint=finished.hint) if missed else None)


def _last_event(run: Run) -> RunFinished:
    """Return the last event of the run, as its record tells it."""
    record, directory, error = run.record, run.directory, run.record.get("error") or {}
    metrics = {name: math.nan if value is None else value for name, value in (record.get("metrics") or {}).items()}
    expectations = [each for each in record.get("expectations") or () if isinstance(each, dict)]
    return RunFinished(
        status=str(record.get("status")),
        exit_code=record.get("exit_code") or 0,
        epochs=record.get("epochs_run") or 0,
        seconds=record.get("seconds") or 0.0,
        directory=directory.shown,
        run_id=directory.run_id,
        metrics=metrics,
        kept_epoch=record.get("kept_epoch"),
        expectations=tuple(ExpectationResult(**each) for each in expectations),
        weights=record.get("weights"),
        message=error.get("message"),
        hint=error.get("hint"),
    )
