"""Small images of samples as text: made here from arrays, and made anew from what a run directory holds."""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from trainctl.aliases import Array

if TYPE_CHECKING:
    from PIL.Image import Image

_MOST = 10
_SIDE = 96  # pixels
_LONGEST = 64 * 1024  # characters of one that is read


def thumbnails(images: Array) -> list[str]:
    """Return images as PNG in base64, no side longer than 96 pixels, each from its darkest value to its brightest.

    Args:
        images: Numbers (n, height, width, channels); the first ten are taken. Of four channels the last is left out.
    """
    from PIL import Image

    return [_encode(Image.fromarray(pixels)) for pixels in map(_as_pixels, images[:_MOST])]


def _as_pixels(image: Array) -> Array:
    import numpy as np

    values = np.nan_to_num(np.asarray(image, np.float64), posinf=0.0, neginf=0.0)[..., :3]
    low, high = values.min(), values.max()
    pixels: Array = ((values - low) / ((high - low) or 1.0) * 255).astype(np.uint8)
    grey: Array = pixels[..., 0]
    return grey if pixels.shape[-1] < 3 else pixels


def _encode(image: Image) -> str:
    image.thumbnail((_SIDE, _SIDE))
    written = io.BytesIO()
    image.save(written, "PNG")
    return base64.b64encode(written.getvalue()).decode()


def data_urls(recorded: Sequence[str]) -> list[str]:
    """Return recorded thumbnails as data URLs of images that are made anew; none where one of them is no such image."""
    try:
        return [f"data:image/png;base64,{_encode(image)}" for image in _decoded(recorded[:_MOST])]
    except (binascii.Error, OSError, SyntaxError, ValueError):  # what Pillow raises of files that are none
        return []


def _decoded(recorded: Iterable[str]) -> Iterator[Image]:
    from PIL import Image

    for text in recorded:
        if len(text) > _LONGEST:
            raise ValueError("too large for a thumbnail")
        image = Image.open(io.BytesIO(base64.b64decode(text, validate=True)), formats=["PNG"])
        if max(image.size) > _SIDE:  # known before anything is unpacked
            raise ValueError("too large for a thumbnail")
        image.load()
        yield image.convert("RGB")
