"""The options that choose among runs, for every command that takes several."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from trainctl.errors import UsageError
from trainctl.runs.selection import STATUSES, Selection, parse_condition, parse_since
from trainctl.text import literal, nearest, one_of

Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="CONDITION",
        help="Such as 'val_accuracy > 0.9' or 'duration < 2h'. Repeatable.",
        show_default=False,
    ),
]
Name = Annotated[
    str | None,
    typer.Option("--name", metavar="NAME", help="The experiment's name; * stands for any text.", show_default=False),
]
Status = Annotated[
    list[str] | None,
    typer.Option("--status", metavar="STATUS", help=f"{one_of(STATUSES)}. Repeatable.", show_default=False),
]
Tag = Annotated[
    list[str] | None, typer.Option("--tag", metavar="TAG", help="A tag of the run. Repeatable.", show_default=False)
]
Since = Annotated[
    str | None,
    typer.Option("--since", metavar="TIME", help="Started since then: 7d, 12h or 2026-01-31.", show_default=False),
]
RunsDirBelow = Annotated[
    Path | None,
    typer.Option("--runs-dir", metavar="FOLDER", help="The folder that holds all runs.", show_default=False),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def selection(
    where: Sequence[str] | None,
    name: str | None,
    status: Sequence[str] | None,
    tag: Sequence[str] | None,
    since: str | None,
    *,
    sort: str | None = None,
    reverse: bool = False,
    limit: int | None = None,
) -> Selection:
    """Return what the options select.

    Raises:
        UsageError: One of them is wrong.
    """
    for word in status or ():
        if word not in STATUSES:
            close = nearest(word, STATUSES)
            hint = f"did you mean '{close}'?" if close else f"a status is {one_of(STATUSES)}"
            raise UsageError(f"unknown status {literal(word)}", hint=hint)
    return Selection(
        tuple(map(parse_condition, where or ())),
        name,
        tuple(status or ()),
        tuple(tag or ()),
        None if since is None else parse_since(since),
        sort,
        reverse,
        limit,
    )
