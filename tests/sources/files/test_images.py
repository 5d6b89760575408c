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
    examine_images,
    is_image,
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
    (tmp_path / "c.png").touch()
    (tmp_path / "d.png").symlink_to(tmp_path / "gone.png")
    assert unreadable(tmp_path, "a.png") == {}
    assert unreadable(tmp_path, "a.png", "b.png", "c.png", "d.png") == {
        "b.png": "is not an image",
        "c.png": "is empty",
        "d.png": "cannot be read: no such file or directory",
    }
    assert [is_image(tmp_path / name) for name in ("a.png", "b.png")] == [True, False]


def unreadable(folder: Path, *names: str) -> dict[str, str]:
    return {file.name: why for file, why in examine_images([folder / name for name in names], "rgb").unreadable.items()}


@pytest.mark.parametrize("ending", ["png", "jpg", "gif", "bmp", "tif", "webp"])
def test_a_file_that_is_cut_short_is_found_before_training(tmp_path: Path, ending: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (80, 80, 3), np.uint8)
    file = tmp_path / f"a.{ending}"
    Image.fromarray(pixels).save(file)
    assert unreadable(tmp_path, file.name) == {}
    file.write_bytes(file.read_bytes()[:1500])
    assert "is an incomplete image" in unreadable(tmp_path, file.name)[file.name]


def test_what_is_left_out_of_images_is_told(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (4, 4), color) for color in ("red", "blue")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    Image.fromarray(np.zeros((4, 4), np.uint16)).save(tmp_path / "b.png")
    Image.new("RGBA", (4, 4)).save(tmp_path / "c.png")
    files = [tmp_path / name for name in ("a.gif", "b.png", "c.png")]
    notes = examine_images(files, "rgb").notes
    assert [note.split(",")[0] for note in notes] == [
        "1 image with several frames or pages",
        "1 image of 16 bits per pixel",
        "1 image with transparency",
    ]
    assert len(examine_images(files, "rgba").notes) == 2
