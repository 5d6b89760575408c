"""The table of a data set's columns as lines of text, the same before a run, in `validate --build` and in `trainctl data`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice

from trainctl.aliases import Value
from trainctl.text import plural, printable

HEAD = ("column", "kind", "missing", "distinct", "values", "use")
MOST = 16
"""Columns that are shown before a run; of more, the first."""

_WIDEST = 44  # characters of a cell
_NARROWEST = 12  # characters of the values, where the lines are to be short
_NAME = 20  # characters of a name there
_VALUES = HEAD.index("values")


def column_lines(columns: Mapping[str, Value], *, width: int | None = None, most: int | None = None) -> Iterator[str]:
    """Yield the table, a line each; nothing where there are no columns.

    Args:
        columns: For each column its facts: `kind`, `missing`, `distinct`, `min` and `max` or `frequent`, `use`.
        width: Characters of a line; `None` leaves them as long as they are.
        most: Columns to show; the others are counted by their kinds.
    """
    if not columns:
        return
    shown = dict(columns) if most is None or len(columns) <= most else dict(islice(columns.items(), most - 1))
    rows = [HEAD, *(_row(name, facts, _WIDEST if width is None else _NAME) for name, facts in shown.items())]
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    if width is not None:
        others = sum(widths) - widths[_VALUES] + 2 * (len(HEAD) - 1)
        widths[_VALUES] = min(widths[_VALUES], max(_NARROWEST, width - others))
    for row in rows:
        cells = (_cut(cell, size).ljust(size) for cell, size in zip(row, widths, strict=True))
        yield _cut("  ".join(cells).rstrip(), width or 10_000)
    rest = [facts["kind"] for name, facts in columns.items() if name not in shown]
    if rest:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in Counter(rest).most_common())
        yield f"… and {plural(len(rest), 'more column')}: {kinds}"


def _row(name: str, facts: Mapping[str, Value], longest: int) -> tuple[str, ...]:
    distinct = "" if facts.get("distinct") is None else f"{facts['distinct']:,}{'+' * ('distinct_of' in facts)}"
    missing = f"{facts['missing']:,}" if facts["missing"] else ""
    cells = (name, facts["kind"], missing, distinct, _values(facts), facts.get("use", ""))
    return (_cut(cells[0], longest), *(_cut(each, _WIDEST) for each in cells[1:]))


def _values(facts: Mapping[str, Value]) -> str:
    if "frequent" in facts:
        return ", ".join(f"{value} {count:,}" for value, count in facts["frequent"])
    if "min" not in facts:
        return ""
    if facts["kind"] == "boolean":
        return f"{facts['mean']:.0%} true"
    lowest, highest = (each if isinstance(each, str) else f"{each:g}" for each in (facts["min"], facts["max"]))
    return lowest if lowest == highest else f"{lowest} to {highest}"


def _cut(text: str, longest: int) -> str:
    text = printable(str(text))
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
