"""`trainctl schema`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trainctl.cli import options
from trainctl.cli.loading import load_components
from trainctl.config.schema import experiment_schema, to_text
from trainctl.errors import UsageError
from trainctl.files import require_replaceable, write_whole


def schema(
    write: Annotated[
        Path | None,
        typer.Option(
            "--write",
            metavar="PATH",
            show_default=False,
            help="Write the schema to a file instead, replacing it atomically.",
        ),
    ] = None,
    imports: options.ImportNames = None,
    no_imports: options.NoImports = False,
) -> None:
    """Print the JSON Schema of experiment files, for editors and other validators."""
    load_components(imports, no_imports=no_imports)

    text = to_text(experiment_schema())
    if write is None:
        typer.echo(text, nl=False)
        return
    try:
        require_replaceable(write)
        write_whole(write, text.encode())
    except OSError as error:
        raise UsageError(
            f"cannot write {write}: {error.strerror}", hint="name a file in a folder that exists: --write FILE"
        ) from None
