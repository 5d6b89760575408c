"""The shared options mean the same in every command that has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from trainctl.cli.app import app
from trainctl.cli.options import Format
from trainctl.ui.displays import FORMATS


def commands(command: Any = None, name: str = "trainctl") -> Iterator[tuple[str, Any]]:
    command = command or typer.main.get_command(app)
    below = getattr(command, "commands", {})
    yield from [(name, command)] if not below else []
    for each, inner in below.items():
        yield from commands(inner, f"{name} {each}")


def test_an_option_has_one_meaning_and_one_default() -> None:
    found: dict[str, set[tuple[str, str]]] = {}
    for name, command in commands():
        for parameter in command.params:
            for option in parameter.opts:
                if (name, option) in {("trainctl data", "--set"), ("trainctl init", "--set")}:
                    continue  # of data without an experiment: an argument of its source
                if option in {"--set", "--import", "--no-imports", "--format", "--json"}:
                    found.setdefault(option, set()).add((str(parameter.help), str(parameter.default)))
    assert set(found) == {"--set", "--import", "--no-imports", "--format", "--json"}
    assert [option for option, meanings in found.items() if len(meanings) > 1] == []


def test_every_format_has_a_display() -> None:
    assert {each.value for each in Format} == set(FORMATS)


def test_every_command_and_option_is_explained() -> None:
    for name, command in commands():
        assert command.help, name
        assert [each.name for each in command.params if hasattr(each, "help") and not each.help] == [], name
