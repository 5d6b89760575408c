"""Image files: read, brought to one size and one kind of colour, when they are wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from trainctl.aliases import Array
from trainctl.components.data_schema import InputSchema
from trainctl.components.dataset import Rows
from trainctl.errors import DataError
from trainctl.sources.reading.inputs import shown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

ColorMode = Literal["rgb", "grayscale", "rgba"]
Interpolation = Literal["bilinear", "nearest", "bicubic", "lanczos"]

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"})
CHANNELS: Mapping[ColorMode, int] = {"grayscale": 1, "rgb": 3, "rgba": 4}
COLOR_MODES: Mapping[int, ColorMode] = {channels: mode for mode, channels in CHANNELS.items()}
"""The color mode in which an image has so many channels."""

_PILLOW: Mapping[ColorMode, str] = {"grayscale": "L", "rgb": "RGB", "rgba": "RGBA"}


class ImageFiles(Rows):
    """Images read from files, uint8 (n, height, width, channels).

    Args:
        files: The files.
        size: Height and width, in pixels.
        color_mode: The kind of colour.
        interpolation: How an image of another size is scaled.
        crop: Whether to cut its middle out in the right proportions, rather than to stretch it.
    """

    def __init__(
        self,
        files: Sequence[Path],
        size: tuple[int, int],
        color_mode: ColorMode,
        interpolation: Interpolation,
        crop: bool,
    ) -> None:
        super().__init__((len(files), *size, CHANNELS[color_mode]), "uint8")
        self._files, self._color_mode = files, color_mode
        self._interpolation, self._crop = interpolation, crop

    def __getitem__(self, indices: NDArray[np.int64]) -> Array:
        import numpy as np

        result = np.empty((len(indices), *self.shape[1:]), np.uint8)
        for place, index in enumerate(indices):
            result[place] = self._read(self._files[int(index)])
        return result

    def _read(self, file: Path) -> Array:
        from PIL import Image

        try:
            with Image.open(file) as image:
                return as_array(image, self.shape[1:3], self._color_mode, self._interpolation, crop=self._crop)
        except Image.DecompressionBombError as error:
            raise _too_large(file, error) from error
        except (OSError, ValueError, SyntaxError) as error:  # SyntaxError is what Pillow raises for some damaged PNGs
            raise DataError(
                f"{shown(file)} is an incomplete image: {error}", hint="repair or remove the file"
            ) from error


def as_array(
    image: Any,
    size: tuple[int, ...],
    color_mode: ColorMode,
    interpolation: Interpolation = "bilinear",
    *,
    crop: bool = False,
) -> Array:
    """A Pillow image as uint8 (height, width, channels)."""
    import numpy as np
    from PIL import Image, ImageOps

    height, width = size
    image = _in_bytes(image).convert(_PILLOW[color_mode])
    if image.size != (width, height):
        how = Image.Resampling[interpolation.upper()]
        image = ImageOps.fit(image, (width, height), how) if crop else image.resize((width, height), how)
    return np.asarray(image, np.uint8).reshape(height, width, CHANNELS[color_mode])


def _in_bytes(image: Any) -> Any:
    """The image with 16 bits a pixel brought to 8, which Pillow would cut off at 255."""
    import numpy as np
    from PIL import Image

    if not image.mode.startswith("I;16"):
        return image
    return Image.fromarray((np.asarray(image).astype(np.uint32) * 255 // 65535).astype(np.uint8))


def _too_large(file: Path, error: Exception) -> DataError:
    return DataError(f"{shown(file)} is too large: {error}", hint="scale it down, or remove the file")


def first_unreadable(files: Sequence[Path]) -> DataError | None:
    """What is wrong with the first file whose head is not that of an image; `None` where every one is."""
    from PIL import Image

    for file in files:
        try:
            with Image.open(file):
                pass
        except Image.DecompressionBombError as error:
            return _too_large(file, error)
        except OSError as error:
            return DataError(f"{shown(file)} is not an image: {error}", hint="repair or remove the file")
    return None


_BRIGHT = 128  # pixels of 0-255 of a whole training set reach at least half of it


def require_pixels(inputs: Mapping[str, InputSchema]) -> None:
    """See that the model knows pixels of 0-255, as image files hold them.

    Raises:
        DataError: It was trained on other numbers, or nobody knows on which.
    """
    for facts in inputs.values():
        if facts.dtype == "uint8":
            continue
        lowest, highest = facts.lowest, facts.highest
        if lowest is None or highest is None:  # of data that is not held in memory, nobody looks for the range
            raise DataError(
                f"an image file holds 0 to 255, but the run did not record the range of its {facts.dtype} numbers",
                hint="bring the images to the numbers of training and give them as a .npy",
            )
        if not (lowest >= 0 and _BRIGHT <= highest <= 255):
            raise DataError(
                f"the model was trained on numbers from {lowest:g} to {highest:g}, but an image file holds 0 to 255",
                hint="bring the images to those numbers and give them as a .npy",
            )
