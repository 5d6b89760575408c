"""What is understood of some data, without TensorFlow."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trainctl.config.load import load
from trainctl.errors import DataError, UsageError
from trainctl.jobs.data import DataReport, understand_experiment, understand_file

TABLE = "age,town,id,copy,label\n" + "".join(
    f"{i * 37 % 11},{'abc'[i % 3]},{i},{['no', 'yes'][i % 2]},{i % 2}\n" for i in range(60)
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "t.csv").write_text(TABLE)
    return tmp_path / "t.csv"


def columns(report: DataReport) -> dict[str, Any]:
    return {each["name"]: each for each in report.columns}


def test_a_table_with_its_label(table: Path) -> None:
    report = understand_file(table, "label").report
    assert report.samples == {"training": 48, "validation": 12}
    assert list(columns(report)) == ["age", "town", "id", "copy"]
    age, town = columns(report)["age"], columns(report)["town"]
    assert (age["kind"], age["missing"], age["distinct"], age["min"], age["max"]) == ("numeric", 0, 11, 0, 10)
    assert (town["kind"], town["distinct"], sum(count for _, count in town["frequent"])) == ("categorical", 3, 48)
    assert report.label == {"name": "label", "classes": {"0": 24, "1": 24}}
    assert {(each.code, each.column) for each in report.warnings} >= {("leakage", "copy"), ("near-unique", "id")}
    json.dumps(asdict(report))


def test_a_table_without_a_label(table: Path) -> None:
    report = understand_file(table).report
    assert (report.samples, report.label) == ({"training": 60}, {})
    assert list(columns(report)) == ["age", "town", "id", "copy", "label"]
    assert [each.code for each in report.warnings] == ["near-unique"]


@pytest.mark.parametrize(
    ("inputs", "uses"),
    [("", {"age": "scaled", "town": "a 0/1 feature"}), ("inputs: [age], ", {"age": "input of", "town": "not used"})],
)
def test_an_experiment(table: Path, inputs: str, uses: dict[str, str]) -> None:
    (table.parent / "e.yaml").write_text(
        "seed: 1\ndata: {source: {CSV: {path: t.csv, label: label, exclude: [id, copy]}}, validation_split: 0.25, "
        f"test_split: 0.25}}\nmodel: {{{inputs}layers: [{{Dense: {{units: 1, activation: sigmoid}}}}]}}\n"
        "compile: {loss: binary_crossentropy}\n"
    )
    report = understand_experiment(load(str(table.parent / "e.yaml"))).report
    assert report.samples == {"training": 30, "validation": 15, "test": 15}
    assert list(columns(report)) == ["age", "town"]
    assert all(columns(report)[name]["use"].startswith(use) for name, use in uses.items())


def test_arrays(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.zeros((10, 4, 4), np.uint8), y=np.arange(10) % 2)
    report = understand_file(tmp_path / "a.npz").report
    assert report.inputs == ({"name": "x", "dtype": "uint8", "shape": [4, 4], "min": 0, "max": 0},)
    assert report.samples == {"training": 8, "validation": 2}


def test_folders(tmp_path: Path) -> None:
    for name in ("train/a/1.txt", "train/b/1.txt", "val/a/1.txt", "val/b/1.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("good")
    report = understand_file(tmp_path).report
    assert (report.source, report.samples) == ("TextFolder", {"training": 2, "validation": 2})
    assert report.label["classes"] == {"a": 1, "b": 1}


def test_what_cannot_be_described(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="data describes an experiment"):
        understand_file(tmp_path)
    with pytest.raises(DataError, match="does not exist"):
        understand_file(tmp_path / "none.csv")


def test_tensorflow_stays_out_of_it() -> None:
    code = "import sys, trainctl.jobs.data; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("separator", [";", "\t", "|", ","])
def test_the_first_line_tells_the_separator(tmp_path: Path, separator: str) -> None:
    rows = "".join(f"{i}{separator}{i % 2}\n" for i in range(40))
    (tmp_path / "t.csv").write_text(f"a{separator}b\n{rows}")
    assert list(columns(understand_file(tmp_path / "t.csv", "b").report)) == ["a"]


@pytest.mark.parametrize(
    ("file", "hint"), [("a.xlsx", "as CSV"), ("a.npy", "in an experiment"), ("empty", "no file in the folder")]
)
def test_other_files_say_what_to_do(tmp_path: Path, file: str, hint: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.xlsx").write_bytes(b"PK")
    (tmp_path / "a.npy").write_bytes(b"NUMPY")
    with pytest.raises(UsageError) as caught:
        understand_file(tmp_path / file)
    assert hint in str(caught.value.hint)


def test_hints_hold_for_the_command_line(table: Path) -> None:
    with pytest.raises(DataError) as failure:
        understand_file(table.parent / "other" / "x.csv", "label")
    assert str(failure.value.hint).endswith("paths are relative to the working directory")
    with pytest.raises(DataError) as failure:
        understand_file(table, "lable")
    assert "--set" not in str(failure.value.hint)


def test_arguments_of_the_source(table: Path) -> None:
    table.write_text("# made by x\n" + TABLE, encoding="utf-16")
    with pytest.raises(DataError) as failure:
        understand_file(table, "label")
    assert str(failure.value.hint).endswith("set encoding: utf-16, as which it begins (here, as --set argument=value)")
    report = understand_file(table, "label", {"encoding": "utf-16", "comment": "#"}).report
    assert report.samples == {"training": 48, "validation": 12}
    with pytest.raises(UsageError, match="--set: CSV has no argument 'skp'"):
        understand_file(table, "label", {"skp": 1})
    with pytest.raises(UsageError, match="--set skip: Input should be greater"):
        understand_file(table, "label", {"skip": -1})


def test_labels_that_are_all_the_same(table: Path) -> None:
    table.write_text("x,y\n" + "".join(f"{row},a\n" for row in range(20)))
    assert "every label is 'a': nothing can be learned from it" in understand_file(table, "y").report.notices
