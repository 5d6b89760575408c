"""What people and scripts depend on, as text: commands, options, exit codes, diagnostic codes, names of components.

`python tests/cli/surface.py` writes it anew, for a change that is meant.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import typer

from trainctl.cli.app import app
from trainctl.cli.boundary import _CODES
from trainctl.components.spec import CALLBACKS, SOURCES
from trainctl.config.experiment import SECTIONS, Experiment
from trainctl.errors import EXIT_CODES
from trainctl.ui.displays import FORMATS

FILE = Path(__file__).with_name("surface.txt")
SOURCE = Path(__file__).parents[2] / "trainctl"

_MAKERS = {"Diagnostic", "NotYaml", "ArgumentError", "error", "warning"}
"""Functions whose first argument is the code of a diagnostic."""


def surface() -> str:
    """The whole surface, one fact a line."""
    return (
        "\n".join(
            [
                *_commands(typer.main.get_command(app), "trainctl"),
                *(f"exit {code}: {meaning}" for code, meaning in EXIT_CODES.items()),
                *(f"format {name}" for name in FORMATS),
                *(f"key {key}" for key in Experiment.model_fields),
                *(f"key {section}.{key}" for section, spec in SECTIONS.items() for key in spec.model_fields),
                *(f"callback {name}: {', '.join(spec.model_fields)}".rstrip() for name, spec in CALLBACKS),
                *(f"source {name}: {', '.join(spec.model_fields)}".rstrip() for name, spec in SOURCES),
                *(f"diagnostic {code}" for code in sorted({*_codes(), *_CODES.values()})),
            ]
        )
        + "\n"
    )


def _commands(command: object, name: str) -> Iterator[str]:
    """The command with its parameters, then those below it."""
    parameters = [_words(parameter) for parameter in command.params]  # type: ignore[attr-defined]
    yield " ".join(["command", name, *parameters])
    for below, each in getattr(command, "commands", {}).items():
        yield from _commands(each, f"{name} {below}")


def _words(parameter: object) -> str:
    if parameter.param_type_name == "argument":  # type: ignore[attr-defined]
        return str(parameter.metavar or parameter.name.upper())  # type: ignore[attr-defined]
    return "/".join([*parameter.opts, *parameter.secondary_opts])  # type: ignore[attr-defined]


def _codes() -> Iterator[str]:
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            function, first = node.func, node.args[0]
            maker = getattr(function, "id", getattr(function, "attr", ""))
            if maker in _MAKERS and isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


if __name__ == "__main__":
    FILE.write_text(surface(), encoding="utf-8")
