"""What differs between two experiments: only what means something else, with its places."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from shelf import record
from workplace import Workplace

from trainctl.config.difference import differences
from trainctl.config.load import load

TEXT = """\
name: one
data: {source: Iris, validation_split: 0.2}
model: {layers: [Flatten, {Dense: {units: 8}}, {Dense: {units: 3, activation: softmax}}]}
compile: {optimizer: adam, loss: sparse_categorical_crossentropy}
fit: {epochs: 2}
callbacks: [{EarlyStopping: {patience: 1}}]
"""


def paths(folder: Path, old: str, new: str) -> list[str]:
    (folder / "a.yaml").write_text(TEXT)
    assert old in TEXT
    (folder / "b.yaml").write_text(TEXT.replace(old, new))
    found = differences(load(str(folder / "a.yaml")), load(str(folder / "b.yaml")))
    return [each.path for each in found]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("adam", "{Adam: {learning_rate: 1e-3}}"),
        ("adam", "Adam"),
        ("Flatten", "{Flatten: null}"),
        ("epochs: 2", "epochs: 2, validation_freq: 1"),
        ("patience: 1", "patience: 1, monitor: val_loss"),
        ("Iris,", "Iris, batch_size: 32,"),
    ],
)
def test_what_means_the_same_is_not_told(tmp_path: Path, old: str, new: str) -> None:
    assert paths(tmp_path, old, new) == []


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("adam", "sgd", "compile.optimizer"),
        ("adam", "{Adam: {learning_rate: 0.1}}", "compile.optimizer.learning_rate"),
        ("units: 8", "units: 9", "model.layers.1.Dense.units"),
        ("patience: 1", "patience: 2", "callbacks.EarlyStopping.patience"),
        ("epochs: 2", "epochs: 2, class_weight: balanced", "fit.class_weight"),
        ("[Flatten, {Dense", "[Flatten, ReLU, {Dense", "model.layers.ReLU"),
    ],
)
def test_what_differs_is_told(tmp_path: Path, old: str, new: str, path: str) -> None:
    assert path in paths(tmp_path, old, new)


def test_the_command_shows_both_places(workplace: Workplace) -> None:
    first, second = workplace.write("a.yaml", fit={"epochs": 2}), workplace.write("b.yaml", fit={"epochs": 3})
    ended = workplace.call("explain", "--diff", str(first), str(second))
    assert (ended.exit_code, ended.stdout.splitlines()[0]) == (0, "fit.epochs")
    assert "  - 2  # " in ended.stdout
    (told,) = json.loads(workplace.call("explain", "--diff", str(first), str(second), "--json").stdout)["differences"]
    assert (told["path"], told["before"]["value"], told["after"]["value"]) == ("fit.epochs", 2, 3)
    assert workplace.call("explain", "--diff", str(first), str(first)).stdout == "no setting differs\n"
    assert workplace.call("explain", "--diff", "no-such-run", str(first)).exit_code == 7


def test_another_order_is_told(tmp_path: Path) -> None:
    layers = "[Flatten, {Dropout: {rate: 0.5}}, ReLU, {Dense: {units: 3, activation: softmax}}]"
    first, second = "{Dropout: {rate: 0.5}}, ReLU", "ReLU, {Dropout: {rate: 0.5}}"
    text = TEXT.replace(TEXT.partition("layers: ")[2].partition("}\ncompile")[0], layers)
    for name, each in (("a", text), ("b", text.replace(first, second))):
        (tmp_path / f"{name}.yaml").write_text(each)
    (found,) = differences(load(str(tmp_path / "a.yaml")), load(str(tmp_path / "b.yaml")))
    assert found.path == "model.layers"
    assert found.before is not None
    assert found.after is not None
    assert found.before.value == ["Flatten", "Dropout", "ReLU", "Dense"]
    assert found.after.value == ["Flatten", "ReLU", "Dropout", "Dense"]


def test_a_run_is_as_it_was_recorded(workplace: Workplace) -> None:
    directory = record(workplace.folder / "runs", "20260101-120000-aaaaaa")
    first = workplace.write("a.yaml", fit={"epochs": 2})
    (directory / "resolved.yaml").write_text(first.read_text())
    ended = workplace.call("explain", "--diff", directory.name, str(first), "--set", "fit.epochs=5")
    path, before, after = ended.stdout.splitlines()
    assert (path, before.split("#")[0], after.split("#")[0]) == ("fit.epochs", "  - 2  ", "  + 5  ")
