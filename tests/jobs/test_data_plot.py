"""What the picture of a data set shows, by the kind of data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trainctl.config.load import load
from trainctl.jobs import data_plot
from trainctl.jobs.data import understand_experiment, understand_file
from trainctl.jobs.data_plot import plot_data
from trainctl.ui.data_plot import Bars, Curves, Histogram, Panel, Picture, Text


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Panel]:
    """The panels of the picture to come."""
    panels: list[Panel] = []
    monkeypatch.setattr(data_plot, "write_data_plot", lambda found, *_: panels.extend(found))
    return panels


def experiment(folder: Path, source: str, more: str = "") -> Any:
    (folder / "e.yaml").write_text(
        f"seed: 1\ndata: {{source: {source}, validation_split: 0.25{more}}}\nmodel: {{layers: [Flatten, {{Dense: {{units: 10}}}}]}}\n"
        "compile: {loss: sparse_categorical_crossentropy}\n"
    )
    return load(str(folder / "e.yaml"))


def test_a_table(tmp_path: Path, drawn: list[Panel]) -> None:
    rows = "".join(f"{i},{'abc'[i % 3]},2026-01-{i % 28 + 1:02},{i % 2}\n" for i in range(60))
    (tmp_path / "t.csv").write_text(f"age,town,when,label\n{rows}")
    plot_data(understand_file(tmp_path / "t.csv", "label"), tmp_path / "x.png", "t")
    labels, age, town, when = drawn
    assert isinstance(labels, Bars)
    assert isinstance(age, Histogram)
    assert (len(age.values), list(age.classes)) == (2, ["0", "1"])
    assert isinstance(town, Bars)
    assert sum(map(sum, town.counts)) == 48
    assert isinstance(when, Histogram)
    assert when.dates


def test_images_with_their_labels_and_without_tensorflow(tmp_path: Path, drawn: list[Panel]) -> None:
    loaded = experiment(tmp_path, "Digits")
    plot_data(understand_experiment(loaded), tmp_path / "x.png", "t", loaded)
    pictures = [each for each in drawn if isinstance(each, Picture)]
    assert len(pictures) == 40
    assert {each.caption for each in pictures} <= set("0123456789")
    assert max(each.image.max() for each in pictures) <= 1


@pytest.mark.tf
def test_images_are_shown_as_they_are_augmented(tmp_path: Path, drawn: list[Panel]) -> None:
    loaded = experiment(tmp_path, "Digits", ", augment: [{RandomTranslation: {height_factor: 0.5, width_factor: 0.5}}]")
    plot_data(understand_experiment(loaded), tmp_path / "x.png", "t", loaded)
    moved = [each for each in drawn if isinstance(each, Picture)]
    assert len(moved) == 40


def test_masks_stand_beside_their_images(tmp_path: Path, drawn: list[Panel]) -> None:
    x, y = np.zeros((30, 4, 4, 3), np.uint8), np.tile(np.eye(4, dtype=np.int64), (30, 1, 1))
    np.savez(tmp_path / "seg.npz", x=x, y=y)
    plot_data(understand_file(tmp_path / "seg.npz"), tmp_path / "x.png", "t")
    pictures = [each for each in drawn if isinstance(each, Picture)]
    assert pictures[0].image.shape == (4, 4, 3)
    assert pictures[1].image[..., 0].tolist() == np.eye(4).tolist()


def test_texts(tmp_path: Path, drawn: list[Panel]) -> None:
    for name in ("pos", "neg"):
        (tmp_path / "t" / name).mkdir(parents=True)
        for number in range(5):
            (tmp_path / "t" / name / f"{number}.txt").write_text(f"{name} text {number}")
    plot_data(understand_file(tmp_path / "t"), tmp_path / "x.png", "t")
    texts = [each for each in drawn if isinstance(each, Text)]
    assert len(texts) == 8
    assert all(each.text.startswith(each.caption) for each in texts)


def test_series(tmp_path: Path, drawn: list[Panel]) -> None:
    (tmp_path / "s.csv").write_text("a,b\n" + "".join(f"{i},{i * i}\n" for i in range(50)))
    loaded = experiment(tmp_path, "{Timeseries: {path: s.csv, target: a, window: 4}}")
    plot_data(understand_experiment(loaded), tmp_path / "x.png", "t", loaded)
    curves = [each for each in drawn if isinstance(each, Curves)]
    assert [name for name, _ in curves[1].lines] == ["a", "b"]


def test_vectors_and_other_arrays(tmp_path: Path, drawn: list[Panel]) -> None:
    np.savez(tmp_path / "v.npz", x=np.arange(60.0).reshape(20, 3), y=np.arange(20.0))
    plot_data(understand_file(tmp_path / "v.npz"), tmp_path / "x.png", "t")
    assert [each.title for each in drawn] == ["labels", "x[0]", "x[1]", "x[2]"]
