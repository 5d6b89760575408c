"""The series in a table: their rows in the order of time, what each holds, and where one row does not follow the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trainctl.aliases import Array
from trainctl.components.dataset import ColumnKind
from trainctl.errors import DataError
from trainctl.events import Notice
from trainctl.sources.reading.windows import Stretches
from trainctl.sources.table.columns import BOOLEAN, count, is_text, kind_of, require, values
from trainctl.sources.table.moments import moments
from trainctl.text import format_duration, one_of, plural

if TYPE_CHECKING:
    from trainctl.components.context import DataContext
    from trainctl.sources.reading.targets import Table

MOST_CATEGORIES = 50
"""Different texts of a column that the model sees, each as a 0/1 of its own."""

_GAP = 1.5  # times what rows are apart mostly: months are not all of one length


@dataclass(frozen=True, slots=True)
class Channel:
    """One of the numbers that a row of a series has.

    Args:
        column: The column that it is from.
        category: Of a column of categories, the one for which it is 1; `None` where the column holds numbers.
    """

    column: str
    category: str | None = None

    @property
    def name(self) -> str:
        """What it is called: `temperature`, `town=Bonn`."""
        return self.column if self.category is None else f"{self.column}={self.category}"

    @classmethod
    def named(cls, name: str, header: Sequence[str]) -> Channel:
        """Return the channel of a name, in a table with these columns."""
        owner = next((each for each in header if name.startswith(f"{each}=")), None) if name not in header else None
        return cls(name) if owner is None else cls(owner, name.removeprefix(f"{owner}="))

    def numbers(self, table: Table) -> Array:
        """Return its number in each row of a table, float64 (rows,), NaN for missing.

        Raises:
            DataError: A cell is no number; names its place.
        """
        import numpy as np

        column = table.columns[self.column]
        if self.category is None:
            return _numbers(table, self.column)
        cells = values(column, self.column, ColumnKind.CATEGORICAL, table.place)
        return np.where(cells == "", np.nan, cells == self.category)


@dataclass(frozen=True, slots=True)
class Series:
    """The rows of a table, series after series, each in the order of time.

    Args:
        table: The table.
        order: The row of the table that each is, int64 (rows,).
        numbers: The columns' values, float32 (rows, columns), NaN where there is none.
        columns: The names of the columns.
        moment: When each is, float64 (rows,): days, or numbers.
        owner: The number of the series of each, int64 (rows,).
        names: The names of the series; one that is empty where there is no group.
        time: The name of the column of times; `None` where rows follow each other as they stand there.
        group: The name of the column of the series.
    """

    table: Table
    order: Array
    numbers: Array
    columns: Sequence[str]
    moment: Array
    owner: Array
    names: Sequence[str]
    time: str | None
    group: str | None

    def stretches(self, gaps: str | None, span: int, stride: int, context: DataContext | None) -> Stretches:
        """Return the rows between which windows may be.

        Args:
            gaps: Whether a gap in time breaks a stretch; `None` where that leaves at least half of the windows.
            span: Rows of a window.
            stride: Rows between the begins of two windows.
            context: Told of gaps and missing values; `None` tells nobody.
        """
        import numpy as np

        usable: Array = np.asarray(~np.isnan(self.numbers).any(axis=1))
        another = np.concatenate([[True], np.diff(self.owner) != 0])
        late = self._late() if self.time is not None else np.zeros(len(another), bool)
        whole, broken = Stretches.between(another, usable), Stretches.between(another | late, usable)
        halves = 2 * broken.count(span, stride).sum() >= whole.count(span, stride).sum()
        breaks = gaps == "break" or (gaps is None and bool(halves))
        if context is not None:
            self._tell_twice(context)
            self._tell_late(np.flatnonzero(late), context, breaks=breaks, chosen=gaps is not None)
            self._tell_missing(usable, context)
        return broken if breaks else whole

    def too_short(self, stretches: Stretches, what: str) -> DataError:
        """The error for stretches none of which holds a window; `what` says how long that is."""
        import numpy as np

        for number, name in enumerate(self.columns):
            gaps = np.flatnonzero(np.isnan(self.numbers[:, number]))
            if len(gaps):
                between = plural(stretches.longest, "row")
                return DataError(
                    f"{self.place(int(gaps[0]))}: column {name!r} has no value ({plural(len(gaps), 'row')} in all); the "
                    f"longest stretch of rows that have one is {between}, too few for {what}",
                    hint="fill the gaps, since a window cannot skip rows, or set a shorter window",
                )
        lengths = np.bincount(self.owner)
        if stretches.longest < lengths.max():
            return DataError(
                f"{self.table.name}: the longest stretch without a gap in time has {plural(stretches.longest, 'row')}, too few "
                f"for {what}",
                hint="set a shorter window, or gaps: span to count in rows alone",
            )
        longest = f": the longest series of {self.group!r} has" if self.group is not None else " has"
        return DataError(
            f"{self.table.name}{longest} {plural(int(lengths.max()), 'row')}, too few for {what}",
            hint="use more rows, or a shorter window",
        )

    def place(self, row: int) -> str:
        """Where a row stands in its file."""
        return self.table.place(int(self.order[row]))

    def _apart(self) -> Array:
        """How far each row is from the one before, float64; NaN at the first of a series."""
        import numpy as np

        apart = np.diff(self.moment, prepend=np.nan)
        apart[np.flatnonzero(np.diff(self.owner)) + 1] = np.nan
        return apart

    def _usual(self) -> float:
        import numpy as np

        apart = self._apart()
        steps = apart[apart > 0]
        return float(np.median(steps)) if len(steps) else float("inf")

    def _late(self) -> Array:
        """Whether each row is more than usual after the one before."""
        return self._apart() > _GAP * self._usual()

    def _tell_twice(self, context: DataContext) -> None:
        import numpy as np

        twice = np.flatnonzero(self._apart() == 0)
        if self.time is not None and len(twice):
            of_series = (
                ""
                if self.group
                else "; if the table holds several series, set group to the column that identifies them"
            )
            message = (
                f"{self.place(int(twice[0]))}: column {self.time!r} has the time of the row before "
                f"({plural(len(twice), 'row')} in all){of_series}"
            )
            context.emit(Notice(message=message, loud=True))

    def _tell_late(self, late: Array, context: DataContext, *, breaks: bool, chosen: bool) -> None:
        if not len(late):
            return
        first, count = self.place(int(late[0])), plural(len(late), "gap")
        if breaks:
            message = f"{first}: a gap in column {self.time!r} before this row ({count} in all): no window spans it"
        elif chosen:
            message = f"{first}: a gap in column {self.time!r} before this row ({count} in all): windows span it"
        else:
            message = (
                f"{first}: the times in column {self.time!r} are irregular: {plural(len(late), 'row')} of {len(self.order):,} "
                f"{'is' if len(late) == 1 else 'are'} more than {_GAP:g} times the usual {self._step_words()} after the row "
                "before. Windows are counted in rows and span these gaps; gaps: break keeps them between"
            )
        context.emit(Notice(message=message, loud=True))

    def _step_words(self) -> str:
        usual = self._usual()
        typed = self.time is not None and self.time in self.table.columns and self.table.columns[self.time]
        is_number = typed is not False and not is_text(typed) and kind_of(typed, str(self.time)) is ColumnKind.NUMERIC
        if is_number:
            return f"{usual:g}"
        return plural(round(usual), "day") if usual >= 1 else format_duration(usual * 86_400)

    def _tell_missing(self, usable: Array, context: DataContext) -> None:
        import numpy as np

        gone = np.flatnonzero(~usable)
        if not len(gone):
            return
        missing: Array = np.asarray(np.isnan(self.numbers).any(axis=0))
        names = one_of(
            [repr(name) for name, any_missing in zip(self.columns, missing, strict=True) if any_missing], "and"
        )
        message = (
            f"{self.place(int(gone[0]))}: column {names} has no value ({plural(len(gone), 'row')} in all): no window holds such "
            "a row; fill it in to use it"
        )
        context.emit(Notice(message=message, loud=True))


def read_series(
    table: Table, channels: Sequence[Channel], time: Sequence[str], time_format: str | None, group: str | None
) -> Series:
    """Return the series of a table.

    Args:
        table: The table.
        channels: The numbers of a row that are wanted.
        time: The columns that say when a row is; none where rows follow each other as they stand there.
        time_format: How times are written; `None` as they look.
        group: The column that identifies several series.

    Raises:
        DataError: A cell is no number or no time, or a row has no series; names its place.
    """
    import numpy as np

    moment = np.arange(len(table), dtype=float) if not time else moments(table, time, time_format)
    names, owner = _owners(table, group)
    order = np.lexsort((moment, owner))
    numbers = np.empty((len(table), len(channels)), np.float32)
    for place, channel in enumerate(channels):
        numbers[:, place] = channel.numbers(table)[order]
    said = " ".join(time) if time else None
    columns = [channel.name for channel in channels]
    return Series(table, order, numbers, columns, moment[order], owner[order], names, said, group)


def numeric_columns(
    table: Table, columns: Sequence[str], time: Sequence[str], group: str | None, context: DataContext
) -> tuple[str, ...]:
    """Return the columns of numbers and booleans, and tell which columns are left out.

    Args:
        table: The table.
        columns: All that are read.
        time: Those of them that say when a row is.
        group: The one that identifies several series.
        context: Told of the columns that are left out.
    """
    kinds: dict[str, str] = {
        name: kind_of(column, name) if column.null_count < len(column) else "empty"
        for name, column in ((each, table.columns[each]) for each in columns if each not in {*time, group})
    }
    left_out = {name: kind for name, kind in kinds.items() if kind not in {ColumnKind.NUMERIC, ColumnKind.BOOLEAN}}
    if left_out:
        listed = one_of([f"{name!r} ({kind})" for name, kind in list(left_out.items())[:10]], "and")
        dates = [name for name, kind in left_out.items() if kind == ColumnKind.DATE]
        of_time = f"; time: {dates[0]} sorts by its times and finds gaps" if dates and not time else ""
        categories = any(kind == ColumnKind.CATEGORICAL for kind in left_out.values())
        named = "; categories are, as a 0/1 each, where features names their column" if categories else ""
        message = f"{table.name}: the model does not see {listed}, since only numbers are windowed{named}{of_time}"
        context.emit(Notice(message=message, loud=bool(of_time)))
    return tuple(name for name in kinds if name not in left_out)


def channels_of(table: Table, features: Sequence[str]) -> tuple[Channel, ...]:
    """Return what the model sees of the columns: numbers, and a 0/1 for each category.

    Args:
        table: The table.
        features: The columns.

    Raises:
        DataError: A column holds too many categories.
    """
    import pyarrow.compute as pc

    found: list[Channel] = []
    for name in features:
        column = table.columns[name]
        if not kind_of(column, name).is_words:
            found.append(Channel(name))
            continue
        categories = sorted(map(str, pc.unique(column.drop_null()).to_pylist()))
        if len(categories) > MOST_CATEGORIES:
            raise DataError(
                f"{table.name}: column {name!r} holds {len(categories):,} different texts, more than {MOST_CATEGORIES}",
                hint="name other columns, or write it as numbers",
                field="features",
            )
        found += [Channel(name, category) for category in categories]
    return tuple(found)


def tell_short(series: Series, begins: Array, context: DataContext) -> None:
    """Tell which series have no window."""
    import numpy as np

    counts = np.bincount(series.owner[begins], minlength=len(series.names))
    short = [name for name, count in zip(series.names, counts, strict=True) if not count]
    if short:
        listed = one_of([*short[:10], "…"] if len(short) > 10 else short, "and")
        message = f"{series.table.name}: {len(short):,} of {len(series.names):,} series have too few rows for a window: {listed}"
        context.emit(Notice(message=message, loud=True))


def _owners(table: Table, group: str | None) -> tuple[list[str], Array]:
    """The names of the series, and to which each row belongs, int64 (rows,)."""
    import numpy as np

    if group is None:
        return [""], np.zeros(len(table), np.int64)
    cells = values(table.columns[group], group, ColumnKind.CATEGORICAL, table.place)
    absent = np.flatnonzero(cells == "")
    if len(absent):
        raise DataError(
            f"{table.place(int(absent[0]))}: column {group!r} (group) has no value",
            hint="every row must belong to a series; fill in the value",
        )
    names, owner = np.unique(cells.astype(str), return_inverse=True)
    return names.tolist(), owner


def _numbers(table: Table, name: str) -> Array:
    """The column's numbers, 0 and 1 of booleans, or days of a date, float64, NaN for missing.

    Raises:
        DataError: A cell is no number; names its place.
    """
    column = table.columns[name]
    kind = kind_of(column, name)
    if kind.is_words and is_text(column) and count(column, BOOLEAN) == len(column) - column.null_count:
        kind = ColumnKind.BOOLEAN  # of new rows, in which one of both letters is missing
    if kind.is_words:
        raise DataError(f"{table.name}: column {name!r} holds {kind} values, not numbers", hint="name another column")
    require(table.columns[name], name, kind, table.place, "list it under missing:, or name other features:")
    return values(table.columns[name], name, kind, table.place)
