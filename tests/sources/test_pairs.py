"""ImageFolder with masks, with images to learn, and with a table of several images for each sample."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError
from workplace import Workplace

from trainctl.components.context import DataContext
from trainctl.components.dataset import Dataset
from trainctl.errors import DataError
from trainctl.events import Event
from trainctl.sources.image_folder import ImageFolder

SIZE = (12, 16)  # height, width
CLASSIFIER = {"Conv2D": {"filters": "${data.num_classes}", "kernel_size": 1, "activation": "softmax"}}


def save(file: Path, pixels: np.ndarray) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(file)


def pairs(folder: Path, count: int = 8, white: int = 255, split: str = "") -> None:
    """Images with a bright square, and masks in which it is `white`."""
    for number in range(count):
        square = np.zeros(SIZE, np.uint8)
        square[number % 4 : number % 4 + 6, 2:9] = 1
        save(folder / "images" / split / f"{number}.jpg", np.stack([square * 200] * 3, -1))
        save(folder / "masks" / split / f"{number}.png", square * white)


def load(folder: Path, events: list[Event] | None = None, ignored: int | None = None, **arguments: Any) -> Dataset:
    given = {"path": str(folder / "images"), "image_size": [12, 16], **arguments}
    told: list[Event] = [] if events is None else events
    context = DataContext(told.append, ignored=frozenset() if ignored is None else frozenset({ignored}))
    return ImageFolder.model_validate(given).load(context)


def test_masks_of_black_and_white(tmp_path: Path) -> None:
    pairs(tmp_path)
    events: list[Event] = []
    data = load(tmp_path, events, masks=str(tmp_path / "masks"))
    assert (data.train.x.shape, data.train.y.shape) == ((8, 12, 16, 3), (8, 12, 16))
    assert np.unique(data.train.y[np.arange(8)]).tolist() == [0, 1]
    assert "hold 0 and 255, which are read as the classes 0 and 1" in str(events)
    pixels = data.train.x[np.array([3])][0, ..., 0] > 100
    assert (pixels == data.train.y[np.array([3])][0]).mean() > 0.95  # over each other
    assert data.label_values is not None
    assert (data.label_values.indices, data.label_values.highest) == ({0, 1}, 1)


def test_white_that_is_ignored_is_no_class(tmp_path: Path) -> None:
    pairs(tmp_path)
    data = load(tmp_path, ignored=255, masks=str(tmp_path / "masks"))
    assert np.unique(data.train.y[np.arange(8)]).tolist() == [0, 255]


def test_splits_names_and_the_fingerprint(tmp_path: Path) -> None:
    for split in ("train", "val", "test"):
        pairs(tmp_path, 3, 1, split)
    spec = ImageFolder(path=str(tmp_path / "images"), masks=str(tmp_path / "masks"))
    assert spec.brings_validation
    data = load(tmp_path, masks=str(tmp_path / "masks"), classes=["ground", "square"])
    assert [part and len(part) for part in (data.train, data.validation, data.test)] == [3, 3, 3]
    assert data.class_names == ("ground", "square")
    save(tmp_path / "masks" / "test" / "1.png", np.zeros(SIZE, np.uint8))
    assert load(tmp_path, masks=str(tmp_path / "masks")).fingerprint != data.fingerprint


def test_unreadable_pairs_are_told_or_skipped(tmp_path: Path) -> None:
    pairs(tmp_path)
    (tmp_path / "images" / "1.jpg").write_text("no image")
    (tmp_path / "masks" / "2.png").write_text("no image")
    with pytest.raises(DataError, match=r"2 files cannot be read: .*1\.jpg is not an image; .*2\.png is not an image"):
        load(tmp_path, masks=str(tmp_path / "masks"))
    data = load(tmp_path, masks=str(tmp_path / "masks"), on_error="skip")
    assert len(data.train) == 6
    assert np.unique(data.train.y[np.arange(6)]).tolist() == [0, 1]


def test_targets_of_another_size_and_color(tmp_path: Path) -> None:
    pairs(tmp_path)
    size = {"target_size": [24, 32], "target_color_mode": "grayscale"}
    data = load(tmp_path, targets=str(tmp_path / "images"), **size)
    assert (data.train.x.shape, data.train.y.shape, data.train.y.dtype) == ((8, 12, 16, 3), (8, 24, 32, 1), np.uint8)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"masks": "m", "targets": "t"}, "set masks or targets, not both"),
        ({"target_size": [4, 4]}, "target_size and target_color_mode need targets"),
        ({"targets": "t", "classes": ["a"]}, "targets are images, which have no classes"),
        ({"masks": "m", "classes": "path"}, "classes names the class of each index"),
        ({"label": "class"}, "label names a column of files:, which is not set"),
        ({"features": ["a", "b"]}, "features names a column of files:, which is not set"),
        ({"files": "f", "classes": ["a"]}, "files lists the labels; remove classes"),
    ],
)
def test_arguments_that_contradict_each_other(arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        ImageFolder.model_validate({"path": "x", **arguments})


def test_a_table_of_masks(tmp_path: Path) -> None:
    pairs(tmp_path)
    (tmp_path / "pairs.csv").write_text("path,mask\n0.jpg,3.png\n1,2.png\n")
    data = load(tmp_path, masks=str(tmp_path / "masks"), files=str(tmp_path / "pairs.csv"), label="mask")
    assert len(data.train) == 2
    square = data.train.y[np.array([0])][0]
    assert square[3:9, 2:9].all()


@pytest.mark.tf
class TestTraining:
    """Runs."""

    def source(self, **arguments: Any) -> dict[str, Any]:
        return {"ImageFolder": {"path": "images", "image_size": [12, 16], **arguments}}

    def test_masks_are_learned_moved_evaluated_and_predicted(self, workplace: Workplace) -> None:
        pairs(workplace.folder, 12)
        run = workplace.train(
            data={
                "source": self.source(masks="masks"),
                "validation_split": 0.25,
                "batch_size": 3,
                "augment": ["RandomFlip"],
            },
            model={"layers": [{"Rescaling": {"scale": "1/255"}}, CLASSIFIER]},
            compile={
                "optimizer": {"Adam": {"learning_rate": 0.5}},
                "loss": "sparse_categorical_crossentropy",
                "metrics": ["accuracy"],
            },
            fit={"epochs": 6},
        )
        assert run.history[-1]["val_accuracy"] > 0.9  # which masks that did not move with their images would not give
        assert run.record["data"]["num_classes"] == 2
        assert str(workplace.folder / "masks") in (run.directory / "resolved.yaml").read_text()
        ended = workplace.call("evaluate", str(run.directory), "--json")
        assert ended.exit_code == 0
        assert workplace.call("predict", str(run.directory), "images", "-o", "answers.npy").exit_code == 0
        answers = np.load(workplace.folder / "answers.npy")
        assert answers.shape == (12, 12, 16, 2)
        assert workplace.call("predict", str(run.directory), "images", "-o", "found/").exit_code == 0
        with Image.open(workplace.folder / "found" / "0.png") as mask:
            assert (np.asarray(mask) == answers.argmax(-1)[0]).all()
        with Image.open(workplace.folder / "masks" / "0.png") as mask:
            assert (answers.argmax(-1)[0] == (np.asarray(mask) > 0)).mean() > 0.9

    def test_a_table_of_two_images(self, workplace: Workplace) -> None:
        pairs(workplace.folder, 8)
        rows = "".join(f"{each}.jpg,{(each + each % 2) % 8}.jpg,{each % 2}\n" for each in range(8))
        (workplace.folder / "pairs.csv").write_text(f"left,right,same\n{rows}")
        (workplace.folder / "images" / "new.csv").write_text("left,right\n0.jpg,1.jpg\n")
        run = workplace.train(
            data={
                "source": self.source(files="pairs.csv", features=["left", "right"], label="same"),
                "validation_split": 0.25,
            },
            model={
                "inputs": {"a": {"column": "left"}, "b": {"column": "right"}},
                "layers": [
                    {"Subtract": None, "from": ["a", "b"]},
                    "Flatten",
                    {"Dense": {"units": 1, "activation": "sigmoid"}},
                ],
            },
            compile={"loss": "binary_crossentropy"},
        )
        ended = workplace.call("predict", str(run.directory), "images/new.csv")
        assert ended.stdout.splitlines()[1].startswith("images/0.jpg,")

    def test_larger_images_are_learned(self, workplace: Workplace) -> None:
        pairs(workplace.folder, 8)
        run = workplace.train(
            data={"source": self.source(targets="images", target_size=[24, 32]), "validation_split": 0.25},
            model={"layers": ["UpSampling2D", {"Conv2D": {"filters": 3, "kernel_size": 1}}]},
            compile={"loss": "mae"},
        )
        assert run.record["data"]["details"]["labels"]["y"]["max"] > 150
        refused = workplace.call("run", "experiment.yaml", "--set", "data.augment=[RandomFlip]")
        assert refused.exit_code == 5
        assert "masks have the image's height and width" in refused.stderr
