"""Every command has an example, and every command line that we show is one that the program takes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.testing import CliRunner

from trainctl.cli.app import app
from trainctl.cli.examples import EXAMPLES
from trainctl.drafts.templates import TEMPLATES

ROOT = Path(__file__).parents[2]
PROGRAM = typer.main.get_command(app)


def commands(command: Any = PROGRAM, name: str = "") -> Iterator[str]:
    for below, each in getattr(command, "commands", {}).items():
        path = f"{name} {below}".strip()
        yield path
        yield from commands(each, path)


def shown() -> list[str]:
    """The examples of the help, and the command lines in the page about CI and in the hook of pre-commit."""
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    return [
        *(each for examples in EXAMPLES.values() for each in examples),
        *re.findall(r"^ *- (?:run: )?(trainctl .*)$", page, re.MULTILINE),
        *(f"{hook['entry']} configs/mnist.yaml" for hook in hooks),
    ]


def parse(command: Any, words: list[str], parent: Any = None) -> None:
    """Parse the words as the program does, without doing anything."""
    context = command.make_context(words[0], words[1:], parent=parent)
    rest = [*context._protected_args, *context.args]
    if getattr(command, "commands", None) and rest:
        parse(command.commands[rest[0]], rest, context)


def test_every_command_shows_an_example() -> None:
    assert sorted(EXAMPLES) == sorted(commands())
    shown = CliRunner().invoke(app, ["runs", "prune", "-h"]).stdout
    assert all(f"  {example}\n" in shown for example in EXAMPLES["runs prune"])


@pytest.mark.parametrize("line", shown())
def test_what_is_shown_is_accepted(line: str) -> None:
    parse(PROGRAM, shlex.split(line))


def test_the_templates_that_are_shown_exist() -> None:
    begins = [shlex.split(line)[2] for line in EXAMPLES["init"]]
    assert set(begins) <= {*TEMPLATES, "--data"}


def test_a_wrong_line_would_be_found() -> None:
    with pytest.raises(Exception, match="--keep-lats"):
        parse(PROGRAM, shlex.split("trainctl runs prune --keep-lats 5"))
