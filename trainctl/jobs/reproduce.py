"""`runs reproduce`: repeat a run and compare its bits; report the first difference, and changes in the environment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from trainctl.aliases import Value
from trainctl.errors import ExpectationError, RunDirError
from trainctl.events import Sink
from trainctl.jobs.base_runs import pin_base_runs
from trainctl.jobs.given_data import with_recorded_data
from trainctl.jobs.recorded import load_recorded
from trainctl.jobs.run import begin
from trainctl.jobs.session import Ended
from trainctl.runs.experiment_files import require_unedited
from trainctl.runs.outputs import apart
from trainctl.runs.recorder import environment_changes
from trainctl.runs.store import Run, find_run
from trainctl.text import plural


def reproduce(
    run: Run, watch: Sink, imports: Sequence[str] = (), runs_dir: Path = Path("runs")
) -> tuple[Ended, str | None]:
    """Do `run` again in a new directory, with all that it writes, and compare weights and metrics to the bit.

    Args:
        run: The run.
        watch: Where events go besides the record.
        imports: `--import` arguments; where there are none, the recorded modules are loaded.
        runs_dir: The folder of all runs.

    Returns:
        How the new run ended, and what is the same, in words; `None` if the new run did not come to its end.

    Raises:
        RunDirError: The run did not train from its beginning to its end.
        ExpectationError: The results differ.
    """
    require_complete(run)
    require_unedited(run.directory)
    loaded = load_recorded(run, (), imports, runs_dir)
    aside = apart(loaded)
    loaded = load_recorded(run, aside, imports, runs_dir) if aside else loaded
    loaded = with_recorded_data(loaded, run, None)
    ended = begin(pin_base_runs(loaded), runs_dir, watch)
    if ended.error is not None and not isinstance(ended.error, ExpectationError):
        return ended, None
    return ended, compare(run, find_run(runs_dir, ended.finished.directory))


def require_complete(run: Run) -> None:
    """Require a run that trained from start to end: only such a run can be repeated and compared.

    Raises:
        RunDirError: It did not.
    """
    origin = run.record.get("forked_from")
    if origin:
        raise RunDirError(
            f"the run {run.directory.run_id} is a fork and cannot be repeated: it started from the weights of {origin['run_id']} {origin['place']}, "
            "which nothing but that run can make",
            hint=f"repeat the original run: trainctl runs reproduce {origin['run_id']}",
        )
    if run.status != "done" and run.record.get("exit_code") != ExpectationError.exit_code:
        raise RunDirError(
            f"the run {run.directory.run_id} is {run.status}: there is no result to compare with",
            hint=f"trainctl resume {run.directory.run_id} finishes it",
        )


def compare(first: Run, second: Run) -> str:
    """Return what is the same, in words.

    Raises:
        ExpectationError: The results differ; names what differs in the environment.
    """
    differences = list(_differences(first, second))
    if differences:
        changes = list(environment_changes(first.record, second.record))
        environment = "; ".join(changes) or "the same versions, processor count and switches"
        raise ExpectationError(f"not reproduced: {'; '.join(differences)}", hint=f"environment: {environment}")
    return f"same bits: weights {first.record['weights']}, metrics of {plural(len(first.history()), 'epoch')}"


def _differences(first: Run, second: Run) -> Iterator[str]:
    before, after = (_data(run) for run in (first, second))
    if before != after:
        yield f"other data ({before} → {after})"
    courses = [[_numbers(line) for line in run.history()] for run in (first, second)]
    for one, other in zip(*courses, strict=False):
        unlike = next((key for key in one if one[key] != other.get(key)), None)
        if unlike is not None:
            yield f"{unlike} of epoch {one['epoch']} is {other.get(unlike)}, it was {one[unlike]}"
            break
    if len(courses[0]) != len(courses[1]):
        yield f"{plural(len(courses[1]), 'epoch')} instead of {len(courses[0])}"
    if first.record.get("weights") != second.record.get("weights"):
        yield f"weights {second.record.get('weights')}, they were {first.record.get('weights')}"


def _data(run: Run) -> str:
    return str((run.record.get("data") or {}).get("fingerprint"))[:12]


def _numbers(line: dict[str, Value]) -> dict[str, Value]:
    return {key: value for key, value in line.items() if key != "seconds"}
