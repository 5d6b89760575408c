"""The class index of each pixel of a mask: an image of indices or of one color per class, or an array."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from trainctl.aliases import Array
from trainctl.components.fields import Color
from trainctl.errors import DataError
from trainctl.sources.files.mapped import read_npy

ARRAY = ".npy"
"""The ending of a mask that is an array."""

_MOST = 65_535


class UnsuitableMaskError(ValueError):
    """Its pixels are no class indices."""


class ColoredMaskError(UnsuitableMaskError):
    """Its pixels are colors, of which nobody said what they mean.

    Args:
        colors: Those that occur.
    """

    def __init__(self, colors: frozenset[Color]) -> None:
        super().__init__("holds colors, not class indices")
        self.colors = colors


def in_hex(color: Color) -> str:
    """Return a color as it is written: `#ff8000`."""
    return "#" + "".join(f"{each:02x}" for each in color)


def class_indices(file: Path, colors: Sequence[Color] = ()) -> Array:
    """Return the class index of each pixel, uint8 or int32 (height, width), turned as the EXIF data says.

    Args:
        file: The mask.
        colors: The color of each class; none where pixels are indices.

    Raises:
        UnsuitableMaskError: It holds other colors, fractions or negative numbers, or its compression changes the numbers.
    """
    from PIL import Image

    if file.suffix.lower() == ARRAY:
        return _of_array(file)
    with Image.open(file) as image:
        return _of_image(image, colors)


def _of_array(file: Path) -> Array:
    try:
        pixels = read_npy(file, mapped=False)
    except DataError as error:
        raise UnsuitableMaskError(error.message.partition(" ")[2]) from error
    if pixels.ndim == 3 and pixels.shape[-1] == 1:
        pixels = pixels[..., 0]
    if pixels.ndim != 2 or pixels.dtype.kind not in "biuf":
        raise UnsuitableMaskError(f"has shape {pixels.shape} of {pixels.dtype}, expected numbers (height, width)")
    return _as_indices(pixels)


def _of_image(image: Any, colors: Sequence[Color]) -> Array:
    import numpy as np
    from PIL import ImageOps

    if image.format == "JPEG":
        raise UnsuitableMaskError("is a JPEG, whose compression changes class indices: save the masks as PNG")
    image = ImageOps.exif_transpose(image)
    if colors:
        return _by_color(np.asarray(image.convert("RGB")), colors)
    pixels = np.asarray(image)
    if image.mode in {"LA", "RGB", "RGBA"}:
        shades = pixels[..., : len(image.mode.rstrip("A"))]
        if (shades != shades[..., :1]).any():
            raise ColoredMaskError(_colors_of(shades))
        pixels = shades[..., 0]
    if pixels.ndim != 2:
        raise UnsuitableMaskError(
            f"holds {image.mode} pixels, not class indices: save it with a palette, or in grayscale"
        )
    return _as_indices(pixels)


def _packed(pixels: Array) -> Array:
    """One number for each color, int32 (height, width)."""
    import numpy as np

    packed: Array = pixels.astype(np.int32) @ np.array([1 << 16, 1 << 8, 1], np.int32)
    return packed


def _unpacked(number: int) -> Color:
    return number >> 16, number >> 8 & 255, number & 255


def _colors_of(pixels: Array) -> frozenset[Color]:
    import numpy as np

    return frozenset(_unpacked(int(each)) for each in np.unique(_packed(pixels)))


def _by_color(pixels: Array, colors: Sequence[Color]) -> Array:
    """The index of each pixel's color among `colors`, uint8 (height, width)."""
    import numpy as np

    packed, known = _packed(pixels), _packed(np.array(colors))
    order = np.argsort(known)
    place = np.minimum(np.searchsorted(known[order], packed), len(known) - 1)
    strange = known[order][place] != packed
    if strange.any():
        row, column = np.argwhere(strange)[0]
        color = in_hex(_unpacked(int(packed[row, column])))
        raise UnsuitableMaskError(
            f"has the color {color} in row {row}, column {column}, which mask_colors does not name"
        )
    indices: Array = order[place].astype(np.uint8)
    return indices


def _as_indices(pixels: Array) -> Array:
    import numpy as np

    if pixels.dtype in {np.dtype(bool), np.dtype(np.uint8)}:
        return pixels.astype(np.uint8)
    if pixels.dtype.kind == "f" and (np.floor(pixels) != pixels).any():
        raise UnsuitableMaskError("holds fractions, not class indices")
    lowest, highest = pixels.min(), pixels.max()
    if lowest < 0 or highest > _MOST:
        raise UnsuitableMaskError(f"holds {lowest:g} to {highest:g}, expected class indices from 0 to {_MOST:,}")
    return pixels.astype(np.int32)
