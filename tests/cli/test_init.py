"""`trainctl init`: a new file, what it says on the screen, and what it refuses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from workplace import Workplace

PENGUINS = Path(__file__).parents[2] / "configs" / "data" / "penguins.csv"


@pytest.mark.tf
def test_from_model(workplace: Workplace) -> None:
    import keras

    folder = workplace.folder
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.save(folder / "flowers.keras")
    ended = workplace.call("init", "--from-model", "flowers.keras")
    assert (ended.exit_code, ended.stderr) == (0, "")
    assert ended.stdout.splitlines()[0] == "wrote flowers.yaml"
    checked = workplace.call("validate", "--build", "flowers.yaml")
    assert checked.exit_code == 0, checked.stderr
    again = workplace.call("init", "--from-model", "flowers.keras")
    assert (again.exit_code, "flowers.yaml exists and is kept" in again.stderr) == (7, True)
    shown = workplace.call("init", "--from-model", "flowers.keras", "-o", "-")
    assert "- Dense: {units: 3, activation: softmax}" in shown.stdout
    listed = workplace.call("init", "--from-model", "flowers.keras", "-o", "other.yaml", "--json")
    assert json.loads(listed.stdout)["files"] == ["other.yaml"]


@pytest.mark.tf
def test_code_in_a_model_is_named_at_its_line_and_not_run(workplace: Workplace) -> None:
    import keras

    model = keras.Sequential([keras.Input((4,)), keras.layers.Lambda(lambda x: x * 2), keras.layers.Dense(1)])
    model.save(workplace.folder / "code.keras")
    ended = workplace.call("init", "--from-model", "code.keras")
    assert ended.exit_code == 3
    assert "Lambda holds Python code, which is not read" in ended.stderr
    assert "with @trainctl.layer" in ended.stderr
    line = int(ended.stderr.split(":")[1])
    assert "- Lambda" in (workplace.folder / "code.yaml").read_text().splitlines()[line - 1]


def test_no_model(workplace: Workplace) -> None:
    ended = workplace.call("init", "--from-model", "nothing.keras")
    assert (ended.exit_code, "does not exist" in ended.stderr) == (4, True)


def test_a_table_without_a_label_gets_suggestions(workplace: Workplace) -> None:
    shutil.copy(PENGUINS, workplace.folder)
    ended = workplace.call("init", "--data", "penguins.csv")
    assert ended.exit_code == 2
    assert "--label COLUMN" in ended.stderr
    assert "it may be species" in ended.stderr


@pytest.mark.tf
def test_from_data_and_from_its_run(workplace: Workplace) -> None:
    shutil.copy(PENGUINS, workplace.folder)
    (workplace.folder / "sub").mkdir()
    assert workplace.call("init", "--data", "penguins.csv", "--label", "species", "-o", "sub/birds.yaml").exit_code == 0
    config = workplace.folder / "sub" / "birds.yaml"
    assert "path: ../penguins.csv" in config.read_text()
    run = workplace.train("-s", "fit.epochs=12", "-s", "compile.optimizer.learning_rate=0.01", config=config)
    assert run.record["status"] == "done"
    again = workplace.call("init", "--from", "latest", "-o", "again.yaml")
    assert again.exit_code == 0
    text = (workplace.folder / "again.yaml").read_text()
    assert run.directory.name in text.splitlines()[0]
    assert "learning_rate: 0.01" in text
    assert workplace.call("validate", "again.yaml").exit_code == 0


def test_what_lies_beside_is_missed_on_stdout(workplace: Workplace) -> None:
    ended = workplace.call("init", "table", "-o", "-")
    assert (ended.exit_code, "table.csv is not written" in ended.stderr) == (0, True)
    assert "path: table.csv" in ended.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "init needs a TEMPLATE"),
        (["table", "--data", "x.csv"], "only one of TEMPLATE, --data"),
        (["table", "--label", "y"], "--label is for --data"),
        (["table", "-s", "separator=;"], "--set is for --data"),
        (["table", "-o", "-", "--json"], "both write to stdout"),
        (["tabel"], "did you mean table?"),
        (["new.yaml", "--data", "a.csv"], "written: -o new.yaml"),
    ],
)
def test_one_thing_to_begin_with(workplace: Workplace, arguments: list[str], said: str) -> None:
    ended = workplace.call("init", *arguments)
    assert (ended.exit_code, said in ended.stderr) == (2, True)
