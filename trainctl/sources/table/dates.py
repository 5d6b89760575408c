"""Dates of which only the person knows whether the day or the month stands first: 05/06/2020."""

from __future__ import annotations

import re
from datetime import datetime

from trainctl.aliases import ArrowData
from trainctl.sources.table.amounts import MONTHS

CLOCK = r"(?:[T, ]+(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2}(?:\.\d+)?))?\s*(?P<half>[AaPp][Mm])?(?: ?(?:UTC|GMT))?)?"
"""The time of day behind a date, or nothing."""
YEAR_LAST = rf"^(?P<first>\d{{1,2}})[./-](?P<second_part>\d{{1,2}})[./-](?P<year>\d{{4}}|\d{{2}}){CLOCK}$"
"""A date whose year stands last."""
CENTURY = 69
"""From which two digits on a year is one of the last century, as in POSIX."""

DAY_FIRST, MONTH_FIRST = "day_first", "month_first"
_NAMED = rf"^(?P<first>\d{{1,2}})[-\s./](?P<second_part>[A-Za-z]{{3}})[-\s./](?P<year>\d{{2}}){CLOCK}$"
_NOON = 12


def in_order(column: ArrowData, order: str) -> ArrowData:
    """Return an Arrow array of text with each date as 2026-01-31, or 2026-01-31 12:30.

    Args:
        column: The column; cells that are no such dates stay as they are.
        order: What stands first: `DAY_FIRST` or `MONTH_FIRST`.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if not any(pc.any(pc.match_substring_regex(column, each)).as_py() for each in (YEAR_LAST, _NAMED)):
        return column
    distinct = pc.unique(column.drop_null())
    plain = pa.array([_in_iso(str(cell), order) for cell in distinct.to_pylist()], column.type)
    return pc.take(plain, pc.index_in(column, value_set=distinct))


def order_of(column: ArrowData) -> str | None:
    """Return what stands first in the dates of an Arrow array of text; `None` where nothing tells, "" where they disagree."""
    orders = set()
    for cell in column.drop_null().unique().to_pylist():
        found = _YEAR_LAST.match(str(cell))
        if _NAMED_YEAR.match(str(cell)) or (found and int(found["first"]) > _MONTHS):
            orders.add(DAY_FIRST)
        elif found and int(found["second_part"]) > _MONTHS:
            orders.add(MONTH_FIRST)
    return orders.pop() if len(orders) == 1 else "" if orders else None


_YEAR_LAST, _NAMED_YEAR = re.compile(YEAR_LAST), re.compile(_NAMED)
_MONTHS = 12


def _in_iso(cell: str, order: str) -> str:
    found = _YEAR_LAST.match(cell)
    if found is not None:
        first, second = int(found["first"]), int(found["second_part"])
        day, month = (first, second) if order == DAY_FIRST else (second, first)
    else:
        found = _NAMED_YEAR.match(cell)
        if found is None or found["second_part"].lower() not in MONTHS:
            return cell
        day, month = int(found["first"]), MONTHS.index(found["second_part"].lower()) + 1
    year = int(found["year"])
    if len(found["year"]) == 2:
        year += 2000 if year < CENTURY else 1900
    hour, half = int(found["hour"] or 0), (found["half"] or "").lower()
    if half:
        hour = hour % _NOON + _NOON * (half == "pm")
    try:
        seconds, _, fraction = (found["second"] or "0").partition(".")
        written = datetime(year, month, day, hour, int(found["minute"] or 0), int(seconds))
    except ValueError:
        return cell
    if found["hour"] is None:
        return written.date().isoformat()
    return written.isoformat(" ") + (f".{fraction[:6]}" if fraction else "")
