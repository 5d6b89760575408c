"""Repairs: of seeded mistakes, nearly all come back as they were, and none brings a new error."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from trainctl.config.load import load
from trainctl.config.repair import repair
from trainctl.config.text.source import read_source

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
import repair as seeds  # type: ignore[import-not-found]


def test_seeded_mistakes_are_repaired() -> None:
    dice, results = random.Random(1), []
    while len(results) < 25:
        mistake = seeds.seeded(dice)
        if mistake is not None:
            result = repair(mistake.source, seeds.loaded_from)
            assert not seeds.faults(mistake, result), mistake.source.text
            results.append(seeds.is_as_it_was(mistake, result))
    assert sum(results) >= 0.8 * len(results)


MANY = """\
# two mistakes in one component, one of them seen only once its name is known
data: {source: Iris, validation_splt: 0.2}
model: {layers: [{Dens: {unit: 3, activation: sofmax}}]}
compile: {optimizer: {adam: {lr: 0.1}}, loss: sparse_categorical_crossentropy, metrics: [accuracy]}
callbacks: [{EarlyStopping: {monitor: val_acc, patience: "1"}}]
"""


def test_mistakes_behind_mistakes(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(MANY)
    result = repair(read_source("a.yaml", path), lambda source: load("a.yaml", source=source))
    for wrong, right in [
        ("splt", "split"),
        ("Dens:", "Dense:"),
        ("unit:", "units:"),
        ("sofmax", "softmax"),
        ("adam", "Adam"),
        ("val_acc,", "val_accuracy,"),
        ('"1"', "1"),
        ("lr", "learning_rate"),
    ]:
        assert wrong not in result.after.text
        assert right in result.after.text
    assert not result.refused


@pytest.mark.parametrize(
    "typo", ["Conv4D: {filters: 1, kernel_size: 1}", "MaxPoolng4D", "MaxPooling: {}", "BiLSTM: {units: 1}"]
)
def test_what_may_mean_two_things_is_left(tmp_path: Path, typo: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(MANY.replace("{Dens: {unit: 3, activation: sofmax}}", f"{{{typo}}}" if ":" in typo else typo))
    result = repair(read_source("a.yaml", path), lambda source: load("a.yaml", source=source))
    assert typo in result.after.text


@pytest.mark.parametrize(
    ("old", "new"),
    [("monitor: val_acc", "monitor: val_mae"), ("{lr: 0.1", "{decay: 0.1"), ("adam:", "RAdam:")],
)
def test_another_name_is_no_misspelled_one(tmp_path: Path, old: str, new: str) -> None:
    assert old in MANY
    path = tmp_path / "a.yaml"
    path.write_text(MANY.replace(old, new).replace("[accuracy]", "[mse]"))
    result = repair(read_source("a.yaml", path), lambda source: load("a.yaml", source=source))
    assert new in result.after.text


BASE = """\
data: {source: Iris}
model: {layers: [{Dense: {units: 3, activation: softmax}}]}
compile:
  optimizer:
    Adam: {beta_1: 0.8}
  loss: sparse_categorical_crossentropy
fit: {epochs: 7}
"""


@pytest.mark.parametrize(
    ("child", "result"),
    [
        ("\n\nvars:\n  a:\n    b: {c: 1}\ncompile:\n  optimizer:\n    learning_rate: 0.1\n", None),
        (
            "data:\n  test_split: 0.1\nfit:  # f\n  batch_size: 8\n",
            "data:\n  test_split: 0.1\n  batch_size: 8\nfit: {}  # f\n",
        ),
    ],
)
def test_a_file_that_extends_another_keeps_what_it_has_from_there(
    tmp_path: Path, child: str, result: str | None
) -> None:
    (tmp_path / "base.yaml").write_text(BASE)
    path = tmp_path / "a.yaml"
    path.write_text(child + "extends: base.yaml\n")
    after = repair(read_source(str(path), path), lambda source: load(str(path), source=source)).after
    assert after.text == (result or child) + "extends: base.yaml\n"
    assert result is None or load(str(path), source=after).experiment.fit.epochs == 7
