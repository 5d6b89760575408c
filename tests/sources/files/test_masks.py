"""The pixels of masks are class indices, whatever kind of image they are in; what is none is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from trainctl.components.context import DataContext
from trainctl.errors import DataError
from trainctl.events import Event, Notice
from trainctl.sources.files.masks import MaskFiles, look_at, require_no_colors, tell_masks

CLASSES = np.array([[0, 1], [2, 3]], np.uint8)


def palette() -> Image.Image:
    image = Image.fromarray(CLASSES)
    image.putpalette([200, 0, 0, 0, 200, 0, 0, 0, 200, 9, 9, 9] + [0] * 756)
    return image


MODES = {
    "gray": Image.fromarray(CLASSES),
    "palette": palette(),
    "rgb": Image.fromarray(np.stack([CLASSES] * 3, -1)),
    "rgba": Image.fromarray(np.stack([CLASSES] * 3 + [np.full_like(CLASSES, 255)], -1)),
    "16 bits": Image.fromarray(CLASSES.astype(np.uint16)),
    "32 bits": Image.fromarray(CLASSES.astype(np.int32)),
    "floats": Image.fromarray(CLASSES.astype(np.float32)),
}


def image_of(folder: Path, size: tuple[int, int] = (2, 2)) -> Path:
    Image.new("RGB", size).save(folder / "image.png")
    return folder / "image.png"


@pytest.mark.parametrize("mode", MODES)
def test_kinds_of_images(tmp_path: Path, mode: str) -> None:
    file = tmp_path / "mask.tif"
    MODES[mode].save(file)
    looked = look_at([(image_of(tmp_path), file)])
    assert (looked.values, looked.unreadable) == ({0, 1, 2, 3}, {})
    rows = MaskFiles([file], (2, 2), False, 3, False)
    assert rows[np.array([0])].tolist() == [CLASSES.tolist()]
    large = MaskFiles([file], (4, 4), False, 3, False)[np.array([0])]
    assert np.unique(large).tolist() == [0, 1, 2, 3]  # none is made up between them


def test_black_and_white(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 255]], np.uint8)).save(tmp_path / "m.png")
    Image.fromarray(np.array([[False, True]])).save(tmp_path / "b.png")
    image = image_of(tmp_path, (2, 1))
    assert look_at([(image, tmp_path / "m.png")]).are_black_and_white
    assert look_at([(image, tmp_path / "b.png")]).values == {0, 1}
    assert MaskFiles([tmp_path / "m.png"], (1, 2), False, 255, True)[np.array([0])].tolist() == [[[0, 1]]]


def test_class_indices_above_255(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 700]], np.uint16)).save(tmp_path / "m.png")
    assert look_at([(image_of(tmp_path, (2, 1)), tmp_path / "m.png")]).values == {0, 700}
    rows = MaskFiles([tmp_path / "m.png"], (1, 2), False, 700, False)
    assert (rows.dtype, rows[np.array([0])].tolist()) == (np.int32, [[[0, 700]]])


@pytest.mark.parametrize(
    ("name", "pixels", "told"),
    [
        ("m.jpg", CLASSES, "is a JPEG, whose compression changes class indices"),
        ("m.tif", np.array([[0.5, 1], [0, 0]], np.float32), "holds fractions"),
        ("m.tif", np.array([[-1, 1], [0, 0]], np.int32), "holds -1 to 1, expected class indices from 0"),
        ("m.png", np.zeros((2, 6), np.uint8), "is 6×2 pixels, but its image 2×2"),
    ],
)
def test_what_is_no_mask(tmp_path: Path, name: str, pixels: np.ndarray, told: str) -> None:
    Image.fromarray(pixels).save(tmp_path / name)
    [found] = look_at([(image_of(tmp_path), tmp_path / name)]).unreadable.values()
    assert told in found


def test_a_mask_lies_over_an_image_that_exif_turns(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 20)).save(tmp_path / "i.jpg", exif=exif)
    for name, size in (("as-shown", (20, 40)), ("as-stored", (40, 20))):
        Image.new("L", size).save(tmp_path / f"{name}.png")
    assert not look_at([(tmp_path / "i.jpg", tmp_path / "as-shown.png")]).unreadable
    assert look_at([(tmp_path / "i.jpg", tmp_path / "as-stored.png")]).unreadable


def test_a_damaged_mask_is_named(tmp_path: Path) -> None:
    (tmp_path / "m.png").write_text("no image")
    assert look_at([(image_of(tmp_path), tmp_path / "m.png")]).unreadable == {tmp_path / "m.png": "is not an image"}
    with pytest.raises(DataError, match=r"m\.png is not an image"):
        MaskFiles([tmp_path / "m.png"], (2, 2), False, 1, False)[np.array([0])]


@pytest.mark.parametrize(
    ("values", "ignored", "told"),
    [
        ({0, 1, 255}, (), "if 255 marks pixels without a class, set ignore_class: 255"),
        ({0, 1, 255}, (255,), None),
        ({0, 1, 2}, (), None),
        ({0, 100, 200}, (), "which makes 201 classes; number them 0, 1, 2"),
    ],
)
def test_what_the_classes_are_is_told(values: set[int], ignored: tuple[int, ...], told: str | None) -> None:
    events: list[Event] = []
    context = DataContext(events.append, ignored=frozenset(ignored))
    tell_masks("masks", frozenset(values), (), context, white_is_1=False)
    messages = [event.message for event in events if isinstance(event, Notice)]
    assert (told is None and not messages) or (told is not None and told in messages[0])


def test_more_classes_than_names(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds class index 2, but classes names 2 classes"):
        tell_masks("masks", frozenset({0, 2}), ("a", "b"), DataContext(emit=print), white_is_1=False)


COLORS = np.array([[[255, 0, 0], [0, 0, 0]]], np.uint8).repeat(2, 0)


def test_colors_are_classes_where_they_are_named(tmp_path: Path) -> None:
    Image.fromarray(COLORS).save(tmp_path / "m.png")
    Image.fromarray(COLORS).quantize(2).save(tmp_path / "p.png")
    pairs = [(image_of(tmp_path), tmp_path / name) for name in ("m.png", "p.png")]
    found = look_at(pairs[:1])
    assert (found.values, found.unreadable, found.colors) == (set(), {}, {(0, 0, 0), (255, 0, 0)})
    with pytest.raises(DataError) as failure:
        require_no_colors("masks", found.colors)
    assert str(failure.value.hint).endswith('mask_colors: ["#000000", "#ff0000"]')
    colors = ((255, 0, 0), (9, 9, 9), (0, 0, 0))
    assert look_at(pairs, colors).values == {0, 2}
    rows = MaskFiles([file for _, file in pairs], (2, 2), False, 2, False, colors)
    assert rows[np.array([0, 1])].tolist() == [[[0, 2], [0, 2]]] * 2
    [trouble] = look_at(pairs[:1], ((0, 0, 0),)).unreadable.values()
    assert trouble == "has the color #ff0000 in row 0, column 0, which mask_colors does not name"
    with pytest.raises(DataError, match="hold 65 colors, such as #000000, #000100 and #000200, not class indices"):
        require_no_colors("masks", frozenset((0, green, 0) for green in range(65)))


def test_arrays_are_masks(tmp_path: Path) -> None:
    np.save(tmp_path / "m.npy", CLASSES[..., None].astype(np.int64))
    np.save(tmp_path / "deep.npy", np.zeros((2, 2, 3)))
    (tmp_path / "bad.npy").write_text("no array")
    image = image_of(tmp_path)
    found = look_at([(image, tmp_path / name) for name in ("m.npy", "deep.npy", "bad.npy")])
    assert found.values == {0, 1, 2, 3}
    assert found.unreadable == {
        tmp_path / "deep.npy": "has shape (2, 2, 3) of float64, expected numbers (height, width)",
        tmp_path / "bad.npy": "is not an .npy file",
    }
    assert MaskFiles([tmp_path / "m.npy"], (2, 2), False, 3, False)[np.array([0])].tolist() == [CLASSES.tolist()]
