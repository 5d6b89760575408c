"""What a column of a table may hold."""

from __future__ import annotations

from enum import StrEnum


class ColumnKind(StrEnum):
    """What a table's column holds, which decides how it is encoded."""

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"
    BOOLEAN = "boolean"
    DATE = "date"
    TEXT = "text"

    @property
    def is_words(self) -> bool:
        """Whether its values are text (str objects, "" for missing) rather than float64 with NaN for missing."""
        return self in {ColumnKind.CATEGORICAL, ColumnKind.TEXT}
