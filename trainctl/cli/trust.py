"""`trainctl trust`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trainctl.cli import options
from trainctl.cli.output import print_json
from trainctl.components.user.trust import Trusted
from trainctl.errors import UsageError
from trainctl.jobs.trust import distrust_folder, list_trusted, trust_folder
from trainctl.text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence


def trust(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="A folder with Python files, or a run.", show_default=False)
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="List the files that are trusted.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="No longer trust the files of DIR.")] = False,
    json: options.Json = False,
) -> None:
    """Allow the Python files of a folder to be loaded, until they change."""
    if list_:
        files = list_trusted()
        _show(files, "", json=json)
        if not files and not json:
            typer.echo("nothing is trusted", err=True)
    elif folder is None:
        raise UsageError("trainctl trust needs a folder", hint="trainctl trust . trusts the working directory")
    elif remove:
        _show(distrust_folder(folder), "no longer trusted: ", json=json)
    else:
        _show(trust_folder(folder), "trusted: ", json=json)


def _show(files: Sequence[Trusted], before: str, *, json: bool) -> None:

    if json:
        print_json([asdict(each) for each in files])
        return
    for each in files:
        typer.echo(f"{before}{printable(each.path)}  sha256 {each.sha256[:12]}…")
