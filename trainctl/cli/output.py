"""What a command prints on stdout: JSON for programs, tables and fields for people."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence

import typer

from trainctl.aliases import Value
from trainctl.strict_json import to_json
from trainctl.ui.stream import can_encode, width_of
from trainctl.ui.tables import print_fields, print_table


def print_json(value: Value) -> None:
    """Print a result for programs."""
    text = to_json(value, indent=2)
    typer.echo(text if can_encode(text, sys.stdout) else to_json(value, indent=2, escaped=True))


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], droppable: Sequence[str] = ()) -> None:
    """Print `rows` under `columns`; a narrow terminal does without those that are `droppable`, in this order."""
    print_table(columns, rows, stdout=sys.stdout, width=width_of(sys.stdout, os.environ), droppable=droppable)


def fields(pairs: Iterable[tuple[str, str]]) -> None:
    """Print pairs of label and value."""
    print_fields(pairs, stdout=sys.stdout, width=width_of(sys.stdout, os.environ))
