"""Images of any size and color become one size and one color mode."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from trainctl.errors import DataError
from trainctl.sources.files.images import (
    CHANNELS,
    COLOR_MODES,
    ColorMode,
    ImageFiles,
    as_array,
    is_image,
    unreadable_images,
)


def half_and_half() -> Image.Image:
    pixels = np.zeros((4, 8, 3), np.uint8)
    pixels[:, 4:] = 200
    return Image.fromarray(pixels)


@pytest.mark.parametrize("color_mode", CHANNELS)
def test_every_color_mode_has_its_channels(color_mode: ColorMode) -> None:
    found = as_array(half_and_half(), (4, 8), color_mode)
    assert (found.shape, found.dtype) == ((4, 8, CHANNELS[color_mode]), np.uint8)
    assert found[0, 0, 0] == 0
    assert found[0, 7, 0] == 200
    assert COLOR_MODES[CHANNELS[color_mode]] == color_mode


def test_an_image_is_stretched_or_cut() -> None:
    stretched = as_array(half_and_half(), (4, 4), "grayscale", "nearest")
    cut = as_array(half_and_half(), (4, 4), "grayscale", "nearest", crop=True)
    assert stretched[0, :, 0].tolist() == cut[0, :, 0].tolist() == [0, 0, 200, 200]
    wide = as_array(half_and_half(), (4, 2), "grayscale", "nearest", crop=True)
    assert wide[0, :, 0].tolist() == [0, 200]


def test_sixteen_bits_become_eight() -> None:
    shades = Image.fromarray(np.array([[0, 65535, 32768]], np.uint16))
    assert as_array(shades, (1, 3), "grayscale")[0, :, 0].tolist() == [0, 255, 127]


def test_files_are_read_in_the_order_asked_for(tmp_path: Path) -> None:
    for shade in (10, 20, 30):
        Image.new("L", (2, 2), shade).save(tmp_path / f"{shade}.png")
    rows = ImageFiles(sorted(tmp_path.iterdir()), (2, 2), "grayscale", "bilinear", crop=False)
    assert rows[np.array([2, 0])][:, 0, 0, 0].tolist() == [30, 10]


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    Image.new("RGB", (64, 64)).save(tmp_path / "a.png")
    whole = (tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(whole[: len(whole) // 2])
    rows = ImageFiles([tmp_path / "a.png"], (64, 64), "rgb", "bilinear", crop=False)
    with pytest.raises(DataError, match=r"a\.png"):
        rows[np.array([0])]


def test_files_that_are_no_images(tmp_path: Path) -> None:
    Image.new("RGB", (2, 2)).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_text("no image")
    assert unreadable_images([tmp_path / "a.png"]) == {}
    assert unreadable_images([tmp_path / "a.png", tmp_path / "b.png"]) == {tmp_path / "b.png": "is not an image"}
    assert [is_image(tmp_path / name) for name in ("a.png", "b.png")] == [True, False]
