"""What people and scripts depend on, as text: commands, options, exit codes, diagnostic codes, names of components.

`python tests/cli/surface.py` writes it anew, for a change that is meant; and what completion in shells knows of the commands.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, get_args

import typer

from trainctl.cli.app import app
from trainctl.cli.boundary import _CODES
from trainctl.components.spec import CALLBACKS, REGISTRIES, SOURCES
from trainctl.config import describe, topics
from trainctl.config.experiment import SECTIONS, Experiment
from trainctl.drafts.templates import TEMPLATES
from trainctl.errors import EXIT_CODES
from trainctl.jobs import export
from trainctl.ui.displays import FORMATS

FILE = Path(__file__).with_name("surface.txt")
SOURCE = Path(__file__).parents[2] / "trainctl"
COMPLETED = SOURCE / "cli" / "shell" / "commands.json"

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


def completed() -> str:
    """What completion in shells has to know without importing a command: the commands, and the names that are ours."""
    known = {
        "commands": dict(_completed_commands(typer.main.get_command(app), "")),
        "components": {name: spec.summary() for registry in REGISTRIES.values() for name, spec in registry},
        "keys": {key: topics._describe_key(key).summary for key in topics._every_key()},
    }
    return json.dumps(known, indent=1, ensure_ascii=False) + "\n"


def _completed_commands(command: Any, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each command by its name below trainctl: what it does, the kinds of its values, its options with kind and text."""
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    named = [each for each in command.params if each.param_type_name != "argument"]
    options = {
        spelling: ["" if each.is_flag else _kind(each, name), each.help or ""]
        for each in named
        for spelling in (*each.opts, *each.secondary_opts)
    }
    yield (
        name,
        {
            "text": " ".join((command.help or "").split("\n\n")[0].split()),
            "takes": [_kind(each, name) for each in arguments],
            "options": {**options, "--help": ["", "Show what it takes."]},
        },
    )
    for below, each in getattr(command, "commands", {}).items():
        yield from _completed_commands(each, f"{name} {below}".strip())


_WORDS = {"[KIND]": [*describe.PLURALS.values()], "[TEMPLATE]": [*TEMPLATES], "FORMAT": [*export.FORMATS]}
_PLACES = {("explain", "[PATH]"): "EXPLAINED", ("describe", "NAME"): "DESCRIBED"}
"""Values that are called as others are, and may be something else."""


def _kind(parameter: Any, command: str) -> str | list[str]:
    """What help shows for a value, or a list of all that it may be."""
    shown = parameter.metavar or parameter.name.upper()
    choices = next((each for each in _parts(parameter.type_descriptor.annotation) if issubclass(each, Enum)), ())
    if choices:
        return [str(each.value) for each in choices]
    return _PLACES.get((command, shown)) or _WORDS.get(shown, shown)


def _parts(annotation: Any) -> list[type]:
    return [each for each in (annotation, *get_args(annotation)) if isinstance(each, type)]


if __name__ == "__main__":
    COMPLETED.write_text(completed(), encoding="utf-8")
    FILE.write_text(surface(), encoding="utf-8")
