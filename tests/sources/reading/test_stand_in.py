"""Images in the place of others, whatever source they come from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from trainctl.components.context import DataContext
from trainctl.components.dataset import Dataset, Samples
from trainctl.errors import DataError
from trainctl.sources.digits import Digits
from trainctl.sources.image_folder import ImageFolder
from trainctl.sources.mnist import MNIST


def folder_of_images(path: Path, mode: str = "L") -> str:
    rng = np.random.default_rng(0)
    for split in ("train", "val", "test"):
        for label in ("a", "b"):
            (path / split / label).mkdir(parents=True)
            for number in range(3):
                Image.fromarray(rng.integers(0, 256, (20, 20), np.uint8)).convert(mode).save(
                    path / split / label / f"{number}.png"
                )
    return str(path)


def test_images_that_are_read_when_they_are_wanted(tmp_path: Path) -> None:
    source = ImageFolder(path=folder_of_images(tmp_path), image_size=(20, 20), color_mode="grayscale")
    data = MNIST().stand_in(source.load(DataContext(print)))
    for part in (data.train, data.validation, data.test):
        assert part is not None
        assert (part.x.shape, part.x.dtype) == ((6, 28, 28, 1), np.uint8)
        assert part.y.tolist() == [0, 0, 0, 1, 1, 1]
    assert data.train.x.std() > 30


def test_arrays_in_memory_give_a_test_part() -> None:
    data = MNIST().stand_in(Digits().load(DataContext(print)))
    assert data.test is not None
    assert len(data.train) > 5 * len(data.test) > 0
    assert data.train.x.max() == 255


def test_what_cannot_stand_in(tmp_path: Path) -> None:
    color = ImageFolder(path=folder_of_images(tmp_path, "RGB"), image_size=(20, 20)).load(DataContext(print))
    texts = Dataset(Samples(np.full((2, 8, 8), "a", object), np.zeros(2, np.int64)))
    several = Dataset(Samples(np.zeros((2, 8, 8)), {"a": np.zeros(2, np.int64), "b": np.zeros(2, np.int64)}))
    numbers = Dataset(Samples(np.zeros((2, 8, 8)), np.zeros(2, np.float32)))
    for data in (color, texts, several, numbers):
        with pytest.raises(DataError, match="the stand-in must have"):
            MNIST().stand_in(data)
