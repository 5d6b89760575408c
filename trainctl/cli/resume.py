"""`trainctl resume`."""

from __future__ import annotations

from typing import Annotated

import typer

from trainctl.cli import options, training

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
    from trainctl.jobs.base_runs import pin_base_runs
    from trainctl.jobs.recorded import load_recorded
    from trainctl.runs.console import captured
    from trainctl.runs.store import find_run

    found = find_run(runs_dir, run)
    changes = [*(overrides or ()), *([f"name={fork}"] if fork else [])]
    with captured(None):  # a user's module imports Keras as a rule, and TensorFlow has much to say
        old = pin_base_runs(load_recorded(found, (), imports or (), runs_dir))
        new = pin_base_runs(load_recorded(found, changes, imports or (), runs_dir)) if changes else old
    if fork is None:
        end = training.go_on(found, old, new, format.value)
    else:
        end = training.fork(found, old, new, runs_dir, format.value)
    training.finish(end, format, json=json)
