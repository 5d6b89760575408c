"""Images and texts are read as in training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from PIL import Image

from trainctl.data.new.raw_files import images, texts
from trainctl.errors import DataError
from trainctl.sources.image_folder import ImageFolder
from trainctl.sources.mnist import MNIST
from trainctl.sources.text_folder import TextFolder

pytestmark = pytest.mark.tf


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    Image.fromarray(np.arange(8 * 12 * 3, dtype=np.uint8).reshape(8, 12, 3)).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def read(photo: Path, source: Any, *shape: int | None, **facts: Any) -> Any:
    recorded = {"details": {"inputs": {"x": facts}}} if facts else {}
    return images(keras.Input(shape), [photo], source, recorded)[np.array([0])]


def test_an_image_folder_reads_them_itself(photo: Path) -> None:
    folder = ImageFolder(path="x", image_size=(4, 4), color_mode="grayscale", crop_to_aspect_ratio=True)
    stretched = ImageFolder(path="x", image_size=(4, 4), color_mode="grayscale")
    assert read(photo, folder, 4, 4, 1).shape == (1, 4, 4, 1)
    assert (read(photo, folder, 4, 4, 1) != read(photo, stretched, 4, 4, 1)).any()


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_elsewhere_the_model_tells_size_and_colours(photo: Path, channels: int) -> None:
    assert read(photo, MNIST(), 6, 5, channels, dtype="uint8", max=16).shape == (1, 6, 5, channels)


def test_pixels_of_another_range_are_refused(photo: Path) -> None:
    with pytest.raises(DataError, match="trained on numbers from 0 to 16, but an image file holds 0 to 255"):
        read(photo, MNIST(), 6, 5, 1, dtype="float32", min=0.0, max=16.0)
    assert read(photo, MNIST(), 6, 5, 1, dtype="float32", min=0.0, max=255.0).dtype == np.uint8


def test_pixels_of_an_unknown_range_are_refused(photo: Path) -> None:
    with pytest.raises(DataError, match="did not record from where to where its float32 numbers go"):
        read(photo, MNIST(), 6, 5, 1, dtype="float32", shape=[6, 5, 1])
    assert read(photo, MNIST(), 6, 5, 1, dtype="uint8", shape=[6, 5, 1]).dtype == np.uint8


def test_images_of_any_size_are_refused(photo: Path) -> None:
    with pytest.raises(DataError, match="images of any size"):
        read(photo, MNIST(), None, None, 3)


def test_texts(tmp_path: Path) -> None:
    for name, content in (("a.txt", b"\xef\xbb\xbfgood"), ("b.txt", "schön".encode())):
        (tmp_path / name).write_bytes(content)
    assert texts([tmp_path / "a.txt", tmp_path / "b.txt"], TextFolder(path="x")).tolist() == ["good", "schön"]
    (tmp_path / "b.txt").write_bytes("schön".encode("latin-1"))
    with pytest.raises(DataError, match=r"b.txt is not UTF-8 text"):
        texts([tmp_path / "b.txt"], TextFolder(path="x"))
