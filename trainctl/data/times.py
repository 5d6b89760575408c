"""A column to split by time, as numbers that can be put in order."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from trainctl.aliases import Array
from trainctl.errors import DataError
from trainctl.text import plural

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MONTH = re.compile(r"\d{4}-\d{2}")


def times(column: Array, name: str) -> NDArray[np.float64]:
    """Return the column's values (n,) as numbers; text dates (a month, a time zone) in seconds.

    Raises:
        DataError: One is missing, or text that is not a date: its order would be that of the alphabet.
    """
    is_text = column.dtype == object
    missing = int((column == "").sum() if is_text else np.isnan(column).sum())
    if missing:
        raise DataError(
            f"{plural(missing, 'sample')} without a value in column {name!r} (split_by_time)",
            hint="fill them in, or remove these rows",
        )
    if not is_text:
        return column
    return np.array([_seconds(text, name) for text in column.tolist()])


def _seconds(text: str, name: str) -> float:
    try:
        moment = datetime.fromisoformat(f"{text}-01" if _MONTH.fullmatch(text) else text)
    except ValueError:
        raise DataError(
            f"column {name!r} (split_by_time) has the value {text!r}; expected a date or a number",
            hint="write dates as year-month-day, such as 2026-01-31",
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
