"""What the inputs of a model are called that takes the columns of a table."""

from __future__ import annotations

from collections.abc import Iterable


def inputs_by_column(columns: Iterable[str]) -> dict[str, str]:
    """Return the name of each column's input: the column's own, but Keras takes no slash in a name, and each name once."""
    names: dict[str, str] = {}
    for column in columns:
        names[column] = free_name(column.replace("/", "_"), names.values())
    return names


def free_name(name: str, taken: Iterable[str]) -> str:
    """Return `name`, with underscores after it until it is none of those `taken`."""
    taken = set(taken)
    while name in taken:
        name += "_"
    return name
