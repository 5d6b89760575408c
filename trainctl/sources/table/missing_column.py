"""What is wrong where a table lacks a column: the nearest name, another separator, no header."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from trainctl.components.column_options import OTHERS
from trainctl.errors import DataError
from trainctl.sources.reading.inputs import COMPRESSIONS, shown
from trainctl.sources.table.header import NO_HEADER, looks_like_cells
from trainctl.text import nearest

_SEPARATORS = (";", "\t", "|", ",")
_COMMENTS = ("#", "%", "//")
_LINES, _LONGEST = 50, 1 << 16  # of a file whose first line does not name its columns


Names = str | Iterable[str] | None
"""A column, several, or a mapping whose keys are columns."""


def require_columns(
    named: Mapping[str, Names],
    header: tuple[str, ...],
    file: Path,
    roles: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Require the columns of a table that the experiment names.

    Args:
        named: By argument of the data source, the columns that it names; `*` is none.
        header: The columns of the table.
        file: The table.
        roles: Columns that other settings name, each with that setting, such as `data.sample_weight`.

    Raises:
        DataError: Some are not there; names each of them.
    """
    known, errors = {*header, OTHERS}, []
    for field, names in named.items():
        for place, name in _placed(field, names):
            if name not in known:
                errors.append(absent(field, name, header, file))
                errors[-1].field = place
    for name, setting in roles.items():
        if name not in known:
            errors.append(absent(setting.removeprefix("data."), name, header, file))
            errors[-1].path = setting
    if errors:
        raise DataError.of(errors)


def _placed(field: str, names: Names) -> Iterator[tuple[str, str]]:
    """Yield each column with the path of what names it: `features.0`."""
    if isinstance(names, str):
        yield field, names
    elif isinstance(names, Mapping):
        yield from ((f"{field}.{name}", name) for name in names)
    else:
        yield from ((f"{field}.{number}", name) for number, name in enumerate(names or ()))


def absent(field: str, name: str, header: tuple[str, ...], file: Path) -> DataError:
    """The error for a column that is not there: `field` names it, the file has those of `header`."""
    between = next((each for each in _SEPARATORS if name in _parted(header, each)), None)
    if between is not None:
        hint = f"is it separated by '{_shown(between)}'? Then write separator: \"{_shown(between)}\""
        return DataError(f"{shown(file)} has no column {name!r} ({field})", hint=hint, field=field)
    later = _named_later(file, name)
    if later is not None:
        line, separator = later
        mark = next((each for each in _COMMENTS if header[0].startswith(each)), None)
        way = f"set skip: {line - 1}" if mark is None else f'set comment: "{mark}"'
        between = "" if separator == "," or len(header) > 1 else f' and separator: "{_shown(separator)}"'
        return DataError(
            f"{shown(file)} has no column {name!r} ({field}) in its first line, but in line {line}",
            hint=f"{way}{between}, or remove the lines above",
            field=field,
        )
    if looks_like_cells(header) or _are_repeated(file, header):
        first = ", ".join(header[:5])
        return DataError(
            f"{shown(file)} has no column {name!r} ({field}); its first line looks like data: {first}",
            hint=NO_HEADER,
            field=field,
        )
    if header[0].startswith(_COMMENTS):
        return DataError(
            f"{shown(file)} has no column {name!r} ({field}); its first line looks like a comment: {header[0][:60]}",
            hint="remove the lines above the one that names the columns, or set comment or skip",
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


def _shown(separator: str) -> str:
    return separator if separator != "\t" else "\\t"


def _named_later(file: Path, name: str) -> tuple[int, str] | None:
    """Return the line (from 1) of a text file that names a column, with what stands between its names."""
    for number, line in enumerate(_first_lines(file)[1:], 2):
        for separator in _SEPARATORS:
            if separator in line and name in _parted((line.strip("\r\n"),), separator):
                return number, separator
    return None


def _are_repeated(file: Path, header: tuple[str, ...]) -> bool:
    """Whether at least half of the names, as cells, stand below themselves too."""
    for separator in _SEPARATORS:
        rows = [[cell.strip(' "') for cell in line.strip("\r\n").split(separator)] for line in _first_lines(file)[1:]]
        fitting = [row for row in rows if len(row) == len(header) > 1]
        again = sum(any(row[place] == name for row in fitting) for place, name in enumerate(header))
        if 2 * again >= len(header) and fitting:
            return True
    return False


def _first_lines(file: Path) -> list[str]:
    """The first lines of a text file, as far as it is one that can be looked at."""
    if file.suffix.lower() in COMPRESSIONS or not file.is_file():
        return []
    with file.open("rb") as content:
        return [content.readline(_LONGEST).decode("utf-8", "replace") for _ in range(_LINES)]


def _parted(header: tuple[str, ...], separator: str) -> set[str]:
    """The names of the columns if `separator` stood between them."""
    return {name.strip(' "') for each in header for name in each.split(separator)}


def listed_columns(header: tuple[str, ...]) -> str:
    """Return the names of the columns, the first twenty of them."""
    more = ["…"] if len(header) > 20 else []
    return f"its columns: {', '.join([*header[:20], *more])}"
