"""`trainctl data`: a table for people, JSON for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from trainctl.cli.app import app
from trainctl.cli.data import report_lines
from trainctl.jobs.data import DataReport

TABLE = "age,town,copy,label\n" + "".join(
    f"{i * 37 % 11},{'abc'[i % 3]},{['no', 'yes'][i % 2]},{i % 2}\n" for i in range(60)
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "t.csv").write_text(TABLE)
    return tmp_path / "t.csv"


def test_a_table_for_people(table: Path) -> None:
    ended = CliRunner().invoke(app, ["data", str(table), "--label", "label"])
    assert ended.exit_code == 0
    lines = ended.stdout.splitlines()
    assert lines[0] == "CSV: 48 training, 12 validation samples"
    assert lines[2].split() == ["column", "kind", "missing", "distinct", "values", "use"]
    assert lines[3].split("  ")[0] == "age"
    assert "label label: 2 classes: 0 24, 1 24" in lines
    assert any(line.startswith("warning: column 'copy' alone predicts 100% of the held-out labels") for line in lines)


def test_json(table: Path) -> None:
    ended = CliRunner().invoke(app, ["data", str(table), "--label", "label", "--json"])
    report = json.loads(ended.stdout)
    assert [each["name"] for each in report["columns"]] == ["age", "town", "copy"]
    assert report["label"]["name"] == "label"
    [leak] = [each for each in report["warnings"] if each["code"] == "leakage"]
    assert (leak["column"], set(leak)) == ("copy", {"code", "column", "text"})


@pytest.mark.parametrize(
    ("arguments", "code"), [(["none.csv"], 4), (["t.csv", "--label", "labl"], 4), (["e.yaml", "--label", "a"], 2)]
)
def test_mistakes(table: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int) -> None:
    monkeypatch.chdir(table.parent)
    ended = CliRunner().invoke(app, ["data", *arguments])
    assert ended.exit_code == code
    assert "Traceback" not in ended.output


@pytest.mark.parametrize(
    ("arguments", "file"),
    [(["t.csv", "--plot"], "data.png"), (["--plot", "t.csv"], "data.png"), (["t.csv", "--plot", "a.svg"], "a.svg")],
)
def test_a_picture(table: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], file: str) -> None:
    monkeypatch.chdir(table.parent)
    ended = CliRunner().invoke(app, ["data", "--label", "label", *arguments])
    assert ended.exit_code == 0, ended.output
    assert ended.stdout.splitlines()[-1] == f"picture {file}"
    assert (table.parent / file).stat().st_size > 1000


def test_a_picture_and_json(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(table.parent)
    ended = CliRunner().invoke(app, ["data", "t.csv", "--plot", "--json"])
    assert json.loads(ended.stdout)["plot"] == "data.png"


@pytest.mark.parametrize(("file", "code"), [("none/a.png", 7), ("--plot=a.txt", 2)])
def test_a_picture_that_cannot_be_written(table: Path, monkeypatch: pytest.MonkeyPatch, file: str, code: int) -> None:
    monkeypatch.chdir(table.parent)
    arguments = [file] if file.startswith("--") else ["--plot", file]
    ended = CliRunner().invoke(app, ["data", "t.csv", *arguments])
    assert ended.exit_code == code
    assert "Traceback" not in ended.output


def test_the_labels_of_several_outputs(tmp_path: Path) -> None:
    label = {"outputs": {"risk": {"classes": {"no": 3, "yes": 1}}, "cost": {"min": 0.5, "max": 2.0}}}
    lines = list(report_lines(DataReport("NPZ", {"training": 4}, label=label)))
    assert lines[-1] == "label risk: 2 classes: no 3, yes 1; cost: numbers, 0.5 to 2"


def test_an_argument_of_the_source_of_a_file(table: Path) -> None:
    table.write_text("# made by x\n" + table.read_text())
    ended = CliRunner().invoke(app, ["data", str(table), "--label", "label", "-s", "comment='#'"])
    assert ended.exit_code == 0
    assert "label label: 2 classes" in ended.stdout
