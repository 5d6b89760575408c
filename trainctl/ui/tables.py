"""Result tables on stdout: tidy on a terminal, plain and whole in a pipe, so that `| grep` finds every word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TextIO

from trainctl.text import printable
from trainctl.ui.stream import encodable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_GAP = "  "
_RICH_GAP = 3  # columns between two of Rich's
_READABLE = 12  # columns; a cell may be folded to so many


def print_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    stdout: TextIO,
    width: int,
    droppable: Sequence[str] = (),
) -> None:
    """Print `rows` under `columns`; a column of numbers is aligned to the right.

    Args:
        columns: The heads.
        rows: As many cells a row as there are columns.
        stdout: Where to.
        width: Columns of the terminal, where `stdout` is one: longer cells wrap. Elsewhere nothing is wrapped or cut.
        droppable: Heads that a narrow terminal does without, in this order, so that the first column stays whole.
    """
    columns = [_clean(column) for column in columns]  # metrics of a stranger's run may be among them
    cells = [[_clean(cell) for cell in row] for row in rows]
    if stdout.isatty() and droppable:
        columns, cells = _narrow_columns(columns, cells, width, droppable)
    right = [bool(cells) and all(_is_number(row[index]) for row in cells) for index in range(len(columns))]
    if stdout.isatty():
        _print_rich(columns, cells, right, stdout, width, whole=bool(droppable))
        return
    stdout.writelines(encodable(f"{line}\n", stdout) for line in _align_cells([list(columns), *cells], right))


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
    stdout.writelines(encodable(f"{line}\n", stdout) for line in _align_cells(cells, [False, False]))


def _clean(cell: str) -> str:
    """Return the cell on one line: a row is a line."""
    return printable(" ".join(cell.split()))


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "") or "0")
    except ValueError:
        return False
    return True


def _narrow_columns(
    columns: Sequence[str], rows: list[list[str]], width: int, droppable: Sequence[str]
) -> tuple[list[str], list[list[str]]]:
    """Return the columns that can be read side by side within `width`, and their cells."""
    from rich.cells import cell_len

    def needed(index: int) -> int:
        cells = [columns[index], *(row[index] for row in rows)]
        if index == 0:
            return max(map(cell_len, cells))
        return min(_READABLE, max(cell_len(word) for cell in cells for word in cell.split() or [""]))

    kept = list(range(len(columns)))
    for head in droppable:
        if sum(map(needed, kept)) + _RICH_GAP * (len(kept) - 1) > width:
            kept.remove(columns.index(head))
    return [columns[index] for index in kept], [[row[index] for index in kept] for row in rows]


def _align_cells(rows: list[list[str]], right: Sequence[bool]) -> list[str]:
    from rich.cells import cell_len

    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]

    def padded(cell: str, width: int, to_right: bool) -> str:
        space = " " * (width - cell_len(cell))
        return space + cell if to_right else cell + space

    return [_GAP.join(map(padded, row, widths, right)).rstrip() for row in rows]


def _print_rich(
    columns: Sequence[str],
    rows: list[list[str]],
    right: Sequence[bool],
    stdout: TextIO,
    width: int,
    *,
    whole: bool = False,
) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        show_header=bool(columns),
        header_style="dim",
        border_style="dim",
    )
    for index, to_right in enumerate(right):
        head = Text(columns[index]) if columns else ""
        style = "cyan" if index == 0 else ""
        justify: Literal["left", "right"] = "right" if to_right else "left"
        table.add_column(head, justify=justify, style=style, overflow="fold", no_wrap=whole and index == 0)
    for row in rows:
        table.add_row(*(Text(encodable(cell, stdout)) for cell in row))
    Console(file=stdout, width=width, highlight=False).print(table)
