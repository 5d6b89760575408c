"""What people and scripts depend on changes only where somebody means it."""

from __future__ import annotations

import re
from pathlib import Path

import typer
from surface import FILE, SOURCE, surface
from typer.testing import CliRunner

from trainctl.cli.app import COMMANDS, _summary, app
from trainctl.errors import EXIT_CODES


def test_nothing_changed_by_accident() -> None:
    found, kept = surface().splitlines(), FILE.read_text(encoding="utf-8").splitlines()
    gone = [line for line in kept if line not in found]
    new = [line for line in found if line not in kept]
    assert (gone, new) == ([], []), "meant? then: python tests/cli/surface.py"


def test_codes_are_kebab_case() -> None:
    codes = re.findall(r"^diagnostic (.*)$", FILE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(codes) > 20
    assert [code for code in codes if not re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", code)] == []


def test_the_readme_has_the_same_exit_codes() -> None:
    readme = (SOURCE.parent / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| *(\d+) *\| *(.+?) *\|$", readme, re.MULTILINE)
    assert {int(code) for code, _ in rows} == EXIT_CODES.keys()


def test_the_readme_names_every_command() -> None:
    readme = (SOURCE.parent / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^command (trainctl \w+(?: \w+)?)", Path(FILE).read_text(encoding="utf-8"), re.MULTILINE)
    assert commands
    assert [command for command in commands if command not in readme and not command.endswith(" RUN")] == []


def test_the_help_says_of_each_command_what_its_docstring_says() -> None:
    group = typer.main.get_command(app)
    shown = " ".join(CliRunner().invoke(app, ["--help"]).stdout.split())
    assert list(group.commands) == list(COMMANDS)  # type: ignore[attr-defined]
    for name, place in COMMANDS.items():
        assert f" {name} {_summary(place)}" in shown
        said = " ".join((group.commands[name].help or "").split())  # type: ignore[attr-defined]
        assert place.app or said.startswith(_summary(place).rstrip(".")), name


def test_a_misspelled_command_names_the_likely_one() -> None:
    ended = CliRunner().invoke(app, ["validat"])
    assert ended.exit_code == 2
    assert "'validate'" in ended.output
