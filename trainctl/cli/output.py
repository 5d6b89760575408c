"""What a command prints on stdout: JSON for programs, tables and fields for people."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence

import typer

from trainctl.aliases import Value
from trainctl.errors import UsageError
from trainctl.strict_json import to_json
from trainctl.ui.stream import can_encode, wants_color, width_of
from trainctl.ui.tables import print_fields, print_table, print_whole_cells, print_whole_rows


def print_json(value: Value) -> None:
    """Print a result for programs."""
    text = to_json(value, indent=2)
    typer.echo(text if can_encode(text, sys.stdout) else to_json(value, indent=2, escaped=True))


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], droppable: Sequence[str] = ()) -> None:
    """Print `rows` under `columns`; a narrow terminal does without those that are `droppable`, in this order."""
    print_table(columns, rows, stdout=sys.stdout, width=width_of(sys.stdout, os.environ), droppable=droppable)


def whole_table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], droppable: Sequence[str], *, wide: bool
) -> list[str]:
    """Print `rows` with no cell wrapped or cut, and return the columns that a narrow terminal has no room for.

    Args:
        columns: The heads.
        rows: The cells.
        droppable: The columns to do without, in this order.
        wide: Whether every column is printed, however narrow the terminal is.
    """
    return print_whole_cells(
        columns,
        rows,
        stdout=sys.stdout,
        width=None if wide else _width_of_terminal(),
        color=wants_color(sys.stdout, os.environ),
        droppable=droppable,
    )


def whole_rows(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print `rows` with no cell wrapped or cut; a terminal that is too narrow gets the cells of a row below each other."""
    color = wants_color(sys.stdout, os.environ)
    print_whole_rows(columns, rows, stdout=sys.stdout, width=_width_of_terminal(), color=color)


def _width_of_terminal() -> int | None:
    """Return the columns of the terminal; `None` where stdout is none."""
    return width_of(sys.stdout, os.environ) if sys.stdout.isatty() else None


def confirm(question: str, *, yes: bool) -> None:
    """Ask on a terminal whether to continue; elsewhere nothing is asked, and `--yes` is required.

    Raises:
        UsageError: No one can be asked.
        typer.Exit: The person said no.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("nothing was removed: there is no terminal to confirm it on", hint="pass --yes")
    if not typer.confirm(question, err=True):
        typer.echo("nothing was removed", err=True)
        raise typer.Exit


def fields(pairs: Iterable[tuple[str, str]]) -> None:
    """Print pairs of label and value."""
    print_fields(pairs, stdout=sys.stdout, width=width_of(sys.stdout, os.environ))
