"""`trainctl list` and `trainctl describe`."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import typer

from trainctl.cli import options
from trainctl.cli.loading import load_components
from trainctl.cli.output import print_json, table
from trainctl.config import describe, topics
from trainctl.errors import UsageError
from trainctl.text import literal


def list_components(
    kind: Annotated[
        str, typer.Argument(metavar="[KIND]", help="callbacks, layers, optimizers, losses, metrics, sources …")
    ] = "",
    search: Annotated[
        str | None,
        typer.Option(
            "--search", metavar="TEXT", show_default=False, help="Components whose name or summary holds TEXT."
        ),
    ] = None,
    imports: options.ImportNames = None,
    no_imports: options.NoImports = False,
    json: options.Json = False,
) -> None:
    """List available components."""
    load_components(imports, no_imports=no_imports)

    if search is not None:
        found = list(describe.search(search, describe.kind_of(kind) if kind else None))
        if json:
            print_json([{"kind": each, "name": name, "summary": summary} for each, name, summary in found])
        elif found:
            table(("kind", "name", "what it does"), found)
        else:
            typer.echo(f"no component matches {literal(search)}", err=True)
        return
    if not kind:
        everything = {describe.PLURALS[each]: describe.names(each) for each in describe.KINDS}
        if json:
            print_json(everything)
            return
        rows = [
            (name, str(len(members)), ", ".join(members[:4]) + " …" * (len(members) > 4))
            for name, members in everything.items()
        ]
        table(("kind", "count", "such as"), rows)
        typer.echo("\nSee: trainctl list KIND, trainctl describe NAME", err=True)
        return
    rows_of_kind = list(describe.summaries(describe.kind_of(kind)))
    if json:
        print_json([{"name": name, "summary": summary} for name, summary in rows_of_kind])
    else:
        table(("name", "what it does"), rows_of_kind)


def describe_component(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="A component such as Dense, a key such as data.validation_split, an exit code, or a diagnostic code.",
        ),
    ],
    imports: options.ImportNames = None,
    no_imports: options.NoImports = False,
    json: options.Json = False,
) -> None:
    """Show a component, key, exit code or diagnostic code: what it means, its arguments and a YAML example."""
    load_components(imports, no_imports=True)

    try:
        found = topics.describe(name)
    except UsageError:
        load_components((), no_imports=no_imports)  # slow, and only a name not known otherwise needs it
        found = topics.describe(name)
    if json:
        print_json([dataclasses.asdict(each) for each in found])
        return
    for number, description in enumerate(found):
        if number:
            typer.echo()
        _print(description)


def _print(description: describe.Description) -> None:
    rows = [
        (each.name, each.type, "required" if each.required else literal(each.default), each.description)
        for each in description.arguments
    ]
    typer.echo(f"{description.name} ({description.kind})\n\n{description.text}")
    if rows:
        typer.echo()
        table(("argument", "type", "default", "meaning"), rows)
    if description.example:
        typer.echo(f"\nExample:\n\n{description.example.rstrip()}")
