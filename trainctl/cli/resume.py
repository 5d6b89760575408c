"""`trainctl resume`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainctl.cli import options
from trainctl.cli.run import display_for, draw, finish

if TYPE_CHECKING:
    from trainctl.config.load import Loaded
    from trainctl.runs.store import Run

Fork = Annotated[
    str | None,
    typer.Option(
        "--fork",
        metavar="NAME",
        show_default=False,
        help="Go on in a new run called NAME, with any --set that leaves the model as it is; the old run stays.",
    ),
]


def resume(
    run: options.RunName,
    overrides: options.Overrides = None,
    fork: Fork = None,
    imports: options.ImportNames = None,
    runs_dir: options.RunsDir = options.DEFAULT_RUNS_DIR,
    format: options.OutputFormat = options.Format.auto,  # noqa: A002  # the option's name
    json: options.Json = False,
) -> None:
    """Go on with a run from its last snapshot, as if never interrupted."""
    from trainctl.runs import resume as resuming
    from trainctl.runs.console import captured
    from trainctl.runs.pins import pinned
    from trainctl.runs.recorded import load_recorded
    from trainctl.runs.store import find_run

    found = find_run(runs_dir, run)
    changes = [*(overrides or ()), *([f"name={fork}"] if fork else [])]
    with captured(None):  # a user's module imports Keras as a rule, and TensorFlow has much to say
        old = pinned(load_recorded(found, (), imports or (), runs_dir))
        new = pinned(load_recorded(found, changes, imports or (), runs_dir)) if changes else old
    display = display_for(format.value)
    if fork is None:
        ended = resuming.resume(found, old, new, work_of(new, found, same_data=True), display, draw)
    else:
        ended = resuming.fork(found, old, new, runs_dir, work_of(new, found, same_data=False), display, draw)
    finish(ended, format, json=json)


def work_of(loaded: Loaded, run: Run, *, same_data: bool) -> Any:
    """The training that goes on with `run`; `same_data` is whether the data has to be what it was."""
    known = (run.record.get("data") or {}).get("fingerprint") if same_data else None

    def work(directory: Any, emit: Any, stop: Any, start: Any) -> Any:
        from trainctl.events import PhaseStarted

        emit(PhaseStarted(phase="importing TensorFlow"))
        from trainctl.runs.resume import seed_of
        from trainctl.runtime.train import train  # TensorFlow: seconds; only work pays

        return train(loaded, directory, seed_of(loaded, run), emit, stop, start=start, known_data=known)

    return work
