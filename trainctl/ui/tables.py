"""Result tables on stdout: tidy on a terminal, plain and whole in a pipe, so that `| grep` finds every word."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from trainctl.ui.stream import encodable
from trainctl.words import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_GAP = "  "


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, stdout: TextIO, width: int) -> None:
    """Print `rows` under `columns`; a column of numbers is aligned to the right.

    Args:
        columns: The heads.
        rows: As many cells a row as there are columns.
        stdout: Where to.
        width: Columns of the terminal, where `stdout` is one: longer cells wrap. Elsewhere nothing is wrapped or cut.
    """
    cells = [[_clean(cell) for cell in row] for row in rows]
    right = [bool(cells) and all(_is_number(row[index]) for row in cells) for index in range(len(columns))]
    if stdout.isatty():
        _print_rich(columns, cells, right, stdout, width)
        return
    stdout.writelines(encodable(f"{line}\n", stdout) for line in _aligned([list(columns), *cells], right))


def print_fields(pairs: Iterable[tuple[str, str]], *, stdout: TextIO, width: int) -> None:
    """Print pairs of label and value, one a line, the values below each other.

    Args:
        pairs: Labels and values.
        stdout: Where to.
        width: Columns of the terminal, where `stdout` is one: longer values wrap. Elsewhere nothing is wrapped or cut.
    """
    cells = [[_clean(label), _clean(value)] for label, value in pairs]
    if stdout.isatty():
        _print_rich((), cells, [False, False], stdout, width)
        return
    stdout.writelines(encodable(f"{line}\n", stdout) for line in _aligned(cells, [False, False]))


def _clean(cell: str) -> str:
    """The cell on one line: a row is a line."""
    return printable(" ".join(cell.split()))


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "") or "0")
    except ValueError:
        return False
    return True


def _aligned(rows: list[list[str]], right: Sequence[bool]) -> list[str]:
    from rich.cells import cell_len

    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]

    def padded(cell: str, width: int, to_right: bool) -> str:
        space = " " * (width - cell_len(cell))
        return space + cell if to_right else cell + space

    return [_GAP.join(map(padded, row, widths, right)).rstrip() for row in rows]


def _print_rich(
    columns: Sequence[str], rows: list[list[str]], right: Sequence[bool], stdout: TextIO, width: int
) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(
        box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, show_header=bool(columns),
        header_style="dim", border_style="dim",
    )  # fmt: skip
    for index, to_right in enumerate(right):
        head = Text(columns[index]) if columns else ""
        style = "cyan" if index == 0 else ""
        table.add_column(head, justify="right" if to_right else "left", style=style, overflow="fold")
    for row in rows:
        table.add_row(*(Text(encodable(cell, stdout)) for cell in row))
    Console(file=stdout, width=width, highlight=False).print(table)
