"""Result tables on stdout: tidy on a terminal, plain and whole in a pipe, so that `| grep` finds every word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TextIO

from trainctl.text import printable
from trainctl.ui.stream import encodable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

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
    if not stdout.isatty():
        print_whole_cells(columns, cells, stdout=stdout, width=None, color=False)
        return
    right = [bool(cells) and all(_is_number(row[index]) for row in cells) for index in range(len(columns))]
    _print_rich(columns, cells, right, stdout, width, whole=bool(droppable))


def print_whole_cells(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    stdout: TextIO,
    width: int | None,
    color: bool,
    droppable: Sequence[str] = (),
) -> list[str]:
    """Print `rows` under `columns` with no cell wrapped or cut, and return the heads that there was no room for.

    Args:
        columns: The heads.
        rows: As many cells a row as there are columns.
        stdout: Where to.
        width: Columns of the terminal; `None` prints every column.
        color: Whether the heads and the first column are colored.
        droppable: Heads to do without, in this order, where the terminal is narrow.
    """
    table = [list(map(str, cells)) for cells in zip(columns, *rows, strict=True)]
    is_plain = printable(text := "".join(map("".join, table))) == text and text.isascii()
    table = table if is_plain else [list(map(printable, cells)) for cells in table]
    length = len if is_plain else _cell_length  # as for nearly all; of 10,000 runs there are 100,000 cells
    sizes = [max(map(length, cells)) for cells in table]
    kept = list(range(len(table)))
    for head in droppable:
        if width is not None and _width(sizes[index] for index in kept) > width:
            kept.remove(columns.index(head))
    lines = zip(*(_aligned(table[index], sizes[index], length) for index in kept), strict=True)
    for number, (first, *others) in enumerate(lines):
        style = _PLAIN if not color else _DIM if number == 0 else _CYAN
        rest = _DIM.format(_GAP.join(others)) if style is _DIM else _GAP.join(others)
        stdout.write(encodable(f"{style.format(first)}{_GAP}{rest}".rstrip() + "\n", stdout))
    return [column for index, column in enumerate(columns) if index not in kept]


def print_whole_rows(
    columns: Sequence[str], rows: Iterable[Sequence[str]], *, stdout: TextIO, width: int | None, color: bool
) -> None:
    """Print `rows` as `print_whole_cells` does; where the terminal is too narrow, each row with its cells below each other.

    Args:
        columns: The heads.
        rows: As many cells a row as there are columns.
        stdout: Where to.
        width: Columns of the terminal; `None` where nothing is too wide.
        color: Whether the heads and the first column are colored.
    """
    table = [[*map(printable, row)] for row in (columns, *rows)]
    sizes = [max(map(_cell_length, cells)) for cells in zip(*table, strict=True)]
    if width is None or _width(sizes) <= width:
        print_whole_cells(columns, table[1:], stdout=stdout, width=None, color=color)
        return
    heads = _padded(table[0][1:], max(map(_cell_length, table[0][1:])))
    for first, *others in table[1:]:
        lines = [(_CYAN if color else _PLAIN).format(first)]
        lines += [f"{_GAP}{head}{_GAP}{cell}" for head, cell in zip(heads, others, strict=True)]
        stdout.writelines(encodable(f"{line}\n", stdout) for line in lines)


def _width(sizes: Iterable[int]) -> int:
    """Return how many columns of the terminal cells of these sizes take, side by side."""
    return sum(size + len(_GAP) for size in sizes) - len(_GAP)


def _aligned(cells: Sequence[str], size: int, length: Callable[[str], int]) -> list[str]:
    """Return the cells of a column, all as long as `size`; numbers are aligned to the right."""
    if all(map(_is_number, cells[1:])):
        return [" " * (size - length(cell)) + cell for cell in cells]
    return _padded(cells, size, length)


def _padded(cells: Sequence[str], size: int, length: Callable[[str], int] | None = None) -> list[str]:
    """Return the cells, all as long as `size`."""
    length = length or _cell_length
    return [cell + " " * (size - length(cell)) for cell in cells]


_PLAIN, _DIM, _CYAN = "{}", "\x1b[2m{}\x1b[0m", "\x1b[36m{}\x1b[0m"


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
    labels = [label for label, _ in cells]
    beside = zip(_padded(labels, max(map(_cell_length, labels), default=0)), cells, strict=True)
    stdout.writelines(encodable(f"{label}{_GAP}{value}".rstrip() + "\n", stdout) for label, (_, value) in beside)


def _cell_length(cell: str) -> int:
    """Return how many columns of a terminal the cell takes."""
    if cell.isascii():  # as nearly all are, and Rich takes its time to load
        return len(cell)
    from rich.cells import cell_len

    return cell_len(cell)


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

    def needed(index: int) -> int:
        cells = [columns[index], *(row[index] for row in rows)]
        if index == 0:
            return max(map(_cell_length, cells))
        return min(_READABLE, max(_cell_length(word) for cell in cells for word in cell.split() or [""]))

    kept = list(range(len(columns)))
    for head in droppable:
        if sum(map(needed, kept)) + _RICH_GAP * (len(kept) - 1) > width:
            kept.remove(columns.index(head))
    return [columns[index] for index in kept], [[row[index] for index in kept] for row in rows]


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
