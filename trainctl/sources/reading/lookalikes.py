"""Columns of text that look like numbers or dates to a person, but are not written in a form that is parsed."""

from __future__ import annotations

from trainctl.aliases import ArrowData
from trainctl.sources.table.columns import count
from trainctl.sources.table.tally import Tally

_COMMA_GROUPS = r"^[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?$"
_DOT_GROUPS = r"^[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?$"
_DECIMAL_COMMA = r"^[+-]?\d+(,\d+)?$"
_DATE = r"^(\d{1,2}([/.-])\d{1,2}[/.-](\d{4}|\d{2})|\d{4}[/.]\d{1,2}[/.]\d{1,2})(\D.*)?$"

_UNITS = (
    "mg|g|kg|t|lbs?|oz|ml|l|cm|mm|m|km|mi|ft|in|hrs?|min|sec|s|ms|[kmgt]b|[kmg]?hz|k?wh?|v|mph|km/?h|cc|bhp|kmpl|°?[cf]"
)
_UNIT = rf"^[+-]?\d+(\.\d+)?\s?(?i:{_UNITS})$"
_LEADING_ZERO = r"^0\d+$"
_COMPACT_DATE = r"^(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$"
LOOKED_AT = 10_000
"""Cells in which codes and dates are looked for."""

_LOOKS = (
    (_COMMA_GROUPS, "numbers with a comma between thousands", 'thousands: ","'),
    (_DECIMAL_COMMA, "numbers with a decimal comma", 'decimal: ","'),
    (_DOT_GROUPS, "numbers with a decimal comma and a dot between thousands", 'decimal: "," and thousands: "."'),
    (_DATE, "dates in another order", ""),
    (_UNIT, "numbers with a unit", "write the numbers alone"),
)


def lookalike(column: ArrowData, *, can_be_told: bool) -> tuple[str, str] | None:
    """What at least half of the column's cells look like, and what to do about it; `None` where they are what they look like.

    Args:
        column: An Arrow array of text.
        can_be_told: Whether the source has settings for how numbers are spelt.
    """
    present, tally = len(column) - column.null_count, Tally.of(column)
    for pattern, what, setting in _LOOKS:
        if present and 2 * tally.count(pattern) >= present:
            if not setting:
                return what, "write them as 2026-01-31"
            if pattern == _UNIT:
                return what, setting
            return what, f"write {setting} beside path:" if can_be_told else "store them as numbers"
    return None


def codes_or_dates(column: ArrowData) -> str | None:
    """Return what a column of numbers, as text, may be instead, and how to say so; `None` where it looks like numbers."""
    first = column[:LOOKED_AT]
    present = len(first) - first.null_count
    if present and count(first, _COMPACT_DATE) == present:
        return "holds numbers such as 20260131; if they are dates, declare it date under features"
    if count(first, _LEADING_ZERO):
        return "holds numbers with leading zeros; if they are codes, declare it categorical under features"
    return None
