"""`trainctl init`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trainctl.cli import options
from trainctl.cli.loading import load_components
from trainctl.cli.output import print_json
from trainctl.drafts.draft import Draft
from trainctl.errors import UsageError
from trainctl.jobs.init import draft_from_model, require_complete, write_draft


def init(
    from_model: Annotated[
        Path | None,
        typer.Option(
            "--from-model", metavar="FILE", show_default=False, help="Write a saved Keras model (.keras) as YAML."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            show_default=False,
            help="The file to write; it must not exist. - is stdout.",
        ),
    ] = None,
    imports: options.ImportNames = None,
    no_imports: options.NoImports = False,
    json: options.Json = False,
) -> None:
    """Write a new experiment file, which validates and trains."""
    load_components(imports, no_imports=no_imports)
    if from_model is None:
        raise UsageError("init needs --from-model FILE")
    path = output or Path(f"{from_model.stem}.yaml")
    draft = draft_from_model(from_model, path.name.removesuffix(path.suffix))
    _write(draft, path, json=json)


def _write(draft: Draft, path: Path, *, json: bool) -> None:
    if str(path) == "-":
        typer.echo(draft.text, nl=False)
        require_complete(draft, "stdout")
        return
    written = write_draft(draft, path)
    if json:
        print_json({"files": [str(each) for each in written], "about": list(draft.about)})
    else:
        for line in draft.about:
            typer.echo(line)
        typer.echo(f"wrote {', '.join(map(str, written))}")
        typer.echo(f"  check it:  trainctl validate {path}")
        typer.echo(f"  train it:  trainctl run {path}")
    require_complete(draft, str(path))
