"""What is wrong where a table lacks a column: the nearest name, another separator, no header."""

from __future__ import annotations

from pathlib import Path

from trainctl.errors import DataError
from trainctl.sources.reading.inputs import shown
from trainctl.sources.table.header import NO_HEADER, looks_like_cells
from trainctl.text import nearest

_SEPARATORS = (";", "\t", "|", ",")


def absent(field: str, name: str, header: tuple[str, ...], file: Path) -> DataError:
    """The error for a column that is not there: `field` names it, the file has those of `header`."""
    between = next((each for each in _SEPARATORS if name in _parted(header, each)), None)
    if between is not None:
        shows = between if between != "\t" else "\\t"
        hint = f"is it separated by '{shows}'? Then write separator: \"{shows}\""
        return DataError(f"{shown(file)} has no column {name!r} ({field})", hint=hint, field=field)
    if looks_like_cells(header):
        first = ", ".join(header[:5])
        return DataError(
            f"{shown(file)} has no column {name!r} ({field}); its first line looks like data: {first}",
            hint=NO_HEADER,
            field=field,
        )
    if header[0].startswith(("#", "%", "//")):
        return DataError(
            f"{shown(file)} has no column {name!r} ({field}); its first line looks like a comment: {header[0][:60]}",
            hint="remove the lines above the one that names the columns",
            field=field,
        )
    if name in header[0].split():
        hint = "is it separated by blanks? Then write separator: whitespace"
        return DataError(f"{shown(file)} has no column {name!r} ({field})", hint=hint, field=field)
    close = nearest(name, header)
    start = f"did you mean {close!r}? " if close else ""
    return DataError(
        f"{shown(file)} has no column {name!r} ({field})", hint=start + listed_columns(header), field=field
    )


def _parted(header: tuple[str, ...], separator: str) -> set[str]:
    """The names of the columns if `separator` stood between them."""
    return {name.strip(' "') for each in header for name in each.split(separator)}


def listed_columns(header: tuple[str, ...]) -> str:
    """Return the names of the columns, the first twenty of them."""
    more = ["…"] if len(header) > 20 else []
    return f"its columns: {', '.join([*header[:20], *more])}"
