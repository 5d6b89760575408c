"""`trainctl explain`."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import typer

from trainctl.cli import options
from trainctl.cli.loading import load_experiment
from trainctl.cli.output import print_json, table
from trainctl.config.explain import Line, Origin, call_order
from trainctl.config.explain import explain as explained
from trainctl.config.load import Loaded
from trainctl.text import literal


def explain(
    config: options.Config,
    path: Annotated[
        str, typer.Argument(metavar="[PATH]", help="The path of a value, e.g. callbacks.EarlyStopping.patience.")
    ] = "",
    overrides: options.Overrides = None,
    imports: options.ImportNames = None,
    no_imports: options.NoImports = False,
    format: options.OutputFormat = options.Format.auto,  # noqa: ARG001  # the boundary reads it
    json: options.Json = False,
) -> None:
    """Show the resolved experiment and where each value comes from."""
    loaded = load_experiment(config, overrides, imports, no_imports=no_imports)
    value, origins, lines = explained(loaded, path)
    if json:
        history = [dataclasses.asdict(origin) for origin in origins]
        print_json({"path": path, "value": value, "origins": history})
    elif len(lines) == 1 and path:
        _print_history(path, lines[0], origins)
    else:
        _print_lines(lines)
    if path == "callbacks" and not json:
        _print_call_order(loaded)


def _print_history(path: str, line: Line, origins: tuple[Origin, ...]) -> None:
    typer.echo(f"{path}: {line.text.strip()}")
    for number, origin in enumerate(origins):
        verb = "from" if number == 0 else f"overrides {literal(origin.value)} from"
        typer.echo(f"  {verb} {origin}")


def _print_call_order(loaded: Loaded) -> None:

    rows = [
        (str(n), each.name, " ".join(each.hooks), each.watches) for n, each in enumerate(call_order(loaded), start=1)
    ]
    typer.echo("\nCalled in this order:\n")
    table(("", "callback", "hooks", "watches"), rows)


def _print_lines(lines: list[Line]) -> None:
    width = min(56, max(len(line.text) for line in lines) + 2)
    for line in lines:
        if not line.origins:
            typer.echo(line.text)
            continue
        replaced = "".join(f"; overrides {literal(origin.value)} from {origin.place}" for origin in line.origins[1:])
        typer.echo(f"{line.text.ljust(width - 2)}  # {line.origins[0]}{replaced}")
