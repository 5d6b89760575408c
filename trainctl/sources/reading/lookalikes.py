"""Columns of text that look like numbers or dates to a person, but are not written in a form that is parsed."""

from __future__ import annotations

import json
import re

from trainctl.aliases import ArrowData
from trainctl.components.column_kind import ColumnKind
from trainctl.sources.table.amounts import form_of
from trainctl.sources.table.columns import NUMBER, count, matches
from trainctl.sources.table.dates import DAY_FIRST, MONTH_FIRST, order_of
from trainctl.sources.table.tally import Tally
from trainctl.text import one_of

_COMMA_GROUPS = r"^[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?$"
_DOT_GROUPS = r"^[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?$"
_BLANK_GROUPS = r"^[+-]?\d{1,3}([ \x{00a0}\x{202f}]\d{3})+$"
_MONTH = r"^(19|20)\d{2}-(0[1-9]|1[0-2])$"
_DECIMAL_COMMA = r"^[+-]?\d+(,\d+)?$"
_DATE = r"^(\d{1,2}([/.-])\d{1,2}[/.-](\d{4}|\d{2})|\d{4}[/.]\d{1,2}[/.]\d{1,2}|\d{1,2}[-\s./][A-Za-z]{3}[-\s./]\d{2})(\D.*)?$"
_WORDED_DATE = (
    r"^(?i:[a-z]{3,9},?\s+)?\d{1,2}[-\s](?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[-\s]\d{4}\b.*$"
)
_RANGE = r"^[$€£]?\d+(\.\d+)?[kKmM%]?\s?(-|–|to)\s?[$€£]?\d+(\.\d+)?[kKmM%]?$"
_OPEN_RANGE = r"^([<>≤≥]=?\s?[$€£]?\d+(\.\d+)?[kKmM%]?|\d+\+)$"
_LIST = r"^[\[{].*[\]}]$"
_QUOTED = r"^'[+-]?\d+(\.\d+)?'$"
_MONEY = r"^[-+(]?\s?[\d.,\s]+\s?[$€£¥₹]\)?$|^[-+(]?\s?[$€£¥₹]\s?[-+]?[\d.,\s]+\)?$"
_MULTIPLE = r"^[$€£]?[+-]?\d+(\.\d+)?\s?(?i:k|m|b|bn|mn|million|billion)$"

_UNITS = (
    "mg|g|kg|t|lbs?|oz|ml|l|cm|mm|m|km|mi|ft|in|hrs?|min|sec|s|ms|[kmgt]b|[kmg]?hz|k?wh?|v|mph|km/?h|cc|bhp|kmpl|°?[cf]"
)
_UNIT = rf"^[+-]?(\d+|\d{{1,3}}(,\d{{3}})+)([.,]\d+)?\s?(?i:{_UNITS})$"
_ANY_UNIT = re.compile(r"[+-]?[\d.,]*\d\s?(?P<unit>[^\W\d_][^\d]{0,14}|[°µ][^\d]{0,5})")
_LEADING_ZERO = r"^0\d+$"
_COMPACT_DATE = r"^(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$"
LOOKED_AT = 10_000
"""Cells in which codes and dates are looked for."""

_DOT_THOUSANDS, _BELOW_THOUSAND = r"^[1-9]\d{0,2}\.\d{3}$", r"^\d{1,3}$"
_BY_ITSELF = "write the numbers alone"
_LOOKS = (
    (_COMMA_GROUPS, "numbers with a comma between thousands", 'thousands: ","'),
    (_DECIMAL_COMMA, "numbers with a decimal comma", 'decimal: ","'),
    (_DOT_GROUPS, "numbers with a decimal comma and a dot between thousands", 'decimal: "," and thousands: "."'),
    (_BLANK_GROUPS, "numbers with a blank between thousands", 'thousands: " " (or "\\u00a0", as in the file)'),
)
"""Numbers that a source can be told to read."""
_OTHERS = (
    (_MONTH, "months", "write them as dates: 2026-01-01"),
    (_WORDED_DATE, "dates in words", "write them as 2026-01-31"),
    (_MULTIPLE, "numbers with a multiple, such as 3k", "write them in full: 3000"),
    (_UNIT, "numbers with a unit", _BY_ITSELF),
    (_MONEY, "amounts of money, in several currencies or forms", f"{_BY_ITSELF}, in one currency"),
    (_LIST, "lists", "write each of their values in a column of its own"),
    (_QUOTED, "numbers in single quotes", "write them without quotes"),
)
_MANY = 50  # different texts, of which no one would speak as ranges
_FEW = 6  # texts among numbers that may all mean missing values
_ABSENT = frozenset(
    {"?", "-", "--", "---", ".", "..", "*", "n.a.", "na.", "not available", "missing", "nil", "no data"}
)


def lookalike(column: ArrowData, *, can_be_told: bool) -> tuple[str, str] | None:
    """What at least half of the column's cells look like, and what to do about it; `None` where they are what they look like.

    Args:
        column: An Arrow array of text.
        can_be_told: Whether the source has settings for how numbers are spelt.
    """
    present, tally = len(column) - column.null_count, Tally.of(column)
    if not present:
        return None
    for pattern, what, setting in _LOOKS:
        if 2 * tally.count(pattern) >= present:
            return what, f"write {setting} beside path:" if can_be_told else "store them as numbers"
    if 2 * tally.count(_DATE) >= present:
        return "dates", _how_to_date(column) if can_be_told else "write them as 2026-01-31"
    for pattern, what, remedy in _OTHERS:
        if 2 * tally.count(pattern) >= present:
            return what, remedy
    ranges = tally.count(_RANGE)
    few = tally.count_distinct() <= min(_MANY, present // 2)
    if few and ranges and 2 * (ranges + tally.count(_OPEN_RANGE)) >= present:
        return "ranges", "to keep their order, write the middle of each, or 1, 2, 3 …"
    unit = _common_unit(column)
    return None if unit is None else (f"numbers with the unit {unit!r}", _BY_ITSELF)


def _how_to_date(column: ArrowData) -> str:
    """How to say what stands first in dates."""
    order = order_of(column)
    if order == "":
        return "the day stands first in some, the month in others; write them as 2026-01-31"
    if order is None:
        return f"they do not tell day from month; write dates: {DAY_FIRST} or dates: {MONTH_FIRST} beside path:"
    return f"write dates: {order} beside path:"


def _common_unit(column: ArrowData) -> str | None:
    """Return the word that stands behind a number in each of the first cells, of which several differ."""
    cells = set(column[:LOOKED_AT].drop_null().to_pylist())
    found = [_ANY_UNIT.fullmatch(str(cell)) for cell in cells]
    units = {each["unit"].strip() if each else None for each in found}
    return units.pop() if len(units) == 1 and len(cells) > 2 else None


def missing_words(column: ArrowData) -> str | None:
    """Return which texts in the first cells may mean missing values; `None` where there are none.

    They are texts that say so, or a few that stand among numbers.
    """
    import pyarrow.compute as pc

    cells = column[:LOOKED_AT].drop_null()
    words = sorted({str(cell) for cell in cells.to_pylist() if str(cell).lower() in _ABSENT})
    numbers = count(cells, NUMBER)
    if 4 * numbers >= len(cells) > 0:
        others = sorted({str(cell) for cell in cells.filter(pc.invert(matches(cells, NUMBER))).to_pylist()})
        words = others if len(others) <= _FEW else words
    if not words:
        return None
    shown = one_of(map(repr, words), "and")
    listed = ", ".join(json.dumps(word, ensure_ascii=False) for word in words)
    told = "which count as categories; if they mean" if len(words) > 1 else "which counts as a category; if it means"
    return f"holds {shown}, {told} a missing value, write missing: [{listed}] beside path:"


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
    grouped = count(first, _DOT_THOUSANDS)
    if 0 < grouped < present == grouped + count(first, _BELOW_THOUSAND):
        return 'holds numbers such as 1.200 and 950; if the dot stands between thousands, write thousands: "." and decimal: ","'
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
    if is_label and kind is ColumnKind.BOOLEAN:
        spellings = {str(each).lower() for each in column.drop_null().unique().to_pylist()}
        several = len(spellings) > 2
        return "spells true and false in several ways, each of which is a class; write them alike" if several else None
    if is_label and kind is ColumnKind.DATE:
        return "holds dates, each of which is a class; to predict when something is, write numbers, such as days"
    form = form_of(column)
    if form is not None:
        return f"is read as {form.words}" + ("" if is_label else "; otherwise declare it categorical under features")
    if kind is not ColumnKind.NUMERIC or is_label:
        return None
    named = "is read as numbers; if they are codes, declare it categorical under features"
    return codes_or_dates(column) or (named if _CODES.fullmatch(name) else None)
