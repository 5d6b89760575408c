"""`trainctl data`: a table for people, JSON for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from trainctl.cli.app import app

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
