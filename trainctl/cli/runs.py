"""`trainctl runs`, `runs show` and `runs reproduce`; what else is below `runs` is in modules of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Annotated

import typer

from trainctl.aliases import Value
from trainctl.cli import filters, options, run_table, runs_change, runs_compare
from trainctl.cli.boundary import bounded
from trainctl.cli.output import fields, print_json, table, whole_table
from trainctl.cli.training import finish, watching
from trainctl.errors import UsageError
from trainctl.events import ExpectationResult
from trainctl.runs.notes import read_notes
from trainctl.runs.selection import Selection, select, started, value_of
from trainctl.runs.store import Run, children, find_run, listed_runs, read_run
from trainctl.text import format_age, plural, printable
from trainctl.ui.facts import format_beside, format_cell, format_decision, format_fact, mark
from trainctl.ui.metrics import without_classes

app = typer.Typer(help="List runs.", invoke_without_command=True, add_completion=False, rich_markup_mode=None)
for _name, _command in {**runs_change.COMMANDS, **runs_compare.COMMANDS}.items():
    app.command(_name)(bounded(_command))


@app.callback()
@bounded
def list_runs(
    context: typer.Context,
    where: filters.Where = None,
    name: filters.Name = None,
    status: filters.Status = None,
    tag: filters.Tag = None,
    since: filters.Since = None,
    sort: Annotated[
        str | None,
        typer.Option(
            "--sort",
            metavar="KEY",
            help="Sort by a metric, best first, or by a fact such as duration.",
            show_default=False,
        ),
    ] = None,
    reverse: Annotated[bool, typer.Option("--reverse", help="Reverse the order.")] = False,
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", min=1, help="Show at most this many runs.", show_default=False)
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(
            "--columns", metavar="A,B", help="Show these facts and metrics, e.g. status,val_loss.", show_default=False
        ),
    ] = None,
    wide: Annotated[bool, typer.Option("--wide", help="Show all columns, however wide the terminal is.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print the list as CSV on stdout, with plain numbers.")] = False,
    runs_dir: options.RunsDir = options.DEFAULT_RUNS_DIR,
    json: options.Json = False,
) -> None:
    """List runs, newest first."""
    selection = filters.selection(where, name, status, tag, since, sort=sort, reverse=reverse, limit=limit)
    if context.invoked_subcommand is not None:
        context.obj = runs_dir
        if selection != Selection() or columns or wide or csv:
            raise UsageError(
                f"options of the list must not precede '{context.invoked_subcommand}'; put its options after it"
            )
        return
    if json and csv:
        raise UsageError("--json and --csv exclude each other; choose one")

    every = listed_runs(runs_dir)
    runs = select(every, selection) if every else []
    chosen = run_table.chosen(columns, every)
    if json:
        print_json([read_run(run.directory.path).as_dict() for run in runs])
    elif csv:
        run_table.print_csv(runs, chosen)
    elif runs:
        run_table.print_runs(runs, chosen, wide=wide)
    else:
        typer.echo(f"none of {plural(len(every), 'run')} is selected" if every else f"no runs in {runs_dir}", err=True)


@app.command("show")
@bounded
def show(
    context: typer.Context,
    run: options.RunName,
    runs_dir: filters.RunsDirBelow = None,
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
        rows = [[format_cell(line[column]) if column in line else "-" for column in keys] for line in history]
        typer.echo("")
        watched = {"epoch", "loss", *(key for key in keys if key.startswith("val_"))}
        omitted = whole_table(keys, rows, [key for key in reversed(keys) if key not in watched], wide=False)
        if omitted:
            typer.echo(f"\nnot shown: {printable(', '.join(omitted))}; see --json", err=True)


@app.command("reproduce")
@bounded
def reproduce(
    context: typer.Context,
    run: options.RunName,
    imports: options.ImportNames = None,
    runs_dir: filters.RunsDirBelow = None,
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


def timing_rows(run: Run) -> Iterator[tuple[str, str, str]]:
    """Yield the phases of a run, the longest first: its name, seconds, and share of all."""
    phases: Mapping[str, float] = run.record.get("timing") or {}
    whole = sum(phases.values()) or 1.0
    for phase, seconds in sorted(phases.items(), key=lambda item: -item[1]):
        yield phase, f"{seconds:.2f}", f"{seconds / whole:.0%}"


def child_row(run: Run) -> tuple[str, str, str, str]:
    """Return the cells of one of the runs that another consists of."""
    shown = run_table.results(run.record)
    tested = {key: value for key, value in shown.items() if key.startswith("test_")} or shown
    return run.directory.path.name, run.shown_status, str(run.epochs), _metrics(tested)


def _metrics(shown: Mapping[str, str]) -> str:
    preferred = [key for key in shown if key.startswith(("val_", "test_"))] or list(shown)
    return "  ".join(f"{key} {shown[key]}" for key in preferred[:4])


def describe_run(run: Run) -> Iterator[tuple[str, str]]:
    """Yield labels and values, for people."""
    record = run.record
    yield "run", run.directory.run_id
    yield "name", run.name
    code = "" if run.status == "running" else f", exit code {record.get('exit_code')}"
    yield "status", f"{run.shown_status}{code}"
    if run.stand_in_for:
        yield "STAND-IN", f"trained on {record['data']['source']}, because {run.stand_in_for} could not be downloaded"
    for key in ("config", "started", "duration", "seed", "device", "parameters", "kept_epoch"):
        shown = _begun(run) if key == "started" else format_fact(key, value_of(run, key))
        if shown != "-":
            yield key.replace("_", " "), shown
    yield from _describe_execution(record)
    if record.get("overrides"):
        yield "overrides", "  ".join(record["overrides"])
    if run_table.results(record):
        baseline, majority = record.get("baseline") or {}, record.get("majority")
        beside = {key: format_beside(baseline.get(key, {}), majority) for key in run_table.results(record)}
        yield "metrics", "  ".join(f"{key} {value}{beside[key]}" for key, value in run_table.results(record).items())
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
    yield from _notes(run)
    yield "directory", str(run.directory.path)


def _begun(run: Run) -> str:
    """Return when a run began, for people: `2026-01-31 12:00:00 UTC, 3 h ago`."""
    began = started(run)
    return (
        "-"
        if began is None
        else f"{began.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC, {format_age(value_of(run, 'age'))} ago"
    )


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


def _notes(run: Run) -> Iterator[tuple[str, str]]:
    notes = read_notes(run.directory)
    if notes.tags:
        yield "tags", " ".join(notes.tags)
    if notes.note:
        yield "note", notes.note


def _expectation(recorded: str | Mapping[str, Value]) -> str:
    """An expectation of run.json; runs of version 0.1.0 recorded it in words."""
    if isinstance(recorded, str):
        return recorded

    result = ExpectationResult(**recorded)
    return f"{mark(result)} {result}"
