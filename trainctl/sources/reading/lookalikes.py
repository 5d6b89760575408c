"""Columns of text that look like numbers or dates to a person, but are not written in a form that is parsed."""

from __future__ import annotations

from trainctl.aliases import ArrowData
from trainctl.sources.table.columns import count

_COMMA_GROUPS = r"^[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?$"
_DOT_GROUPS = r"^[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?$"
_DECIMAL_COMMA = r"^[+-]?\d+(,\d+)?$"
_DATE = r"^(\d{1,2}([/.-])\d{1,2}[/.-](\d{4}|\d{2})|\d{4}[/.]\d{1,2}[/.]\d{1,2})(\D.*)?$"

_LOOKS = (
    (_COMMA_GROUPS, "numbers with a comma between thousands", 'thousands: ","'),
    (_DECIMAL_COMMA, "numbers with a decimal comma", 'decimal: ","'),
    (_DOT_GROUPS, "numbers with a decimal comma and a dot between thousands", 'decimal: "," and thousands: "."'),
    (_DATE, "dates in another order", ""),
)


def lookalike(column: ArrowData, *, can_be_told: bool) -> tuple[str, str] | None:
    """What at least half of the column's cells look like, and what to do about it; `None` where they are what they look like.

    Args:
        column: An Arrow array of text.
        can_be_told: Whether the source has settings for how numbers are spelt.
    """
    present = len(column) - column.null_count
    for pattern, what, setting in _LOOKS:
        if present and 2 * count(column, pattern) >= present:
            if not setting:
                return what, "write them as 2026-01-31"
            return what, f"write {setting} beside path:" if can_be_told else "store them as numbers"
    return None
