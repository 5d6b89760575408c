"""`trainctl runs`, `trainctl runs show` and `trainctl runs reproduce`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from trainctl.aliases import Value
from trainctl.cli import options
from trainctl.cli.boundary import bounded
from trainctl.cli.output import fields, print_json, table
from trainctl.cli.training import finish, watching
from trainctl.events import ExpectationResult
from trainctl.runs.children import kind_of_children
from trainctl.runs.store import Run, all_runs, children, find_run
from trainctl.text import format_number, plural
from trainctl.ui.facts import format_beside, format_decision, format_statistics, mark
from trainctl.ui.metrics import without_classes

app = typer.Typer(help="List runs.", invoke_without_command=True, add_completion=False, rich_markup_mode=None)


@app.callback()
@bounded
def list_runs(
    context: typer.Context, runs_dir: options.RunsDir = options.DEFAULT_RUNS_DIR, json: options.Json = False
) -> None:
    """List runs, newest first."""
    if context.invoked_subcommand is not None:
        context.obj = runs_dir
        return

    runs = all_runs(runs_dir)
    if json:
        print_json([run.as_dict() for run in runs])
        return
    if not runs:
        typer.echo(f"no runs in {runs_dir}", err=True)
        return
    columns = ("run", "name", "status", "epochs", "metrics")
    table(columns, [row(run) for run in runs], droppable=("metrics", "epochs", "name", "status"))


@app.command("show")
@bounded
def show(
    context: typer.Context,
    run: options.RunName,
    runs_dir: Annotated[
        Path | None, typer.Option("--runs-dir", metavar="FOLDER", help="The folder that holds all runs.")
    ] = None,
    timing: Annotated[bool, typer.Option("--timing", help="Show how long each phase of the run took.")] = False,
    json: options.Json = False,
) -> None:
    """Show a run: its settings, metrics and result."""
    found = find_run(runs_dir or context.obj, run)
    if json:
        print_json({**found.as_dict(), "history": found.history()})
        return
    if timing:
        table(("phase", "seconds", "share"), timing_rows(found))
        return
    fields(describe_run(found))
    parts = children(found)
    if parts:
        columns = (parts[0].directory.path.parent.name, "status", "epochs", "metrics")
        typer.echo("")
        table(columns, [child_row(each) for each in parts], droppable=("epochs", "status"))
    history = found.history()
    if history and not parts:
        keys = without_classes(dict.fromkeys(key for line in history for key in line))
        rows = [[_cell(line[column]) if column in line else "-" for column in keys] for line in history]
        typer.echo("")
        table(keys, rows)


@app.command("reproduce")
@bounded
def reproduce(
    context: typer.Context,
    run: options.RunName,
    imports: options.ImportNames = None,
    runs_dir: Annotated[
        Path | None, typer.Option("--runs-dir", metavar="FOLDER", help="The folder that holds all runs.")
    ] = None,
    format: options.OutputFormat = options.Format.auto,
) -> None:
    """Repeat a run in a new directory, and compare weights and metrics bit by bit."""
    from trainctl.jobs import reproduce as job  # a run's imports, which the list of runs need not wait for

    folder = runs_dir or context.obj
    found = find_run(folder, run)
    with watching(format) as watch:
        ended, same = job.reproduce(found, watch, imports or (), folder)
    if same is None:
        finish(ended, format)
    typer.echo(same)


def row(run: Run) -> tuple[str, str, str, str, str]:
    """Return the cells of a run in the list of runs."""
    record = run.record
    stand_in = f"on {record['data']['source']}, stand-in for {run.stand_in_for}: " if run.stand_in_for else ""
    shown = results(record) if kind_of_children(record) is None else _tested(results(record))
    epochs = str(record.get("epochs_run") if record.get("epochs_run") is not None else len(run.history()))
    return run.directory.run_id, run.name, run.shown_status, epochs, stand_in + _metrics(shown)


def timing_rows(run: Run) -> Iterator[tuple[str, str, str]]:
    """Yield the phases of a run, the longest first: its name, seconds, and share of all."""
    phases: Mapping[str, float] = run.record.get("timing") or {}
    whole = sum(phases.values()) or 1.0
    for phase, seconds in sorted(phases.items(), key=lambda item: -item[1]):
        yield phase, f"{seconds:.2f}", f"{seconds / whole:.0%}"


def child_row(run: Run) -> tuple[str, str, str, str]:
    """Return the cells of one of the runs that another consists of."""
    _, _, status, epochs, _ = row(run)
    return run.directory.path.name, status, epochs, _metrics(_tested(results(run.record)), 4)


def _metrics(shown: Mapping[str, str], count: int = 2) -> str:
    preferred = [key for key in shown if key.startswith(("val_", "test_"))] or list(shown)
    return "  ".join(f"{key} {shown[key]}" for key in preferred[:count])


def _tested(shown: Mapping[str, str]) -> Mapping[str, str]:
    """Return the metrics of the test, for which several runs are made; where there are none, all."""
    return {key: value for key, value in shown.items() if key.startswith("test_")} or shown


def results(record: Mapping[str, Value]) -> Mapping[str, str]:
    """Return each metric of a recorded run: `0.9384`; of one that consists of several, `0.9384 ± 0.0121`."""
    kind = kind_of_children(record)
    if kind is None:
        return {name: _cell(value) for name, value in (record.get("metrics") or {}).items()}
    several = record[kind]["metrics"].items()
    return {name: format_statistics(*(_number(each[key]) for key in ("mean", "deviation"))) for name, each in several}


def describe_run(run: Run) -> Iterator[tuple[str, str]]:
    """Yield labels and values, for people."""
    record = run.record
    yield "run", run.directory.run_id
    yield "name", run.name
    code = "" if run.status == "running" else f", exit code {record.get('exit_code')}"
    yield "status", f"{run.shown_status}{code}"
    if run.stand_in_for:
        yield "STAND-IN", f"trained on {record['data']['source']}, because {run.stand_in_for} could not be downloaded"
    for key in ("config", "started", "seconds", "seed", "device", "parameters", "kept_epoch"):
        if record.get(key) is not None:
            yield key.replace("_", " "), str(record[key])
    yield from _describe_execution(record)
    if record.get("overrides"):
        yield "overrides", "  ".join(record["overrides"])
    if results(record):
        baseline, majority = record.get("baseline") or {}, record.get("majority")
        beside = {key: format_beside(baseline.get(key, {}), majority) for key in results(record)}
        yield "metrics", "  ".join(f"{key} {value}{beside[key]}" for key, value in results(record).items())
    if record.get("callback_seconds"):
        yield "callbacks", "  ".join(f"{name} {seconds:.2f} s" for name, seconds in record["callback_seconds"].items())
    for stage in record.get("stages") or ():
        yield "stage", format_recorded_stage(stage)
    for expectation in record.get("expectations") or ():
        yield "expect", _expectation(expectation)
    if record.get("error"):
        yield "error", record["error"]["message"]
    for session in (run.record.get("sessions") or ())[1:]:
        yield "resumed", f"{session['started']} {session['resumed']}"
    if run.record.get("forked_from"):
        yield "forked", f"{run.record['forked_from']['place']} of {run.record['forked_from']['run_id']}"
    yield "directory", str(run.directory.path)


def _describe_execution(record: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    for path, decision in (record.get("execution") or {}).items():
        yield path.rpartition(".")[2], format_decision(decision.get("value"), str(decision.get("reason")))


def format_recorded_stage(stage: Mapping[str, Value]) -> str:
    """`finetune: epochs 3 to 5, weights of epoch 5 kept, 1,242 trainable parameters`."""
    first, count = stage["first_epoch"], stage.get("epochs") or 0
    parts = [f"epochs {first} to {first + count - 1}" if count > 1 else f"epoch {first}"]
    parts += [f"weights of epoch {stage['kept_epoch']} kept"] if stage.get("kept_epoch") is not None else ["not ended"]
    parts += [plural(stage.get("trainable_parameters") or 0, "trainable parameter")]
    return f"{stage.get('name') or stage['number']}: {', '.join(parts)}"


def _expectation(recorded: str | Mapping[str, Value]) -> str:
    """An expectation of run.json; runs of version 0.1.0 recorded it in words."""
    if isinstance(recorded, str):
        return recorded

    result = ExpectationResult(**recorded)
    return f"{mark(result)} {result}"


def _number(value: Value) -> float:
    return math.nan if value is None else float(value)


def _cell(value: Value) -> str:

    if value is None:
        return "nan"
    return format_number(value) if isinstance(value, float) else str(value)
