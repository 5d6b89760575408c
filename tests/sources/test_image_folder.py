"""New images are read as in training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from trainctl.components.data_schema import DataSchema, InputSchema
from trainctl.components.new_inputs import ModelInput, NewFiles
from trainctl.components.spec import SourceSpec
from trainctl.errors import DataError
from trainctl.sources.image_folder import ImageFolder
from trainctl.sources.mnist import MNIST


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    Image.fromarray(np.arange(8 * 12 * 3, dtype=np.uint8).reshape(8, 12, 3)).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def read(photo: Path, source: SourceSpec, *shape: int | None, **facts: Any) -> Any:
    schema = DataSchema(inputs={"x": InputSchema(**facts)} if facts else {})
    new = NewFiles((photo,), (ModelInput("x", shape, "float32"),), schema)
    reader = source if source.reads else ImageFolder.for_new(new)
    assert reader is not None
    return reader.read_new(new).values[np.array([0])]


def test_an_image_folder_reads_them_itself(photo: Path) -> None:
    folder = ImageFolder(path="x", image_size=(4, 4), color_mode="grayscale", crop_to_aspect_ratio=True)
    stretched = ImageFolder(path="x", image_size=(4, 4), color_mode="grayscale")
    assert read(photo, folder, 4, 4, 1).shape == (1, 4, 4, 1)
    assert (read(photo, folder, 4, 4, 1) != read(photo, stretched, 4, 4, 1)).any()


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_elsewhere_the_model_tells_size_and_colors(photo: Path, channels: int) -> None:
    assert read(photo, MNIST(), 6, 5, channels, dtype="uint8", highest=16.0).shape == (1, 6, 5, channels)


def test_pixels_of_another_range_are_refused(photo: Path) -> None:
    with pytest.raises(DataError, match="trained on numbers from 0 to 16, but an image file holds 0 to 255"):
        read(photo, MNIST(), 6, 5, 1, dtype="float32", lowest=0.0, highest=16.0)
    assert read(photo, MNIST(), 6, 5, 1, dtype="float32", lowest=0.0, highest=255.0).dtype == np.uint8


def test_pixels_of_an_unknown_range_are_refused(photo: Path) -> None:
    with pytest.raises(DataError, match="did not record the range of its float32 inputs"):
        read(photo, MNIST(), 6, 5, 1, dtype="float32", shape=(6, 5, 1))
    assert read(photo, MNIST(), 6, 5, 1, dtype="uint8", shape=(6, 5, 1)).dtype == np.uint8


def test_images_of_any_size_are_refused(photo: Path) -> None:
    with pytest.raises(DataError, match="images of any size"):
        read(photo, MNIST(), None, None, 3)
