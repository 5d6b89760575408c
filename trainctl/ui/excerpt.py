"""One line of a file with carets under a stretch of it, aligned whatever the characters are."""

from __future__ import annotations

from trainctl.text import printable

_TAB = "    "
_NARROWEST = 20


def excerpt(line: str, column: int, length: int, width: int) -> tuple[str, int, int]:
    """Return the line as it may be shown, how far the carets below it stand in, and how many they are.

    Args:
        line: The line of the file.
        column: Where the stretch begins, from 1; one past the end of the line is allowed.
        length: Characters of the stretch.
        width: Cells there are; a longer line is cut around the stretch, and says so with `…`.
    """
    from rich.cells import cell_len  # 10 ms: only a problem is shown with its line

    width = max(width, _NARROWEST)
    first = max(0, min(column - 1, len(line)) - width)  # the rest of a line of a megabyte is not looked at
    length = min(length, width)
    line, column = line[first : column - 1 + length + width], column - first
    shown = [_TAB if character == "\t" else printable(character) for character in line]
    start = min(column - 1, len(shown))
    end = max(start + 1, min(start + length, len(shown)))
    shown += [" "] * (end - len(shown))
    before, after = _window([cell_len(cell) for cell in shown], start, end, width)
    left, right = "…" if before else "", "…" if after < len(shown) else ""
    end = min(end, after)
    indent = len(left) + cell_len("".join(shown[before:start]))
    carets = max(1, cell_len("".join(shown[start:end])))
    text = f"{left}{''.join(shown[before:after])}{right}"
    return text.rstrip(), indent, carets


def _window(widths: list[int], start: int, end: int, width: int) -> tuple[int, int]:
    """Return which characters to show: all, or as many around `start` to `end` as fit with a `…` on either side."""
    if sum(widths) <= width:
        return 0, len(widths)
    room = width - 2
    before, after, used = start, start, 0
    while after < end and used + widths[after] <= room:
        used += widths[after]
        after += 1
    while True:  # widen by turns, the left side first: it says what the stretch belongs to
        grown = False
        if before > 0 and used + widths[before - 1] <= room:
            before -= 1
            used += widths[before]
            grown = True
        if after < len(widths) and used + widths[after] <= room:
            used += widths[after]
            after += 1
            grown = True
        if not grown:
            return before, after
