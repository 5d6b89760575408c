"""`trainctl runs remove`, `prune`, `tag` and `note`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated

import typer

from trainctl.cli import filters, options
from trainctl.cli.output import confirm, whole_table
from trainctl.cli.run_table import row
from trainctl.errors import UsageError
from trainctl.runs.notes import read_notes, require_tag, write_notes
from trainctl.runs.removal import remove, require_removable, size_of, superfluous, sweep
from trainctl.runs.selection import require_key, select
from trainctl.runs.store import Run, find_run, listed_runs
from trainctl.text import format_bytes, plural, printable

Runs = Annotated[
    list[str], typer.Argument(metavar="RUN...", help="Paths, run ids, names (their newest runs) or latest.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be removed, and remove nothing.")]


def remove_runs(
    context: typer.Context,
    runs: Runs,
    yes: filters.Yes = False,
    dry_run: DryRun = False,
    runs_dir: filters.RunsDirBelow = None,
) -> None:
    """Remove runs with all their files."""
    folder = runs_dir or context.obj
    if not dry_run:
        sweep(folder)
    found = {each.directory.path: each for each in (find_run(folder, run) for run in runs)}
    _remove(list(found.values()), yes=yes, dry_run=dry_run)


def prune(
    context: typer.Context,
    keep_last: Annotated[
        int, typer.Option("--keep-last", metavar="N", min=0, help="Keep the N newest runs of each name.")
    ] = 0,
    keep_best: Annotated[
        int, typer.Option("--keep-best", metavar="N", min=0, help="Keep the N best runs of each name.")
    ] = 0,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="METRIC", help="The metric that says which are best.", show_default=False),
    ] = None,
    where: filters.Where = None,
    name: filters.Name = None,
    status: filters.Status = None,
    since: filters.Since = None,
    yes: filters.Yes = False,
    dry_run: DryRun = False,
    runs_dir: filters.RunsDirBelow = None,
) -> None:
    """Remove the runs that are not among the best or the newest of their name. Tagged and running ones are kept."""
    if not (keep_last or keep_best):
        raise UsageError("prune needs --keep-last N or --keep-best N, with N of at least 1")
    if bool(keep_best) != (by is not None):
        raise UsageError("--keep-best N and --by METRIC need each other", hint="such as --keep-best 3 --by val_loss")
    folder = runs_dir or context.obj
    if not dry_run:
        sweep(folder)
    every = listed_runs(folder)
    if by is not None:
        require_key(by, every)
    chosen = select(every, filters.selection(where, name, status, None, since)) if every else []
    spare = superfluous(chosen, last=keep_last, best=keep_best, metric=by)
    if not spare:
        typer.echo("nothing to remove", err=True)
        return
    _remove(spare, yes=yes, dry_run=dry_run)


def tag(
    context: typer.Context,
    run: options.RunName,
    tags: Annotated[list[str] | None, typer.Argument(metavar="TAG...", help="Words to find the run by.")] = None,
    delete: Annotated[bool, typer.Option("--delete", help="Remove these tags.")] = False,
    runs_dir: filters.RunsDirBelow = None,
) -> None:
    """Add tags to a run, which `runs --tag` finds; without TAG, print them. `prune` keeps tagged runs."""
    found = find_run(runs_dir or context.obj, run)
    notes = read_notes(found.directory)
    given = {require_tag(each) for each in tags or ()}
    if delete and not given <= set(notes.tags):
        raise UsageError(f"the run has no tag {', '.join(sorted(given - set(notes.tags)))}")
    if given:
        left = set(notes.tags) - given if delete else set(notes.tags) | given
        notes = replace(notes, tags=tuple(sorted(left)))
        write_notes(found.directory, notes)
    typer.echo("\n".join(notes.tags) if notes.tags else "no tags", err=not notes.tags)


def note(
    context: typer.Context,
    run: options.RunName,
    text: Annotated[
        str | None, typer.Argument(metavar="[TEXT]", help="The note; '' removes it.", show_default=False)
    ] = None,
    runs_dir: filters.RunsDirBelow = None,
) -> None:
    """Write a note on a run, in place of the one before; without TEXT, print it."""
    found = find_run(runs_dir or context.obj, run)
    notes = read_notes(found.directory)
    if text is not None:
        notes = replace(notes, note=text)
        write_notes(found.directory, notes)
    typer.echo(printable(notes.note) or "no note", err=not notes.note)


COMMANDS: Mapping[str, Callable[..., None]] = {"remove": remove_runs, "prune": prune, "tag": tag, "note": note}


def _remove(runs: Sequence[Run], *, yes: bool, dry_run: bool) -> None:
    """Show the runs with their sizes, ask, and remove them."""
    for run in runs:
        require_removable(run)
    sizes = [size_of(run) for run in runs]
    facts = ("run", "name", "status", "age")
    rows = [[*row(run, facts), format_bytes(size)] for run, size in zip(runs, sizes, strict=True)]
    whole_table((*facts, "size"), rows, ("age", "status", "name"), wide=False)
    total = f"{plural(len(runs), 'run')}, {format_bytes(sum(sizes))}"
    if dry_run:
        typer.echo(f"would remove {total}", err=True)
        return
    confirm(f"Remove {total}?", yes=yes)
    for run in runs:
        remove(run)
    typer.echo(f"removed {total}", err=True)
