"""The Typer application: the commands, each imported when it is asked for and put within the boundary.

So that a command may import its job like any other module, and `trainctl --help` still waits for none of them.
"""

from __future__ import annotations

import ast
import importlib
from collections import UserDict
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperGroup

from trainctl.cli.boundary import bounded
from trainctl.cli.examples import add_examples
from trainctl.version import __version__


class Place(NamedTuple):
    """Where a command is: a function of a module in this folder; `app` holds its subcommands, where it has some."""

    module: str
    function: str
    app: str | None = None


COMMANDS = {
    "init": Place("init", "init"),
    "run": Place("run", "run"),
    "resume": Place("resume", "resume"),
    "validate": Place("validate", "validate"),
    "explain": Place("explain", "explain", "app"),
    "data": Place("data", "data", "app"),
    "find-lr": Place("find_lr", "find_lr"),
    "list": Place("describe", "list_components"),
    "describe": Place("describe", "describe_component"),
    "schema": Place("schema", "schema"),
    "evaluate": Place("evaluate", "evaluate"),
    "report": Place("report", "report"),
    "predict": Place("predict", "predict"),
    "export": Place("export", "export"),
    "tensorboard": Place("tensorboard", "tensorboard"),
    "trust": Place("trust", "trust"),
    "doctor": Place("doctor", "doctor"),
    "completion": Place("completion", "completion"),
    "runs": Place("runs", "list_runs", "app"),
}


class _Commands(UserDict[str, Any]):
    """Typer's commands by name, made when they are asked for."""

    def __init__(self) -> None:
        super().__init__(dict.fromkeys(COMMANDS))

    def __getitem__(self, name: str) -> Any:
        if name in COMMANDS and self.data[name] is None:
            self.data[name] = _command(name, COMMANDS[name])
        return self.data[name]


class _Group(TyperGroup):
    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = _Commands()

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the commands' names in the order of `COMMANDS`."""
        return list(COMMANDS)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands with their summaries, which are read without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, _summary(place)) for name, place in COMMANDS.items()])


def _command(name: str, place: Place) -> Any:
    module = importlib.import_module(f"trainctl.cli.{place.module}")
    if place.app is None:
        one = typer.Typer(add_completion=False, rich_markup_mode=None)
        one.command(name)(bounded(getattr(module, place.function)))
    else:
        one = getattr(module, place.app)
    command = typer.main.get_command(one)
    command.name = name
    add_examples(command, name)
    return command


def _summary(place: Place) -> str:
    """Return the first sentence of the command's docstring."""
    source = Path(__file__).with_name(f"{place.module}.py").read_text(encoding="utf-8")
    text = next(
        ast.get_docstring(node) or ""
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and node.name == place.function
    )
    sentence, _, _ = " ".join(text.split("\n\n")[0].split()).partition(". ")
    return f"{sentence.rstrip('.')}."


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"trainctl {__version__}")
        raise typer.Exit


app = typer.Typer(
    cls=_Group,
    help="Train Keras models from a YAML file: checked before the first step, recorded to the last.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},  # of the commands too
)


@app.callback()
def _options(
    version: Annotated[  # its callback does the work
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Options before the command."""
