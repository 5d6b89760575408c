"""What the amounts of a column count, such as percent or a currency: the same in all parts of a table."""

from __future__ import annotations

from collections.abc import Iterable

from trainctl.aliases import ArrowData
from trainctl.components.dataset import ColumnKind
from trainctl.errors import DataError
from trainctl.sources.reading.targets import Table
from trainctl.sources.table.amounts import PLAIN, form_of
from trainctl.sources.table.columns import is_text


class Units:
    """The unit of each column of a table that is read in parts, each of which alone does not tell that another one differs."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def require(self, part: Table, columns: Iterable[str]) -> None:
        """Require numbers to be in the unit of the parts before.

        Args:
            part: Further rows.
            columns: Those that hold numbers.

        Raises:
            DataError: They are in another one; names the place of the first.
        """
        for name in columns:
            column = part.columns[name]
            if column.null_count == len(column):
                continue
            unit = unit_of(column)
            known = self._known.setdefault(name, unit)
            if unit != known:
                raise DataError(
                    f"{part.place(_first(column))}: column {name!r} holds {unit}, but {known} in rows before",
                    hint="write all of its cells in one unit",
                )


def unit_of(column: ArrowData) -> str:
    """Return what the numbers of a column count: `percent`, `amounts in $`, or that they are plain numbers."""
    form = form_of(column) if is_text(column) else None
    if form is None or form.kind is not ColumnKind.NUMERIC:
        return PLAIN
    return form.unit(column[_first(column)].as_py())


def _first(column: ArrowData) -> int:
    import pyarrow.compute as pc

    return int(pc.index(pc.is_valid(column), value=True).as_py())
