"""Amounts as people write them: percent, currency, times of day, durations, dates with the name of a month, compact dates.

A column of text is understood as such where all of its cells are of one form; each cell then becomes what Python would write.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from trainctl.aliases import ArrowData
from trainctl.components.dataset import ColumnKind

_NUMBER = r"\d+(?:\.\d+)?"
_PLAIN = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_SYMBOL = r"(?:[$€£¥₹₩₽₺₫₴₱฿]|(?:USD|EUR|GBP|JPY|CHF|CAD|AUD|INR|CNY|SEK|NOK|DKK|PLN|BRL)\b)"
_CURRENCY = re.compile(
    rf"(?P<open>\()?(?P<sign>[-+])?\s?(?P<symbol>{_SYMBOL})\s?(?P<inner>[-+])?(?P<amount>{_PLAIN})(?P<close>\))?"
    rf"|(?P<sign_before>[-+])?(?P<amount_before>{_PLAIN})\s?(?P<symbol_behind>{_SYMBOL})"
)
_SIGNED = re.compile(
    rf"(?P<plain>{_NUMBER})|-(?P<usual>{_NUMBER})|\((?P<open>{_PLAIN})\)|(?P<behind>{_NUMBER})-|[\u2212\u2013](?P<before>{_NUMBER})"
)
_PERCENT = re.compile(r"([-+]?\d+(?:\.\d+)?)\s?%")
_TIME = re.compile(r"(\d{1,2}):([0-5]\d)(?::([0-5]\d)(\.\d+)?)?(?:\s?([AaPp])\.?[Mm]\.?)?")
_NOON = 12
_CLOCK = re.compile(
    r"(?:(?P<days>\d+)\s?d(?:ays?)?,?\s+)?(?P<hours>\d+):(?P<minutes>[0-5]\d):(?P<seconds>[0-5]\d(?:\.\d+)?)"
)
_ISO = re.compile(
    rf"P(?:(?P<days>{_NUMBER})D)?(?:T(?:(?P<hours>{_NUMBER})H)?(?:(?P<minutes>{_NUMBER})M)?(?:(?P<seconds>{_NUMBER})S)?)?"
)
_SPELLED = re.compile(
    rf"(?:(?P<weeks>{_NUMBER})\s?w(?:ee)?k?s?)?[\s,]*(?:(?P<days>{_NUMBER})\s?d(?:ays?)?)?[\s,]*(?:(?P<hours>{_NUMBER})\s?h(?:(?:ou)?rs?)?)?"
    rf"[\s,]*(?:(?P<minutes>{_NUMBER})\s?m(?:in(?:ute)?s?)?)?[\s,]*(?:(?P<seconds>{_NUMBER})\s?s(?:ec(?:ond)?s?)?)?",
    re.IGNORECASE,
)
_IS_DURATION = re.compile(r":|P|[hm] ?\d|da?y|ho?u?r|min|sec|week")
_SECONDS = {"weeks": 604_800, "days": 86_400, "hours": 3600, "minutes": 60, "seconds": 1}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
"""How the names of the months begin."""
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[-\s./]+([A-Za-z]{3,9})\.?,?[-\s./]+(\d{4})")
_MONTH_FIRST = re.compile(r"([A-Za-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")
_DOTTED = re.compile(
    r"(?:(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})|(?P<y>\d{4})[/.](?P<m>\d{1,2})[/.](?P<d>\d{1,2}))"
    r"(?:[ T](?P<time>(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?))?"
)
_COMPACT = re.compile(r"((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")


PLAIN = "plain numbers"
"""The unit of numbers that count nothing in particular."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form in which people write amounts.

    Args:
        kind: What a column of them holds.
        words: What to call them: "percent, 5.2% as 5.2".
        plain: The cell as Python would write it; `None` where it is not of the form.
        unit: What a cell counts, such as a currency, which all of a column must have in common.
        sign: Found in at least one cell: metres may be written as minutes are.
    """

    kind: ColumnKind
    words: str
    plain: Callable[[str], str | None]
    unit: Callable[[str], str] = lambda _: PLAIN
    sign: re.Pattern[str] | None = None

    def fits(self, cells: Sequence[str]) -> bool:
        """Return whether all of the cells are of this form, and of one unit."""
        if any(self.plain(cell) is None for cell in cells):
            return False
        if self.sign is not None and not any(map(self.sign.search, cells)):
            return False
        return len(set(map(self.unit, cells))) <= 1


def _percent(cell: str) -> str | None:
    found = _PERCENT.fullmatch(cell)
    return found[1] if found else None


def _currency(cell: str) -> str | None:
    found = _CURRENCY.fullmatch(cell)
    if found is None or bool(found["open"]) != bool(found["close"]):
        return None
    amount = (found["amount"] or found["amount_before"]).replace(",", "")
    signs = [found["sign"], found["inner"], found["sign_before"], "-" if found["open"] else None]
    return f"-{amount}" if signs.count("-") % 2 else amount


def _currency_of(cell: str) -> str:
    found = _CURRENCY.fullmatch(cell)
    return f"amounts in {found['symbol'] or found['symbol_behind']}" if found else PLAIN


def _signed(cell: str) -> str | None:
    found = _SIGNED.fullmatch(cell)
    if found is None:
        return None
    amount = next(filter(None, found.groups())).replace(",", "")
    return amount if found["plain"] else f"-{amount}"


def _time(cell: str) -> str | None:
    found = _TIME.fullmatch(cell)
    if found is None:
        return None
    hour, half = int(found[1]), (found[5] or "").lower()
    if hour > (_NOON if half else 23) or (half and not hour):
        return None
    hour = hour % _NOON + _NOON * (half == "p") if half else hour
    return f"{hour * 3600 + int(found[2]) * 60 + int(found[3] or 0)}{found[4] or ''}"


def _duration(cell: str) -> str | None:
    for form in (_CLOCK, _ISO, _SPELLED):
        found = form.fullmatch(cell)
        parts = {unit: float(part) for unit, part in found.groupdict().items() if part} if found else {}
        if parts:
            return f"{sum(_SECONDS[unit] * part for unit, part in parts.items()):.9g}"
    return None


def _seconds(_: str) -> str:
    return "times"


def _month_name(cell: str) -> str | None:
    found, day, month = _DAY_FIRST.fullmatch(cell), 1, 2
    if found is None:
        found, day, month = _MONTH_FIRST.fullmatch(cell), 2, 1
    if found is None or found[month][:3].lower() not in MONTHS:
        return None
    try:
        return date(int(found[3]), MONTHS.index(found[month][:3].lower()) + 1, int(found[day])).isoformat()
    except ValueError:
        return None


def _dotted(cell: str) -> str | None:
    found = _DOTTED.fullmatch(cell)
    if found is None:
        return None
    year, month, day = found["year"] or found["y"], found["month"] or found["m"], found["day"] or found["d"]
    try:
        written = date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None
    return f"{written} {found['time'].zfill(5 if found['time'].count(':') == 1 else 8)}" if found["time"] else written


def _compact(cell: str) -> str | None:
    found = _COMPACT.fullmatch(cell)
    return "-".join(found.groups()) if found else None


FORMS = (
    Form(ColumnKind.NUMERIC, "numbers, (5) and 5- as -5", _signed),
    Form(ColumnKind.NUMERIC, "percent, 5.2% as 5.2", _percent, unit=lambda _: "percent"),
    Form(ColumnKind.NUMERIC, "amounts of money, $1,000 as 1000", _currency, unit=_currency_of),
    Form(ColumnKind.NUMERIC, "times of day, 12:30:00 as 45000 seconds", _time, unit=_seconds),
    Form(ColumnKind.NUMERIC, "durations, 1h 20m as 4800 seconds", _duration, unit=_seconds, sign=_IS_DURATION),
    Form(ColumnKind.DATE, "dates", _month_name),
    Form(ColumnKind.DATE, "dates, 31.01.2026 and 2026/01/31 as 2026-01-31", _dotted),
)
"""The forms that are understood by themselves."""

_DECLARED = {ColumnKind.DATE: (Form(ColumnKind.DATE, "dates", _compact),)}
"""Those that are understood where the column is declared to hold such."""

_LOOKED_AT = 1000  # distinct cells after which a column that is of no form is given up


def form_of(column: ArrowData) -> Form | None:
    """Return the form of which all cells are that are there, of an Arrow array of text; `None` where there is none."""
    import pyarrow.compute as pc

    first = column.drop_null()
    if not len(first):
        return None
    sample = [str(cell) for cell in first[:_LOOKED_AT].to_pylist()]
    if not any(cell.strip("0123456789.+-,") or cell.endswith("-") or cell.count(".") > 1 for cell in sample):
        return None  # numbers as they are, or with commas, which may be decimal ones
    for form in FORMS:
        if form.fits(sample):
            return form if form.fits([str(cell) for cell in pc.unique(first).to_pylist()]) else None
    return None


def plain_cells(column: ArrowData, kind: ColumnKind) -> ArrowData:
    """Return an Arrow array of text with each cell that is an amount as Python would write it.

    Numbers are only read from amounts of one form: 5 % among fractions, or € among $, would be others than they seem.

    Args:
        column: The column.
        kind: What it holds: numbers or dates.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    forms = [*(form for form in FORMS if form.kind is kind), *_DECLARED.get(kind, ())]
    distinct = [str(cell) for cell in pc.unique(column.drop_null()).to_pylist()] if forms else []
    if kind is ColumnKind.NUMERIC:
        forms = [form for form in forms if form.fits(distinct)][:1]
    if not forms:
        return column
    plain = pa.array([_plain(cell, forms) for cell in distinct], column.type)
    return pc.take(plain, pc.index_in(column, value_set=pa.array(distinct, column.type)))


def _plain(cell: str, forms: list[Form]) -> str:
    return next((plain for form in forms if (plain := form.plain(cell)) is not None), cell)
