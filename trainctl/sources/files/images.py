"""Image files: read, converted to one size and one kind of color, on demand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from trainctl.aliases import Array
from trainctl.components.data_schema import InputSchema
from trainctl.components.dataset import Rows
from trainctl.errors import DataError
from trainctl.sources.reading.inputs import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

ColorMode = Literal["rgb", "grayscale", "rgba"]
Interpolation = Literal["bilinear", "nearest", "bicubic", "lanczos"]

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".jfif", ".bmp", ".gif", ".webp", ".tif", ".tiff"})
CHANNELS: Mapping[ColorMode, int] = {"grayscale": 1, "rgb": 3, "rgba": 4}
COLOR_MODES: Mapping[int, ColorMode] = {channels: mode for mode, channels in CHANNELS.items()}
"""The color mode in which an image has so many channels."""

_PILLOW: Mapping[ColorMode, str] = {"grayscale": "L", "rgb": "RGB", "rgba": "RGBA"}


class ImageFiles(Rows):
    """Images read from files, uint8 (n, height, width, channels).

    Args:
        files: The files.
        size: Height and width, in pixels.
        color_mode: The kind of color.
        interpolation: How to scale an image of another size.
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
        except UnsuitableDepthError as error:
            raise DataError(f"{shown(file)} {error}", hint=_SAVE_IN_BYTES) from error
        except Image.DecompressionBombError as error:
            raise bomb_error(file, error) from error
        except DAMAGED as error:
            raise DataError(
                f"{shown(file)} is an incomplete image: {error}", hint="repair or remove the file"
            ) from error


def bomb_error(file: Path, error: Exception) -> DataError:
    """The error for an image of more pixels than Pillow takes."""
    return DataError(f"{shown(file)} is too large: {error}", hint="scale it down, or remove the file")


class UnsuitableDepthError(ValueError):
    """The pixels are numbers of which no one knows what white is."""


_SAVE_IN_BYTES = "save it with 8 or 16 bits per channel, or use arrays: NPZ"
DAMAGED = (OSError, ValueError, SyntaxError)
"""What Pillow raises for damaged files; SyntaxError for some PNGs."""


def as_array(
    image: Any,
    size: tuple[int, ...],
    color_mode: ColorMode,
    interpolation: Interpolation = "bilinear",
    *,
    crop: bool = False,
) -> Array:
    """Return a Pillow image as uint8 (height, width, channels), turned as its EXIF data says.

    Raises:
        UnsuitableDepthError: Its pixels are 32-bit integers, or floats outside of 0-1.
    """
    import numpy as np
    from PIL import ImageOps

    height, width = size
    image = _in_bytes(ImageOps.exif_transpose(image)).convert(_PILLOW[color_mode])
    image = fitted(image, size, interpolation, crop=crop)
    return np.asarray(image, np.uint8).reshape(height, width, CHANNELS[color_mode])


def fitted(image: Any, size: tuple[int, ...], interpolation: Interpolation, *, crop: bool) -> Any:
    """Return a Pillow image scaled to a height and width; cut to their proportions before, where `crop` says so."""
    from PIL import Image, ImageOps

    height, width = size
    if image.size == (width, height):
        return image
    how = Image.Resampling[interpolation.upper()]
    return ImageOps.fit(image, (width, height), how) if crop else image.resize((width, height), how)


def _in_bytes(image: Any) -> Any:
    """Return the image with 8 bits a pixel: others are scaled by the range of their type, where Pillow would clip them."""
    import numpy as np
    from PIL import Image

    if image.mode.startswith("I;16") or _is_16_bit_png(image):
        return Image.fromarray((np.asarray(image).astype(np.uint32) * 255 // 65535).astype(np.uint8))
    if image.mode == "F":
        pixels = np.asarray(image)
        if not (np.isfinite(pixels).all() and pixels.min() >= 0 and pixels.max() <= 1):
            raise UnsuitableDepthError(
                f"holds floating-point pixels from {pixels.min():g} to {pixels.max():g}, expected 0 to 1"
            )
        return Image.fromarray(np.rint(pixels * 255).astype(np.uint8))
    if image.mode == "I":
        raise UnsuitableDepthError("holds 32-bit integer pixels of unknown range")
    return image


def _is_16_bit_png(image: Any) -> bool:
    """Return whether it is one that Pillow before 11 opens as 32-bit integers."""
    return image.mode == "I" and getattr(image, "format", None) == "PNG"


def unreadable_images(files: Iterable[Path]) -> dict[Path, str]:
    """Return what is wrong with each file that is no image, is visibly cut short, or has pixels of an unsuitable depth.

    The heads of all files are read, the pixels only of those that look damaged or are of an unusual depth.
    """
    found = {}
    for file in files:
        trouble = _trouble_of(file)
        if trouble is not None:
            found[file] = trouble
    return found


def is_image(file: Path) -> bool:
    """Return whether the head of a file is that of an image."""
    from PIL import Image

    try:
        with Image.open(file):
            return True
    except Image.DecompressionBombError:
        return True
    except DAMAGED:
        return False


def _trouble_of(file: Path) -> str | None:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(file) as image:
            if image.mode in {"F", "I"}:
                _in_bytes(image)
            elif _is_cut_short(file, image.format):
                image.load()
    except UnsuitableDepthError as error:
        return str(error)
    except Image.DecompressionBombError as error:
        return f"is too large: {error}"
    except DAMAGED as error:
        return "is not an image" if isinstance(error, UnidentifiedImageError) else f"is an incomplete image: {error}"
    return None


_LAST_BYTES = {"PNG": b"IEND", "JPEG": b"\xff\xd9"}


def _is_cut_short(file: Path, kind: str | None) -> bool:
    """Return whether a file does not end as files of its kind do; some that are whole do not either."""
    ending = _LAST_BYTES.get(kind or "")
    if ending is None:
        return False
    with file.open("rb") as content:
        content.seek(0, 2)
        content.seek(max(0, content.tell() - 64))
        return ending not in content.read()


_BRIGHT = 128  # pixels of 0-255 of a whole training set reach at least half of it


def require_pixels(inputs: Mapping[str, InputSchema]) -> None:
    """See that the model knows pixels of 0-255, as image files hold them.

    Raises:
        DataError: It was trained on other numbers, or no one knows on which.
    """
    for facts in inputs.values():
        if facts.dtype == "uint8":
            continue
        lowest, highest = facts.lowest, facts.highest
        if lowest is None or highest is None:  # of data that is not held in memory, no one looks for the range
            raise DataError(
                f"an image file holds 0 to 255, but the run did not record the range of its {facts.dtype} inputs",
                hint="convert the images to the range used in training and save them as a .npy",
            )
        if not (lowest >= 0 and _BRIGHT <= highest <= 255):
            raise DataError(
                f"the model was trained on numbers from {lowest:g} to {highest:g}, but an image file holds 0 to 255",
                hint="convert the images to that range and save them as a .npy",
            )
