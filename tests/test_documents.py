"""The documents are true: every path, command, option and example in them exists and works."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from workplace import Workplace

import trainctl
from trainctl.cli.app import app
from trainctl.components.extras import Extra

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")
OF_A_RUN = {
    "experiment.yaml",
    "resolved.yaml",
    "run.json",
    "metrics.jsonl",
    "events.jsonl",
    "history.png",
    "model.keras",
    "inference.keras",
    "console.log",
    "best_model.keras",
    "tensorboard/",
    "snapshots/",
    "training.csv",
    "evaluations/",
    "report.html",
    "exports/saved_model/",
}


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def paths(page: str) -> set[str]:
    """What looks like a path of the repository in the page's backticks and links."""
    found = set(re.findall(r"`([\w./-]+(?:\.(?:py|md|yaml|json|toml)|/))`", text(page)))
    return {each for each in found | set(re.findall(r"\]\(([^)#:]+)\)", text(page))) if each not in OF_A_RUN}


@pytest.mark.parametrize("page", PAGES)
def test_every_path_exists(page: str) -> None:
    places = [
        ROOT,
        ROOT / "configs",
        ROOT / "trainctl",
        *(each.parent for each in (ROOT / "trainctl").rglob("__init__.py")),
    ]
    missing = [path for path in paths(page) if not any((place / path).exists() for place in places)]
    assert missing == []


def test_the_architecture_is_one_page() -> None:
    assert len(text("ARCHITECTURE.md").splitlines()) <= 110


def blocks(language: str) -> Iterator[str]:
    yield from re.findall(rf"```{language}\n(.*?)```", text("README.md"), flags=re.DOTALL)


@pytest.mark.parametrize("example", [*blocks("yaml")], ids=range(len([*blocks("yaml")])))
def test_every_example_validates(workplace: Workplace, example: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Extra, "is_installed", True)  # tests/extras/ runs those that need one
    for config in (ROOT / "configs").glob("*.yaml"):  # which an example may extend
        (workplace.folder / config.name).write_text(config.read_text())
    if "layers:" in example or "extends:" in example:
        path = workplace.folder / "example.yaml"
        path.write_text(example)
    else:  # a part of an experiment
        path = workplace.write()
        part = workplace.folder / "part.yaml"
        part.write_text(f"extends: {path.name}\n{example}")
        path = part
    ended = workplace.call("validate", "--no-data", str(path))
    assert ended.exit_code == 0, ended.stderr


@pytest.mark.tf
@pytest.mark.parametrize("example", [each for each in blocks("yaml") if "reuse:" in each])
def test_the_example_of_models_trains(workplace: Workplace, example: str) -> None:
    path = workplace.folder / "example.yaml"
    path.write_text(example)
    last = workplace.train(config=path).history[-1]
    assert {"sum_accuracy", "sum_loss", "size_loss", "val_sum_accuracy"} <= set(last)


@pytest.mark.tf
def test_the_examples_for_python_run(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    workplace.write()
    monkeypatch.chdir(workplace.folder)
    examples = [each for each in blocks("python") if "trainctl.run(" in each]
    assert len(examples) == 2
    for example in examples:
        names: dict[str, trainctl.Run] = {}
        exec(example, names)  # ours
    assert [len(run.history) for run in trainctl.list_runs()] == [4, 5]
    assert names["run"].record["data"]["source"] == "Arrays"


def commands() -> list[list[str]]:
    lines = [line for block in (*blocks("sh"), *blocks("console")) for line in block.splitlines()]
    return [shlex.split(line, comments=True) for line in lines if line.strip().startswith("trainctl ")]


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_every_command_and_option_exists(command: list[str]) -> None:
    known = typer.main.get_command(app)
    for word in command[1:]:
        if hasattr(known, "commands") and word in known.commands:
            known = known.commands[word]
    options = {option for parameter in known.params for option in parameter.opts}
    assert known.name != "trainctl"
    assert [word for word in command if word.startswith("-") and word.split("=")[0] not in {*options, "-"}] == []


def test_the_tour_names_every_command() -> None:
    known = typer.main.get_command(app)
    assert [name for name in known.commands if f"trainctl {name}" not in text("README.md")] == []  # type: ignore[attr-defined]


def test_make_help_lists_every_target() -> None:
    makefile = text("Makefile")
    targets = re.search(r"^\.PHONY: (.*)$", makefile, flags=re.MULTILINE)
    assert targets is not None
    assert [
        name
        for name in targets[1].split()
        if "$" not in name and not re.search(rf"^{name}:.*## ", makefile, flags=re.MULTILINE)
    ] == []


def test_the_version_stands_in_the_changelog() -> None:
    from trainctl import __version__

    assert re.search(r"^## ([\d.]+)", text("CHANGELOG.md"), flags=re.MULTILINE)[1] == __version__  # type: ignore[index]
