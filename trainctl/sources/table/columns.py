"""The columns of a table: what they hold, and their values as NumPy arrays.

A column is an Arrow array: of text, as from a CSV file, where the kind is told from the cells; or of a type of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trainctl.aliases import Array, ArrowData
from trainctl.components.dataset import ColumnKind
from trainctl.errors import DataError
from trainctl.sources.table.amounts import form_of, plain_cells
from trainctl.sources.table.tally import Tally, as_objects

NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
WHOLE = r"^[+-]?\d{1,18}$"
BOOLEAN = r"^(?i:true|false|yes|no|y|n|t|f|on|off|0|1)$"
TRUE = r"^(?i:true|yes|y|t|on|1)$"
_SPELLED_OUT = r"^(?i:true|false|yes|no|0|1)$"
DATE = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}(:?\d{2})?)?)?$"

_ZONED = r":\d{2}(\.\d+)?(Z|[+-]\d{2}(:?\d{2})?)$"
_WITH_TIME = r":"

_PATTERNS = {ColumnKind.NUMERIC: NUMBER, ColumnKind.BOOLEAN: BOOLEAN, ColumnKind.DATE: DATE}
_NOUNS = {
    ColumnKind.NUMERIC: "a number",
    ColumnKind.BOOLEAN: "true or false",
    ColumnKind.DATE: "a date such as 2026-01-31",
}
LARGEST = 3.4e38
"""The largest number of a column: float32's."""

_WORDS_OF_A_TEXT = 3  # a column whose cells have more words on average, most of them different, is text
_MICROSECONDS = 86_400_000_000  # in a day

Place = Callable[[int], str]
"""Where a row (from 0) stands, for messages: `titanic.csv:17`."""


def is_text(column: ArrowData) -> bool:
    """Whether the column's cells are text."""
    import pyarrow.types as types

    return bool(types.is_string(column.type) or types.is_large_string(column.type))


def is_untyped(column: ArrowData) -> bool:
    """Whether only the cells tell what the column holds: text, or nothing at all."""
    import pyarrow.types as types

    return is_text(column) or bool(types.is_null(column.type))


def kind_of(column: ArrowData, name: str) -> ColumnKind:
    """What the column holds.

    Raises:
        DataError: Its type is one that no layer learns from, such as a list.
    """
    import pyarrow.types as types

    if is_text(column):
        return _kind_of_text(column)
    tests: list[tuple[Callable[[Any], bool], ColumnKind]] = [
        (types.is_boolean, ColumnKind.BOOLEAN),
        (types.is_integer, ColumnKind.NUMERIC),
        (types.is_floating, ColumnKind.NUMERIC),
        (types.is_decimal, ColumnKind.NUMERIC),
        (types.is_date, ColumnKind.DATE),
        (types.is_timestamp, ColumnKind.DATE),
        (types.is_null, ColumnKind.NUMERIC),
    ]
    for fits, kind in tests:
        if fits(column.type):
            return kind
    raise DataError(
        f"column {name!r} holds {column.type}, which a model cannot learn from",
        setting="name the columns to learn from under features:",
    )


def _kind_of_text(column: ArrowData) -> ColumnKind:
    present, tally = len(column) - column.null_count, Tally.of(column)
    numbers = tally.count(NUMBER)
    if numbers < present and _are_booleans(tally, present):
        return ColumnKind.BOOLEAN
    if 2 * numbers >= present:
        return ColumnKind.NUMERIC
    if 2 * tally.count(DATE) >= present:
        return ColumnKind.DATE
    form = form_of(column)
    if form is not None:
        return form.kind
    if tally.count_words() > _WORDS_OF_A_TEXT * present and 2 * tally.count_distinct() > present:
        return ColumnKind.TEXT
    return ColumnKind.CATEGORICAL


def _are_booleans(tally: Tally, present: int) -> bool:
    """Whether all cells are; letters such as F alone may be anything, so both of them have to be there."""
    if tally.count(BOOLEAN) != present:
        return False
    return tally.count(_SPELLED_OUT) == present or 0 < tally.count(TRUE) < present


def count(column: ArrowData, pattern: str) -> int:
    """How many of the cells that are there match."""
    import pyarrow.compute as pc

    return int(pc.sum(matches(column, pattern)).as_py() or 0)


def matches(column: ArrowData, pattern: str) -> ArrowData:
    """Whether each cell matches."""
    import pyarrow.compute as pc

    return pc.match_substring_regex(column, pattern)


def require(column: ArrowData, name: str, kind: ColumnKind, place: Place, otherwise: str) -> None:
    """See that every cell of a text column is there or is what `kind` wants.

    Raises:
        DataError: One is not; names its place, and `otherwise` as another way out.
    """
    import pyarrow.compute as pc

    if not is_text(column) or kind not in _PATTERNS:
        return
    row = pc.index(matches(column, _PATTERNS[kind]), value=False).as_py()
    if row >= 0:
        row = pc.index(matches(plain_cells(column, kind), _PATTERNS[kind]), value=False).as_py()
    if row >= 0:
        raise DataError(
            f"{place(row)}: column {name!r}: {column[row].as_py()!r} is not {_NOUNS[kind]}",
            hint=f"correct the cell, {otherwise}",
        )


def values(column: ArrowData, name: str, kind: ColumnKind, place: Place) -> Array:
    """The column's values: text objects with "" for missing where `kind` is words, else float64 with NaN for missing.

    Booleans are 0 and 1; dates are days since 1970-01-01, in UTC where they tell their zone.

    Raises:
        DataError: A date that is none, such as 2026-02-30, or a number too large to learn from; names its place.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if kind.is_words:
        return as_objects(column if is_text(column) else pc.cast(column, pa.string()))
    if kind is ColumnKind.BOOLEAN and is_text(column):
        column = matches(column, TRUE)
    if kind is ColumnKind.DATE:
        if is_text(column) and not pc.all(matches(column, DATE)).as_py():
            column = plain_cells(column, kind)
        times = _microseconds(column, name, place).cast(pa.float64(), safe=False)  # from 2255 on exact to some of them
        column = pc.divide(times, float(_MICROSECONDS))
    if kind is ColumnKind.BOOLEAN:
        column = column.cast(pa.uint8())
    numbers = _as_numbers(column)
    result: Array = numbers.to_numpy(zero_copy_only=False) if isinstance(numbers, pa.Array) else numbers.to_numpy()
    if kind is ColumnKind.NUMERIC:
        _require_finite(result, column, name, place)
    return result


def _as_numbers(column: ArrowData) -> ArrowData:
    """The column as float64."""
    import pyarrow as pa

    try:
        return column.cast(pa.float64())
    except pa.ArrowInvalid:
        return plain_cells(column, ColumnKind.NUMERIC).cast(pa.float64())


def _require_finite(numbers: Array, column: ArrowData, name: str, place: Place) -> None:
    import numpy as np

    rows = np.flatnonzero(np.abs(numbers) > LARGEST)
    if len(rows):
        row = int(rows[0])
        raise DataError(
            f"{place(row)}: column {name!r}: {column[row].as_py()} is too large",
            hint=f"the largest number is {LARGEST:g}; correct the cell, or leave it empty",
        )


def _microseconds(column: ArrowData, name: str, place: Place) -> ArrowData:
    import pyarrow as pa

    zoned = is_text(column) and count(column, _ZONED) > 0
    try:
        times = _in_utc(column).cast(pa.timestamp("us", "UTC")) if zoned else column.cast(pa.timestamp("us"))
        return times.cast(pa.int64())
    except pa.ArrowInvalid as error:
        row = _no_date(column)
        raise DataError(
            f"{place(row)}: column {name!r}: {column[row].as_py()!r} is not a date", hint="correct the cell"
        ) from error


def _in_utc(column: ArrowData) -> ArrowData:
    """The text of dates, each with its zone: those without one are in UTC."""
    import pyarrow.compute as pc

    ending = pc.if_else(matches(column, _WITH_TIME), "Z", "T00:00Z")
    return pc.if_else(matches(column, _ZONED), column, pc.binary_join_element_wise(column, ending, ""))


def _no_date(column: ArrowData) -> int:
    from datetime import datetime

    for row, cell in enumerate(column.to_pylist()):
        try:
            datetime.fromisoformat(str(cell) if cell is not None else "1970-01-01")
        except ValueError:
            return row
    return 0
