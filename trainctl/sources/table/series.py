"""The series in a table: their rows in the order of time, what each holds, and where one row does not follow the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trainctl.aliases import Array
from trainctl.components.dataset import ColumnKind
from trainctl.errors import DataError
from trainctl.notices import Notice
from trainctl.sources.reading.scratch import NumbersOnDisk, in_order, pieces
from trainctl.sources.reading.windows import Stretches
from trainctl.sources.table.columns import BOOLEAN, count, is_text, kind_of, require, values
from trainctl.sources.table.moments import TimeForm
from trainctl.sources.table.units import Units
from trainctl.text import format_duration, one_of, plural

if TYPE_CHECKING:
    from trainctl.components.context import DataContext
    from trainctl.sources.reading.targets import Table
    from trainctl.sources.table.table import Streamed

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

    def numbers(self, table: Table, kinds: Mapping[str, ColumnKind]) -> Array:
        """Return its number in each row of a table, float64 (rows,), NaN for missing.

        Args:
            table: The table.
            kinds: What its columns of numbers hold.

        Raises:
            DataError: A cell is no number; names its place.
        """
        import numpy as np

        column = table.columns[self.column]
        if self.category is None:
            return _numbers(table, self.column, kinds[self.column])
        cells = values(column, self.column, ColumnKind.CATEGORICAL, table.place)
        return np.where(cells == "", np.nan, cells == self.category)


@dataclass(frozen=True, slots=True)
class Series:
    """The rows of a table, series after series, each in the order of time.

    Args:
        rows: Where they are from.
        order: The row of the table that each is: int64 (rows,), or a range where they stand in that order.
        numbers: The columns' values, float32 (rows, columns), NaN where there is none: in memory or on disk.
        columns: The names of the columns.
        moment: When each is, float64 (rows,): days, or numbers.
        owner: The number of the series of each, int32 (rows,).
        names: The names of the series; one that is empty where there is no group.
        time: How the times are written; `None` where rows follow each other as they stand there.
        group: The name of the column of the series.
    """

    rows: TableRows
    order: Array | range
    numbers: Array | NumbersOnDisk
    columns: Sequence[str]
    moment: Array
    owner: Array
    names: Sequence[str]
    time: TimeForm | None
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

        usable: Array = np.concatenate([~np.isnan(part).any(axis=1) for part in pieces(self.numbers)])
        another = np.concatenate([[True], self.owner[1:] != self.owner[:-1]])
        whole = broken = Stretches.between(another, usable)
        apart = self._apart() if self.time is not None else np.empty(0)
        usual = _usual(apart)
        late = np.flatnonzero(apart > _GAP * usual)
        if len(late):
            another[late] = True
            broken = Stretches.between(another, usable)
        halves = 2 * broken.count(span, stride).sum() >= whole.count(span, stride).sum()
        breaks = gaps == "break" or (gaps is None and bool(halves))
        if context is not None and self.time is not None:
            self._tell_twice(self.time, np.flatnonzero(apart == 0), context)
            self._tell_late(self.time, late, usual, context, breaks=breaks, chosen=gaps is not None)
        if context is not None:
            self._tell_missing(np.flatnonzero(~usable), context)
        return broken if breaks else whole

    def too_short(self, stretches: Stretches, what: str) -> DataError:
        """The error for stretches none of which holds a window; `what` says how long that is."""
        import numpy as np

        for number, name in enumerate(self.columns):
            gaps = np.flatnonzero(np.concatenate([np.isnan(part[:, number]) for part in pieces(self.numbers)]))
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
                f"{self.rows.name}: the longest stretch without a gap in time has {plural(stretches.longest, 'row')}, too few "
                f"for {what}",
                hint="set a shorter window, or gaps: span to count in rows alone",
            )
        longest = f": the longest series of {self.group!r} has" if self.group is not None else " has"
        return DataError(
            f"{self.rows.name}{longest} {plural(int(lengths.max()), 'row')}, too few for {what}",
            hint="use more rows, or a shorter window",
        )

    def place(self, row: int) -> str:
        """Where a row stands in its file."""
        return self.rows.place(int(self.order[row]))

    def _apart(self) -> Array:
        """How far each row is from the one before, float64; NaN at the first of a series."""
        import numpy as np

        apart = np.diff(self.moment, prepend=np.nan)
        apart[1:][self.owner[1:] != self.owner[:-1]] = np.nan
        return apart

    def _tell_twice(self, time: TimeForm, twice: Array, context: DataContext) -> None:
        if len(twice):
            of_series = (
                ""
                if self.group
                else "; if the table holds several series, set group to the column that identifies them"
            )
            message = (
                f"{self.place(int(twice[0]))}: column {time.name!r} has the time of the row before "
                f"({plural(len(twice), 'row')} in all){of_series}"
            )
            context.emit(Notice(message=message, loud=True))

    def _tell_late(
        self, time: TimeForm, late: Array, usual: float, context: DataContext, *, breaks: bool, chosen: bool
    ) -> None:
        if not len(late):
            return
        first, count = self.place(int(late[0])), plural(len(late), "gap")
        if breaks:
            message = f"{first}: a gap in column {time.name!r} before this row ({count} in all): no window spans it"
        elif chosen:
            message = f"{first}: a gap in column {time.name!r} before this row ({count} in all): windows span it"
        else:
            message = (
                f"{first}: the times in column {time.name!r} are irregular: {plural(len(late), 'row')} of {len(self.order):,} "
                f"{'is' if len(late) == 1 else 'are'} more than {_GAP:g} times the usual {_step_words(time, usual)} after the row "
                "before. Windows are counted in rows and span these gaps; gaps: break keeps them between"
            )
        context.emit(Notice(message=message, loud=True))

    def _tell_missing(self, gone: Array, context: DataContext) -> None:
        import numpy as np

        if not len(gone):
            return
        missing = np.any([np.isnan(part).any(axis=0) for part in pieces(self.numbers)], axis=0)
        names = one_of(
            [repr(name) for name, any_missing in zip(self.columns, missing, strict=True) if any_missing], "and"
        )
        message = (
            f"{self.place(int(gone[0]))}: column {names} has no value ({plural(len(gone), 'row')} in all): no window holds such "
            "a row; fill it in to use it"
        )
        context.emit(Notice(message=message, loud=True))


def _usual(apart: Array) -> float:
    """How far rows are apart mostly."""
    import numpy as np

    steps = apart[apart > 0]
    return float(np.median(steps, overwrite_input=True)) if len(steps) else float("inf")


def _step_words(time: TimeForm, usual: float) -> str:
    if time.are_numbers:
        return f"{usual:g}"
    return plural(round(usual), "day") if usual >= 1 else format_duration(usual * 86_400)


@dataclass(frozen=True, slots=True)
class TableRows:
    """Where the rows of a series are from.

    Args:
        table: The table, whole or in blocks.
        name: What to call it in messages.
        ends: Where each block ends, int64 (blocks,).
        column: One of the columns, to read a block again for a place in it.
    """

    table: Streamed
    name: str
    ends: Array
    column: str

    def place(self, row: int) -> str:
        """Where a row (from 0) stands in its file."""
        import numpy as np

        number = int(np.searchsorted(self.ends, row, side="right"))
        begin = int(self.ends[number - 1]) if number else 0
        return self.table.read(number, [self.column], ()).place(row - begin)


def read_series(
    table: Streamed,
    channels: Sequence[Channel],
    time: Sequence[str],
    time_format: str | None,
    group: str | None,
    *,
    on_disk: bool = False,
) -> Series:
    """Return the series of a table; of one in blocks, what the columns hold is told from the first.

    Args:
        table: The table.
        channels: The numbers of a row that are wanted.
        time: The columns that say when a row is; none where rows follow each other as they stand there.
        time_format: How times are written; `None` as they look.
        group: The column that identifies several series.
        on_disk: Whether the numbers are kept in a temporary file, not in memory.

    Raises:
        DataError: A cell is no number or no time, or a row has no series; names its place. Or there is no room on the disk.
    """
    import numpy as np

    asked = dict.fromkeys((*(channel.column for channel in channels), *time, *([] if group is None else [group])))
    first = table.read(0, [*asked], ())
    kinds = {each.column: _kind(first, each.column) for each in channels if each.category is None}
    numeric = [name for name, kind in kinds.items() if kind is ColumnKind.NUMERIC and name not in {*time, group}]
    form = TimeForm.of(first, time, time_format) if time else None
    found, kept, parts = dict[str, int](), NumbersOnDisk(len(channels)), list[Array]()
    sizes, moments, owners, units = list[int](), list[Array](), list[Array](), Units()
    for number in range(len(table)):
        block = first if len(table) == 1 else table.read(number, [*asked], numeric)
        rows = np.empty((len(block), len(channels)), np.float32)
        for place, channel in enumerate(channels):
            rows[:, place] = channel.numbers(block, kinds)
        units.require(block, numeric)
        (kept.append if on_disk else parts.append)(rows)
        sizes.append(len(block))
        moments += [] if form is None else [form.read(block)]
        owners += [] if group is None else [_owners(block, group, found)]
    count, names = sum(sizes), sorted(found) or [""]
    numbers = kept if on_disk else _joined(parts)
    moment = _joined(moments) if moments else np.arange(count, dtype=float)
    ranks = np.argsort(np.argsort([*found])).astype(np.int32)
    owner = ranks[_joined(owners)] if owners else np.zeros(count, np.int32)
    order: Array | range = range(count)
    if not _is_sorted(moment, owner):
        order = np.lexsort((moment, owner))
        numbers, moment, owner = in_order(numbers, order), moment[order], owner[order]
    rows_of = TableRows(table, first.name, np.cumsum(sizes), channels[0].column)
    return Series(rows_of, order, numbers, [each.name for each in channels], moment, owner, names, form, group)


def _joined(parts: list[Array]) -> Array:
    import numpy as np

    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _is_sorted(moment: Array, owner: Array) -> bool:
    """Whether the rows stand series after series, each in the order of time."""
    later, same = moment[1:] >= moment[:-1], owner[1:] == owner[:-1]
    return bool(((same & later) | (owner[1:] > owner[:-1])).all())


def numeric_columns(
    table: Table,
    columns: Sequence[str],
    time: Sequence[str],
    group: str | None,
    context: DataContext,
    *,
    is_whole: bool = True,
) -> tuple[str, ...]:
    """Return the columns of numbers and booleans, and tell which columns are left out.

    Args:
        table: The table, or its first block.
        columns: All that are read.
        time: Those of them that say when a row is.
        group: The one that identifies several series.
        context: Told of the columns that are left out.
        is_whole: Whether it is all of the table.
    """
    empty = "empty" if is_whole else "empty in its first rows"
    kinds: dict[str, str] = {
        name: kind_of(column, name) if column.null_count < len(column) else empty
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


def channels_of(table: Streamed, first: Table, features: Iterable[str]) -> tuple[Channel, ...]:
    """Return what the model sees of the columns: numbers, and a 0/1 for each category.

    Args:
        table: The table.
        first: Its first block, which tells what the columns hold.
        features: The columns, each once.

    Raises:
        DataError: A column holds too many categories.
    """
    import pyarrow.compute as pc

    found = {name: set[str]() for name in features if kind_of(first.columns[name], name).is_words}
    for number in range(len(table)) if found else ():
        block = table.read(number, [*found], ())
        for name, categories in found.items():
            categories.update(map(str, pc.unique(block.columns[name].drop_null()).to_pylist()))
            if len(categories) > MOST_CATEGORIES:
                raise DataError(
                    f"{block.name}: column {name!r} holds {len(categories):,} different texts, more than {MOST_CATEGORIES}",
                    hint="name other columns, or write it as numbers",
                    field="features",
                )
    return tuple(
        channel
        for name in features
        for channel in ([Channel(name, each) for each in sorted(found[name])] if name in found else [Channel(name)])
    )


def learned_channels(learned: Mapping[str, float], header: Sequence[str]) -> tuple[Channel, ...]:
    """Return what a model sees of a table with these columns, in its order; nothing where nothing is learned.

    Args:
        learned: The place of each channel among the numbers of a row.
        header: The columns of the table.
    """
    return tuple(Channel.named(name, header) for name in sorted(learned, key=lambda name: learned[name]))


def tell_unseen(name: str, found: Sequence[Channel], seen: Sequence[Channel], context: DataContext) -> None:
    """Tell which categories of further data the model does not know.

    Args:
        name: What to call the data.
        found: The channels that it would have by itself.
        seen: Those that the model sees.
        context: Told of it.
    """
    strange = [repr(each.name) for each in found if each.category is not None and each not in seen]
    if strange:
        message = (
            f"{name}: {one_of(strange[:10], 'and')} is not in the training data: all of its categories are 0 there"
        )
        context.emit(Notice(message=message, loud=True))


def tell_short(series: Series, begins: Array, context: DataContext) -> None:
    """Tell which series have no window."""
    import numpy as np

    counts = np.bincount(series.owner[begins], minlength=len(series.names))
    short = [name for name, count in zip(series.names, counts, strict=True) if not count]
    if short:
        listed = one_of([*short[:10], "…"] if len(short) > 10 else short, "and")
        message = f"{series.rows.name}: {len(short):,} of {len(series.names):,} series have too few rows for a window: {listed}"
        context.emit(Notice(message=message, loud=True))


def _owners(table: Table, group: str, known: dict[str, int]) -> Array:
    """The number of the series of each row, int32 (rows,); names that are not `known` are added there."""
    import numpy as np

    cells = values(table.columns[group], group, ColumnKind.CATEGORICAL, table.place)
    absent = np.flatnonzero(cells == "")
    if len(absent):
        raise DataError(
            f"{table.place(int(absent[0]))}: column {group!r} (group) has no value",
            hint="every row must belong to a series; fill in the value",
        )
    names, owner = np.unique(cells.astype(str), return_inverse=True)
    return np.array([known.setdefault(name, len(known)) for name in names.tolist()], np.int32)[owner]


def _kind(table: Table, name: str) -> ColumnKind:
    """What a column of numbers holds.

    Raises:
        DataError: It holds no numbers.
    """
    column = table.columns[name]
    kind = kind_of(column, name)
    if kind.is_words and is_text(column) and count(column, BOOLEAN) == len(column) - column.null_count:
        kind = ColumnKind.BOOLEAN  # of new rows, in which one of both letters is missing
    if kind.is_words:
        raise DataError(f"{table.name}: column {name!r} holds {kind} values, not numbers", hint="name another column")
    return kind


def _numbers(table: Table, name: str, kind: ColumnKind) -> Array:
    """The column's numbers, 0 and 1 of booleans, or days of a date, float64, NaN for missing.

    Raises:
        DataError: A cell is no number; names its place.
    """
    require(table.columns[name], name, kind, table.place, "list it under missing:, or name other features:")
    return values(table.columns[name], name, kind, table.place)
