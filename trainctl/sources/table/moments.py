"""When the rows of a time series are: columns of times in the forms that people write, as days since 1970-01-01."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trainctl.aliases import Array, ArrowData
from trainctl.components.dataset import ColumnKind
from trainctl.errors import DataError
from trainctl.sources.table.amounts import form_of
from trainctl.sources.table.columns import DATE, NUMBER, is_text, kind_of, matches, values
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


@dataclass(frozen=True, slots=True)
class TimeForm:
    """How the times of a table are written, told from all of it or from its first rows, by which the others are read.

    Args:
        names: The column, or several such as a date and a time of day, which are joined by a blank.
        kind: What a column holds whose type says so; `None` of text.
        pattern: What all cells of text match.
        time_format: How they are written for strptime, where the experiment says so.
        day_first: Whether the day stands before the month.
    """

    names: tuple[str, ...]
    kind: ColumnKind | None = None
    pattern: str | None = None
    time_format: str | None = None
    day_first: bool = False

    @classmethod
    def of(cls, table: Table, names: Sequence[str], time_format: str | None = None) -> TimeForm:
        """Return the form of the times in a table.

        Raises:
            DataError: A cell is missing or no time, or the order of day and month cannot be told; names its place.
        """
        form = cls(tuple(names), time_format=time_format)
        column = form._cells(table)
        if not is_text(column):
            return replace(form, kind=_kind_of_times(table, column, form.name), time_format=None)
        if time_format is not None:
            return form
        pattern = _pattern(table, column, form.name)
        day_first = pattern == YEAR_LAST and _day_stands_first(table, column, form.name)
        return replace(form, pattern=pattern, day_first=day_first)

    @property
    def name(self) -> str:
        """What to call the column, or the columns."""
        return " ".join(self.names)

    @property
    def are_numbers(self) -> bool:
        """Whether the times are numbers, not days."""
        return self.kind is ColumnKind.NUMERIC or self.pattern == NUMBER

    def read(self, table: Table) -> Array:
        """When each row is, float64 (rows,): days since 1970-01-01, or the numbers of a column that holds such.

        Raises:
            DataError: A cell is missing or no time in this form; names its place.
        """
        column, name = self._cells(table), self.name
        if is_text(column) == (self.kind is not None) or (self.kind or kind_of(column, name)) != kind_of(column, name):
            raise DataError(
                f"{table.name}: column {name!r} holds another type than before", hint="use one type of times"
            )
        if self.kind is not None:
            return values(column, name, self.kind, table.place)
        if self.time_format is not None:
            return _as_written(table, column, name, self.time_format)
        if not _is_of(column, self.pattern or ""):
            raise _no_time(table, column, name)
        if self.pattern in {NUMBER, DATE}:
            return values(column, name, ColumnKind.DATE if self.pattern == DATE else ColumnKind.NUMERIC, table.place)
        return _of_parts(table, column, name, self.pattern or "", day_first=self.day_first)

    def _cells(self, table: Table) -> ArrowData:
        import pyarrow.compute as pc

        column = table.columns[self.names[0]]
        if len(self.names) > 1:
            column = pc.binary_join_element_wise(*(table.columns[each] for each in self.names), " ")
        absent = pc.index(pc.is_null(column), value=True).as_py()
        if absent >= 0:
            count = int(pc.sum(pc.is_null(column)).as_py())
            raise DataError(
                f"{table.place(absent)}: column {self.name!r} has no value ({plural(count, 'row')} in all)",
                hint="fill in the time; a row without one has no place in the series",
            )
        return column


def _kind_of_times(table: Table, column: ArrowData, name: str) -> ColumnKind:
    """What a typed column of times holds: numbers or days."""
    kind = kind_of(column, name)
    if kind not in {ColumnKind.NUMERIC, ColumnKind.DATE}:
        raise DataError(f"{table.name}: column {name!r} holds {kind} values, not times", hint="name another column")
    return kind


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


def _pattern(table: Table, column: ArrowData, name: str) -> str:
    """The pattern that all cells match; DATE also stands for dates with the name of a month.

    Raises:
        DataError: There is none; names the first cell that is no time.
    """
    patterns = (YEAR_LAST, _COMPACT, _MONTH, _QUARTER, NUMBER, DATE, _YEAR_FIRST)
    found = next((each for each in patterns if _is_of(column, each)), None)
    if found is None:
        raise _no_time(table, column, name)
    return found


def _is_of(column: ArrowData, pattern: str) -> bool:
    import pyarrow.compute as pc

    if pc.all(matches(column, pattern)).as_py():
        return True
    form = form_of(column) if pattern == DATE else None
    return form is not None and form.kind is ColumnKind.DATE


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


class _Parts:
    """The groups of a pattern that all cells match.

    Args:
        column: The cells.
        pattern: The pattern.
    """

    def __init__(self, column: ArrowData, pattern: str) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        parts = pc.extract_regex(whole, pattern)
        names = [parts.type.field(index).name for index in range(parts.type.num_fields)]
        self._groups = {name: pc.fill_null(pc.struct_field(parts, name), "") for name in names}
        self._count = len(whole)

    def numbers(self, name: str, otherwise: float = 0.0) -> Array:
        """Return a group's numbers, float64 (rows,): 0 where it is left out, `otherwise` where there is no such group."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        if name not in self._groups:
            return np.full(self._count, otherwise)
        cells = self._groups[name]
        found: Array = pc.if_else(pc.equal(cells, ""), "0", cells).cast(pa.float64()).to_numpy(zero_copy_only=False)
        return found

    def date(self) -> tuple[Array, Array, Array]:
        """Return the year, in four digits, and the two numbers that are month and day."""
        import numpy as np

        year = self.numbers("year")
        year = np.where(year < 100, year + np.where(year < CENTURY, 2000, 1900), year)
        return year, self.numbers("first"), self.numbers("second_part", otherwise=1.0)

    def seconds(self) -> Array:
        """Return the seconds since midnight."""
        import numpy as np

        hour = self.numbers("hour")
        clock: Array = hour * 3600 + self.numbers("minute") * 60 + self.numbers("second")
        if "half" in self._groups:
            half = np.char.lower(np.asarray(self._groups["half"].to_pylist(), str))
            clock += 43_200 * ((half == "pm") & (hour < 12)) - 43_200 * ((half == "am") & (hour == 12))
        return clock


def _of_parts(table: Table, column: ArrowData, name: str, pattern: str, *, day_first: bool) -> Array:
    import numpy as np

    parts = _Parts(column, pattern)
    year, month, day = parts.date()
    month, day = (day, month) if day_first else (month, day)
    month = 3 * month - 2 if pattern == _QUARTER else month
    clock = parts.seconds()
    days = _days(year, month, day)
    wrong = np.flatnonzero(np.isnan(days) | (clock >= _SECONDS + 3600))
    if len(wrong):
        row = int(wrong[0])
        raise DataError(
            f"{table.place(row)}: column {name!r}: {column[row].as_py()!r} is not a date", hint="correct the cell"
        )
    result: Array = days + clock / _SECONDS
    return result


def _day_stands_first(table: Table, cells: ArrowData, name: str) -> bool:
    """Whether dates such as 03.04.2020 are of April.

    Raises:
        DataError: Nothing tells.
    """
    import numpy as np

    year, first, second = _Parts(cells, YEAR_LAST).date()
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
