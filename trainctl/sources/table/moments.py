"""When the rows of a time series are: columns of times in the forms that people write, as days since 1970-01-01."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from trainctl.aliases import Array, ArrowData
from trainctl.components.dataset import ColumnKind
from trainctl.errors import DataError
from trainctl.sources.table.amounts import form_of
from trainctl.sources.table.columns import DATE, NUMBER, is_text, kind_of, values
from trainctl.sources.table.dates import CENTURY, CLOCK, YEAR_LAST
from trainctl.text import plural

if TYPE_CHECKING:
    from trainctl.sources.reading.targets import Table

_YEAR_FIRST = rf"^(?P<year>\d{{4}})[./-](?P<first>\d{{1,2}})[./-](?P<second_part>\d{{1,2}}){CLOCK}$"
_COMPACT = rf"^(?P<year>(?:19|20)\d{{2}})(?P<first>\d{{2}})(?P<second_part>\d{{2}}){CLOCK}$"
_MONTH = r"^(?P<year>\d{4})[./-](?P<first>\d{1,2})$"
_QUARTER = r"^(?P<year>\d{4})[ -]?[Qq](?P<first>[1-4])$"
_MONTHS = 12  # rows up to which days may as well be months
_SECONDS = 86_400.0


def moments(table: Table, names: Sequence[str], time_format: str | None) -> Array:
    """When each row is, float64 (rows,): days since 1970-01-01, or the numbers of a column that holds such.

    Args:
        table: The table.
        names: The column, or several such as a date and a time of day, which are joined by a blank.
        time_format: How the times are written, for strptime; `None` as they look.

    Raises:
        DataError: A cell is missing or no time, or the order of day and month cannot be told; names its place.
    """
    import pyarrow.compute as pc

    column, name = table.columns[names[0]], " ".join(names)
    if len(names) > 1:
        column = pc.binary_join_element_wise(*(table.columns[each] for each in names), " ")
    absent = pc.index(pc.is_null(column), value=True).as_py()
    if absent >= 0:
        count = int(pc.sum(pc.is_null(column)).as_py())
        raise DataError(
            f"{table.place(absent)}: column {name!r} has no value ({plural(count, 'row')} in all)",
            hint="fill in the time; a row without one has no place in the series",
        )
    if not is_text(column):
        return _of_numbers(table, column, name)
    if time_format is not None:
        return _as_written(table, column, name, time_format)
    return _as_it_looks(table, column, name)


def _of_numbers(table: Table, column: ArrowData, name: str) -> Array:
    """The numbers of a typed column, or its days."""
    kind = kind_of(column, name)
    if kind not in {ColumnKind.NUMERIC, ColumnKind.DATE}:
        raise DataError(f"{table.name}: column {name!r} holds {kind} values, not times", hint="name another column")
    return values(column, name, kind, table.place)


def _as_written(table: Table, column: ArrowData, name: str, time_format: str) -> Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.strptime(column, format=time_format, unit="s", error_is_null=True)
    wrong = pc.index(pc.is_null(found), value=True).as_py()
    if wrong >= 0:
        raise DataError(
            f"{table.place(wrong)}: column {name!r}: {column[wrong].as_py()!r} is not written as {time_format!r}",
            hint="correct the cell, or time_format",
        )
    days: Array = found.cast(pa.timestamp("s")).cast(pa.int64()).to_numpy() / _SECONDS
    return days


def _as_it_looks(table: Table, column: ArrowData, name: str) -> Array:
    import pyarrow.compute as pc

    def all_match(pattern: str) -> bool:
        return bool(pc.all(pc.match_substring_regex(column, pattern)).as_py())

    for pattern in (YEAR_LAST, _COMPACT, _MONTH, _QUARTER):
        if all_match(pattern):
            return _of_parts(table, column, name, pattern)
    if all_match(NUMBER):
        return values(column, name, ColumnKind.NUMERIC, table.place)
    form = form_of(column)
    if all_match(DATE) or (form is not None and form.kind is ColumnKind.DATE):
        return values(column, name, ColumnKind.DATE, table.place)
    if all_match(_YEAR_FIRST):
        return _of_parts(table, column, name, _YEAR_FIRST)
    raise _no_time(table, column, name)


def _no_time(table: Table, column: ArrowData, name: str) -> DataError:
    """The error for the first cell that is no time."""
    import pyarrow.compute as pc

    patterns = (YEAR_LAST, _YEAR_FIRST, _COMPACT, _MONTH, NUMBER, DATE)
    most = max(patterns, key=lambda each: pc.sum(pc.match_substring_regex(column, each)).as_py() or 0)
    row = max(0, pc.index(pc.match_substring_regex(column, most), value=False).as_py())
    return DataError(
        f"{table.place(row)}: column {name!r}: {column[row].as_py()!r} is not a time in the form of the others",
        hint='correct the cell, or say how times are written, such as time_format: "%d.%m.%Y %H:%M:%S"',
    )


def _of_parts(table: Table, column: ArrowData, name: str, pattern: str) -> Array:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    parts = pc.extract_regex(whole, pattern)
    groups = {parts.type.field(index).name for index in range(parts.type.num_fields)}

    def numbers(group: str) -> Array:
        cells = pc.struct_field(parts, group) if group in groups else None
        if cells is None:
            return np.ones(len(whole)) if group == "second_part" else np.zeros(len(whole))
        filled = pc.if_else(pc.or_kleene(pc.is_null(cells), pc.equal(cells, "")), "0", cells)
        found: Array = filled.cast(pa.float64()).to_numpy(zero_copy_only=False)
        return found

    year, month, day = numbers("year"), numbers("first"), numbers("second_part")
    if pattern == YEAR_LAST:
        year = np.where(year < 100, year + np.where(year < CENTURY, 2000, 1900), year)
        if _day_stands_first(table, whole, name, year, month, day):
            month, day = day, month
    if pattern == _QUARTER:
        month = 3 * month - 2
    clock = numbers("hour") * 3600 + numbers("minute") * 60 + numbers("second")
    if "half" in groups:
        half = np.char.lower(np.asarray(pc.fill_null(pc.struct_field(parts, "half"), "").to_pylist(), str))
        hour = numbers("hour")
        clock += 43_200 * ((half == "pm") & (hour < 12)) - 43_200 * ((half == "am") & (hour == 12))
    days = _days(year, month, day)
    wrong = np.flatnonzero(np.isnan(days) | (clock >= _SECONDS + 3600))
    if len(wrong):
        row = int(wrong[0])
        raise DataError(
            f"{table.place(row)}: column {name!r}: {column[row].as_py()!r} is not a date", hint="correct the cell"
        )
    result: Array = days + clock / _SECONDS
    return result


def _day_stands_first(table: Table, cells: ArrowData, name: str, year: Array, first: Array, second: Array) -> bool:
    """Whether dates such as 03.04.2020 are of April.

    Raises:
        DataError: Nothing tells.
    """
    import numpy as np

    if (first > 12).any():
        return True
    if (second > 12).any():
        return False
    written = cells[0].as_py()
    if written[-2:].lower() in {"am", "pm"} or "." in written[:6]:
        return "." in written[:6]
    steps = [np.diff(_days(year, month, day)) for month, day in ((second, first), (first, second))]
    in_order = [bool((each >= 0).all()) for each in steps]
    if in_order[0] != in_order[1]:
        return in_order[0]
    longest = [float(np.abs(each).max()) if len(each) else 0.0 for each in steps]
    if len(year) > _MONTHS and 2 * min(longest) < max(longest):  # the other way there are jumps of a month or a year
        return longest[0] < longest[1]
    raise DataError(
        f"{table.place(0)}: column {name!r}: in {cells[0].as_py()!r} the day or the month may stand first",
        hint='say which, such as time_format: "%d/%m/%Y", followed by %H:%M:%S where there is a time of day',
    )


def _days(year: Array, month: Array, day: Array) -> Array:
    """Days since 1970-01-01, NaN where there is no such day."""
    import numpy as np

    months = (year - 1970).astype("datetime64[Y]").astype("datetime64[M]") + (month - 1).astype(np.int64)
    dates = months.astype("datetime64[D]") + (day - 1).astype(np.int64)
    there = (month >= 1) & (month <= 12) & (day >= 1) & (dates.astype("datetime64[M]") == months)
    return np.where(there, dates.astype(np.int64).astype(float), np.nan)
