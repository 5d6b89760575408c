"""`trainctl schema`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trainctl.cli import options
from trainctl.cli.loading import load_components
from trainctl.errors import UsageError


def schema(
    write: Annotated[
        Path | None,
        typer.Option("--write", metavar="PATH", show_default=False, help="Write it to this file, replaced atomically."),
    ] = None,
    imports: options.ImportNames = None,
    no_imports: options.NoImports = False,
) -> None:
    """The JSON Schema of an experiment file, for editors and other validators, on stdout."""
    load_components(imports, no_imports=no_imports)
    from trainctl.config.schema import experiment_schema, to_text
    from trainctl.files import write_whole

    text = to_text(experiment_schema())
    if write is None:
        typer.echo(text, nl=False)
        return
    try:
        write_whole(write, text.encode())
    except OSError as error:
        raise UsageError(
            f"cannot write {write}: {error.strerror}", hint="--write takes a file in a folder that exists"
        ) from None
