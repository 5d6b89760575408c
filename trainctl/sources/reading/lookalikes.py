"""Columns of text that look like numbers or dates to a person, but are not written in a form that is parsed."""

from __future__ import annotations

import re

from trainctl.aliases import ArrowData
from trainctl.components.column_kind import ColumnKind
from trainctl.sources.table.amounts import form_of
from trainctl.sources.table.columns import count
from trainctl.sources.table.tally import Tally
from trainctl.text import one_of

_COMMA_GROUPS = r"^[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?$"
_DOT_GROUPS = r"^[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?$"
_BLANK_GROUPS = r"^[+-]?\d{1,3}([ \x{00a0}\x{202f}]\d{3})+$"
_MONTH = r"^(19|20)\d{2}-(0[1-9]|1[0-2])$"
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
    (_BLANK_GROUPS, "numbers with a blank between thousands", 'thousands: " " (or "\\u00a0", as in the file)'),
    (_DATE, "dates in another order", ""),
    (_MONTH, "months", "write them as dates: 2026-01-01"),
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
            if pattern in {_UNIT, _MONTH}:
                return what, setting
            return what, f"write {setting} beside path:" if can_be_told else "store them as numbers"
    return None


def case_variants(column: ArrowData) -> str | None:
    """Return which categories differ only in case, in the first cells; `None` where there are none."""
    words = dict[str, list[str]]()
    for word in sorted(set(column[:LOOKED_AT].drop_null().to_pylist())):
        words.setdefault(word.casefold(), []).append(word)
    several = next((each for each in words.values() if len(each) > 1), None)
    if several is None:
        return None
    return f"holds {one_of(map(repr, several), 'and')}, which differ only in case and count as different"


def codes_or_dates(column: ArrowData) -> str | None:
    """Return what a column of numbers, as text, may be instead, and how to say so; `None` where it looks like numbers."""
    first = column[:LOOKED_AT]
    present = len(first) - first.null_count
    if present and count(first, _COMPACT_DATE) == present:
        return "holds numbers such as 20260131; if they are dates, declare it date under features"
    if count(first, _LEADING_ZERO):
        return "holds numbers with leading zeros; if they are codes, declare it categorical under features"
    return None


_CODES = re.compile(r"(?i)(.*[_\s])?(zip|zip_?code|post_?code|postal_?code|plz|phone|telephone|iban|ssn)")


def amounts_taken(column: ArrowData, name: str, kind: ColumnKind, is_label: bool) -> str | None:
    """Return as what a column of text is read that may be something else, and how to say so; `None` where there is no doubt.

    Args:
        column: An Arrow array of text.
        name: Its name, which may tell of codes.
        kind: What it holds.
        is_label: Whether it is a label, for which there is nothing to declare.
    """
    form = form_of(column)
    if form is not None:
        return f"is read as {form.words}" + ("" if is_label else "; otherwise declare it categorical under features")
    if kind is not ColumnKind.NUMERIC or is_label:
        return None
    named = "is read as numbers; if they are codes, declare it categorical under features"
    return codes_or_dates(column) or (named if _CODES.fullmatch(name) else None)
