"""`trainctl init`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from trainctl.cli import options
from trainctl.cli.loading import load_components
from trainctl.cli.output import print_json
from trainctl.config.compose.overrides import parse_arguments
from trainctl.drafts.draft import Draft
from trainctl.drafts.templates import TEMPLATES, draft_of_template
from trainctl.errors import UsageError
from trainctl.jobs.init import draft_from_data, draft_from_model, draft_from_run, require_complete, write_draft
from trainctl.text import printable

_STDOUT = "-"
"""What `-o` names in place of a file."""


def init(
    template: Annotated[
        str | None,
        typer.Argument(metavar="[TEMPLATE]", show_default=False, help=f"What to begin with: {', '.join(TEMPLATES)}."),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="PATH",
            show_default=False,
            help="Look at a table, arrays or a folder, and write a file for it.",
        ),
    ] = None,
    label: Annotated[
        str | None,
        typer.Option("--label", metavar="COLUMN", show_default=False, help="Of a table, the column to predict."),
    ] = None,
    from_run: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="RUN", show_default=False, help="Write the experiment of a run, everything filled in."
        ),
    ] = None,
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
    overrides: Annotated[
        list[str] | None,
        typer.Option(
            "--set", "-s", metavar="ARGUMENT=VALUE", show_default=False, help="An argument of the data's source."
        ),
    ] = None,
    imports: options.ImportNames = None,
    no_imports: options.NoImports = False,
    runs_dir: options.RunsDir = options.DEFAULT_RUNS_DIR,
    json: options.Json = False,
) -> None:
    """Write a new experiment file that validates and trains: from a template, data, a run or a saved model."""
    given = [each for each in (template, data, from_run, from_model) if each is not None]
    if len(given) > 1:
        is_file = template is not None and template not in TEMPLATES
        raise UsageError(
            "init takes only one of TEMPLATE, --data, --from and --from-model",
            hint=f"to name the file that is written: -o {template}" if is_file else None,
        )
    if not given:
        listed = "; ".join(f"{name}: {what}" for name, what in TEMPLATES.items())
        raise UsageError("init needs a TEMPLATE, --data, --from or --from-model", hint=f"templates are {listed}")
    if data is None and (label is not None or overrides):
        raise UsageError(f"{'--set' if label is None else '--label'} is for --data")
    if json and str(output) == _STDOUT:
        raise UsageError("-o - and --json both write to stdout", hint="remove one of them")
    stem = _stem(template, data, from_run, from_model)
    path = output or Path(f"{stem}.yaml")
    stem = stem if str(path) == _STDOUT else path.name.removesuffix(path.suffix)
    if from_model is not None:
        load_components(imports, no_imports=no_imports)
        draft = draft_from_model(from_model, stem)
    elif data is not None:
        draft = draft_from_data(data, label, parse_arguments(overrides or []), path, stem)
    else:
        draft = draft_from_run(from_run, runs_dir) if from_run is not None else draft_of_template(template or "", stem)
    _write(draft, path, json=json)


def _stem(template: str | None, data: Path | None, from_run: str | None, from_model: Path | None) -> str:
    """Return what the file is called where no option says so."""
    path = data or from_model
    name = path.resolve().name.split(".")[0] if path is not None else Path(from_run or template or "").name
    return name or "experiment"


def _write(draft: Draft, path: Path, *, json: bool) -> None:
    notes = [f"note: {printable(each)}" for each in draft.about]
    if str(path) == _STDOUT:
        notes += [f"note: {name} is not written; write both with -o FILE" for name in draft.files]
        typer.echo(draft.text, nl=False)
        for line in notes:
            typer.echo(line, err=True)
        require_complete(draft, "stdout")
        return
    written = write_draft(draft, path)
    if json:
        print_json({"files": [str(each) for each in written], "about": list(draft.about)})
    else:
        for line in notes:
            typer.echo(line)
        typer.echo(f"wrote {', '.join(map(str, written))}")
        quoted = shlex.quote(str(path))
        typer.echo(f"  check it:  trainctl validate {quoted}")
        typer.echo(f"  train it:  trainctl run {quoted}")
    require_complete(draft, str(path))
