"""`trainctl runs compare`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from string import ascii_uppercase
from typing import Annotated

import typer

from trainctl.aliases import Value
from trainctl.cli import filters, options
from trainctl.cli.output import print_json, whole_rows
from trainctl.cli.pictures import drawn, require_picture
from trainctl.cli.run_table import row
from trainctl.errors import RunDirError, UsageError
from trainctl.runs.store import Run, find_run
from trainctl.ui.comparison_plot import write_comparison_plot
from trainctl.ui.facts import format_fact, format_setting

_FACTS = ("run", "name", "status", "age")


def compare(
    context: typer.Context,
    runs: Annotated[
        list[str], typer.Argument(metavar="RUN...", help="Paths, run ids, names (their newest runs) or latest.")
    ],
    plot: Annotated[
        Path | None,
        typer.Option(
            "--plot", metavar="FILE", help="Draw the curves of the runs into a .png, .svg or .pdf.", show_default=False
        ),
    ] = None,
    runs_dir: filters.RunsDirBelow = None,
    json: options.Json = False,
) -> None:
    """Compare runs: the settings in which they differ and their results, the best marked with *."""
    from trainctl.jobs import compare as job  # reads YAML, which the list of runs need not wait for

    if not 2 <= len(runs) <= len(ascii_uppercase):
        raise UsageError(f"compare needs 2 to {len(ascii_uppercase)} runs, received {len(runs)}")
    require_picture(plot)
    found = [find_run(runs_dir or context.obj, run) for run in runs]
    comparison = job.compare(found)
    labels = ascii_uppercase[: len(found)]
    if json:
        print_json(_as_json(comparison.settings, comparison.results, found))
    else:
        whole_rows(("", *_FACTS), [[label, *row(run, _FACTS)] for label, run in zip(labels, found, strict=True)])
        typer.echo("")
        if comparison.settings:
            whole_rows(
                ("setting", *labels), [[each.key, *map(format_setting, each.values)] for each in comparison.settings]
            )
        else:
            typer.echo("no setting differs")
        typer.echo("")
        whole_rows(("result", *labels), [[each.key, *_results(each)] for each in comparison.results])
    if plot is not None:
        _draw(plot, dict(zip(labels, found, strict=True)))


COMMANDS: Mapping[str, Callable[..., None]] = {"compare": compare}


def _draw(plot: Path, runs: Mapping[str, Run]) -> None:
    if not any(run.history() for run in runs.values()):
        raise RunDirError("no run has finished an epoch; there is nothing to draw")
    with drawn(plot):
        write_comparison_plot({f"{label} {run.directory.run_id}": run.history() for label, run in runs.items()}, plot)
    typer.echo(f"wrote {plot}", err=True)


def _as_json(settings: Sequence[Value], results: Sequence[Value], runs: Sequence[Run]) -> Value:
    return {
        "runs": [
            {
                "run_id": run.directory.run_id,
                "name": run.name,
                "status": run.status,
                "directory": str(run.directory.path),
            }
            for run in runs
        ],
        "settings": [{"path": each.key, "values": list(each.values)} for each in settings],
        "results": [
            {
                "key": each.key,
                "direction": each.direction,
                "values": list(each.values),
                "best": [runs[place].directory.run_id for place in each.best],
            }
            for each in results
        ],
    }


def _results(each: Value) -> list[str]:
    shown = [format_fact(each.key, value) for value in each.values]
    return [f"{cell} *" if place in each.best else cell for place, cell in enumerate(shown)]
