"""ImageFolder and TextFolder: classes are folders, files are read when wanted, and a bad file is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from trainctl.components.context import DataContext
from trainctl.components.dataset import Dataset
from trainctl.errors import DataError
from trainctl.events import Event
from trainctl.sources.files.images import ImageFiles
from trainctl.sources.image_folder import ImageFolder
from trainctl.sources.text_folder import TextFolder

CONTEXT = DataContext(emit=print)
RED, BLUE = (255, 0, 0), (0, 0, 255)


def image(path: Path, color: tuple[int, int, int], size: tuple[int, int] = (6, 4)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, color).save(path)


def text(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def images(folder: Path, **arguments: object) -> Dataset:
    return ImageFolder.model_validate({"path": str(folder), "image_size": [4, 6], **arguments}).load(CONTEXT)


def test_images_are_read_when_wanted(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        image(tmp_path / "red" / name, RED)
    image(tmp_path / "blue" / "deep" / "c.jpg", BLUE, (60, 40))
    (tmp_path / "red" / "notes.txt").write_text("no image")
    data = images(tmp_path)
    assert data.class_names == ("blue", "red")
    assert data.train.y.tolist() == [0, 1, 1]
    assert (data.train.x.shape, data.train.x.dtype, data.train.in_memory) == ((3, 4, 6, 3), np.uint8, False)
    assert data.train.x[np.array([2, 0])][:, 0, 0].tolist() == [[255, 0, 0], [0, 0, 254]]  # JPEG is not exact
    assert data.test is None
    assert data.train.take(np.array([2])).x[np.array([0])][0, 0, 0].tolist() == [255, 0, 0]


def test_color_and_crop(tmp_path: Path) -> None:
    stripes = np.zeros((4, 8, 3), np.uint8)
    stripes[:, 2:6] = 255
    (tmp_path / "a").mkdir()
    Image.fromarray(stripes).save(tmp_path / "a" / "s.png")
    grey = images(tmp_path, image_size=[4, 4], color_mode="grayscale", crop_to_aspect_ratio=True)
    assert grey.train.x[np.array([0])].shape == (1, 4, 4, 1)
    assert grey.train.x[np.array([0])].min() == 255  # the middle, cut out
    stretched = images(tmp_path, image_size=[4, 4], color_mode="rgba", interpolation="nearest")
    assert stretched.train.x[np.array([0])][0, 0, :, 0].tolist() == [0, 255, 255, 0]


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("color_mode", ["grayscale", "rgb"])
def test_grey_images_of_16_bits_keep_their_shades(tmp_path: Path, suffix: str, color_mode: str) -> None:
    (tmp_path / "a").mkdir()
    shades = np.array([[0, 257, 30000, 65535]], np.uint16)
    Image.fromarray(shades).save(tmp_path / "a" / f"s{suffix}")
    data = images(tmp_path, image_size=[1, 4], color_mode=color_mode)
    assert data.train.x[np.array([0])][0, 0, :, 0].tolist() == [0, 1, 116, 255]


def test_an_image_that_is_too_large_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image(tmp_path / "red" / "a.png", RED, (40, 40))
    rows = images(tmp_path).train.x
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(DataError, match=r"a\.png is too large: .*1600 pixels"):
        rows[np.array([0])]
    with pytest.raises(DataError, match=r"a\.png is too large"):
        images(tmp_path)


def test_folders_train_and_test_are_the_parts(tmp_path: Path) -> None:
    for part in ("train", "test"):
        image(tmp_path / part / "red" / "a.png", RED)
        image(tmp_path / part / "blue" / "a.png", BLUE)
    data = images(tmp_path)
    assert data.test is not None
    assert (len(data.train), len(data.test)) == (2, 2)
    assert data.test.y.tolist() == [0, 1]


@pytest.mark.parametrize("name", ["val", "valid", "validation"])
def test_a_folder_to_validate_on(tmp_path: Path, name: str) -> None:
    for part in ("train", name):
        image(tmp_path / "images" / part / "red" / "a.png", RED)
        text(tmp_path / "texts" / part / "pos" / "1.txt", "gut")
    for spec in (ImageFolder(path=str(tmp_path / "images")), TextFolder(path=str(tmp_path / "texts"))):
        data = spec.load(CONTEXT)
        assert data.validation is not None
        assert (len(data.train), len(data.validation), data.test) == (1, 1, None)
        assert data.class_names in {("red",), ("pos",)}
        assert spec.brings_validation
    assert not ImageFolder(path=str(tmp_path / "images" / "train")).brings_validation


def test_two_folders_to_validate_on(tmp_path: Path) -> None:
    for part in ("train", "val", "valid"):
        image(tmp_path / part / "red" / "a.png", RED)
    with pytest.raises(DataError, match="holds val and valid: which one is the validation data"):
        images(tmp_path)


def test_the_fingerprint_is_of_the_content(tmp_path: Path) -> None:
    image(tmp_path / "red" / "a.png", RED)
    before = images(tmp_path).fingerprint
    assert images(tmp_path).fingerprint == before
    image(tmp_path / "red" / "a.png", BLUE)
    assert images(tmp_path).fingerprint != before


def test_bad_images_are_named(tmp_path: Path) -> None:
    image(tmp_path / "red" / "a.png", RED, (200, 200))
    (tmp_path / "red" / "b.png").write_text("no image")
    with pytest.raises(DataError, match=r"b\.png is not an image"):
        images(tmp_path)
    whole = (tmp_path / "red" / "a.png").read_bytes()
    (tmp_path / "red" / "b.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match=r"b\.png is an incomplete image"):
        images(tmp_path)
    (tmp_path / "red" / "b.png").write_bytes(whole)
    rows = images(tmp_path).train.x
    assert isinstance(rows, ImageFiles)
    (tmp_path / "red" / "b.png").write_bytes(whole[: len(whole) // 2])  # meanwhile
    with pytest.raises(DataError, match=r"b\.png is an incomplete image"):
        rows[np.array([1])]


def test_all_bad_images_are_listed_or_skipped(tmp_path: Path) -> None:
    image(tmp_path / "red" / "a.png", RED)
    for number in range(25):
        (tmp_path / "red" / f"{number:02}.jpg").write_text("no image")
    with pytest.raises(
        DataError, match=r"^25 files cannot be read: .*00\.jpg is not an image.*19\.jpg.*and 5 more$"
    ) as caught:
        images(tmp_path)
    assert "on_error: skip" in (caught.value.hint or "")
    events: list[Event] = []
    spec = ImageFolder(path=str(tmp_path), on_error="skip")
    assert len(spec.load(DataContext(events.append)).train) == 1
    assert "25 files skipped that cannot be read" in str(events)
    (tmp_path / "red" / "a.png").unlink()
    with pytest.raises(DataError, match="holds no image that can be read"):
        spec.load(CONTEXT)


def test_exif_says_how_an_image_is_turned(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    turned = Image.new("RGB", (6, 4), BLUE)
    turned.paste(RED, (0, 0, 3, 4))  # the left half
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    turned.save(tmp_path / "a" / "p.png", exif=exif)
    pixels = images(tmp_path, image_size=[6, 4]).train.x[np.array([0])][0]
    assert pixels[0, :, 0].tolist() == [255] * 4
    assert pixels[-1, :, 2].tolist() == [255] * 4


@pytest.mark.parametrize("scale", [1.0, 0.25])
def test_floating_point_images_are_scaled_from_0_to_1(tmp_path: Path, scale: float) -> None:
    (tmp_path / "a").mkdir()
    Image.fromarray(np.array([[0, 0.5, 1]], np.float32) * scale).save(tmp_path / "a" / "p.tif")
    pixels = images(tmp_path, image_size=[1, 3], color_mode="grayscale").train.x[np.array([0])]
    assert pixels.ravel().tolist() == np.rint(np.array([0, 127.5, 255]) * scale).tolist()


@pytest.mark.parametrize(
    ("dtype", "highest", "told"),
    [("float32", 300, "floating-point pixels from 0 to 300"), ("int32", 100_000, "32-bit integer pixels")],
)
def test_pixels_of_an_unknown_range_are_refused_before_training(
    tmp_path: Path, dtype: str, highest: float, told: str
) -> None:
    (tmp_path / "a").mkdir()
    Image.fromarray(np.array([[0, highest]], dtype)).save(tmp_path / "a" / "p.tif")
    with pytest.raises(DataError, match=rf"p\.tif holds {told}"):
        images(tmp_path)


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        ImageFolder(path=str(tmp_path / "nowhere")).look(DataContext(print))
    with pytest.raises(DataError, match="has no folder per class"):
        ImageFolder(path=str(tmp_path)).look(DataContext(print))
    (tmp_path / "red").mkdir()
    with pytest.raises(DataError, match="holds no image in its folders"):
        ImageFolder(path=str(tmp_path)).look(DataContext(print))
    image(tmp_path / "blue" / "a.png", BLUE)
    ImageFolder(path=str(tmp_path)).look(DataContext(print))
