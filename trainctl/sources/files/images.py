"""Image files: read, converted to one size and one kind of color, on demand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from trainctl.aliases import Array
from trainctl.components.data_schema import InputSchema
from trainctl.components.dataset import Rows
from trainctl.errors import DataError
from trainctl.sources.files.walk import Examined
from trainctl.sources.reading.inputs import shown
from trainctl.text import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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

    @property
    def is_decoded(self) -> bool:
        """Each is a file."""
        return True

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
            raise DataError(f"{shown(file)} {trouble_with(error)}", hint="repair or remove the file") from error


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
        if not np.isfinite(pixels).all():
            raise UnsuitableDepthError("holds floating-point pixels that are not finite, expected 0 to 1")
        if not (pixels.min() >= 0 and pixels.max() <= 1):
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


def examine_images(files: Iterable[Path], color_mode: ColorMode) -> Examined:
    """Find files that are no images, are visibly cut short, or have pixels of an unsuitable depth; and what is left out.

    The heads of all files are read, the pixels only of those that look damaged or are of an unusual depth.
    """
    unreadable: dict[Path, str] = {}
    traits: Counter[str] = Counter()
    for file in files:
        trouble = _trouble_of(file, traits)
        if trouble is not None:
            unreadable[file] = trouble
    notes = [f"{plural(count, 'image')} {_TRAITS[trait]}" for trait, count in traits.items() if trait != _CLEAR]
    if traits[_CLEAR] and color_mode != "rgba":
        notes.append(f"{plural(traits[_CLEAR], 'image')} {_TRAITS[_CLEAR]}")
    return Examined(unreadable, tuple(notes))


_PAGES, _DEEP, _CLEAR = "pages", "deep", "clear"
_TRAITS = {
    _PAGES: "with several frames or pages, of which the first one is read",
    _DEEP: "of 16 bits per pixel, which are scaled to 8",
    _CLEAR: "with transparency, which is not used; color_mode: rgba keeps it",
}


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


def _trouble_of(file: Path, traits: Counter[str]) -> str | None:
    """Return what is wrong with a file; what else there is to say is counted in `traits`."""
    from PIL import Image

    try:
        with Image.open(file) as image:
            if image.mode in {"F", "I"}:
                _in_bytes(image)
            elif _is_cut_short(file, image):
                image.load()
            traits.update(_traits_of(image))
    except Image.DecompressionBombError as error:
        return f"is too large: {error}"
    except DAMAGED as error:
        return trouble_with(error) if not file.exists() or file.stat().st_size else "is empty"
    return None


def trouble_with(error: Exception) -> str:
    """Return why an image could not be read, to follow the file's name."""
    from PIL import UnidentifiedImageError

    if isinstance(error, UnidentifiedImageError):
        return "is not an image"
    if isinstance(error, OSError) and error.errno is not None and error.strerror:
        return f"cannot be read: {error.strerror.lower()}"
    return str(error) if isinstance(error, UnsuitableDepthError) else f"is an incomplete image: {error}"


def _traits_of(image: Any) -> Iterator[str]:
    if getattr(image, "is_animated", False):
        yield _PAGES
    if image.mode.startswith("I;16") or _is_16_bit_png(image):
        yield _DEEP
    if image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info:
        yield _CLEAR


_LAST_BYTES = {"PNG": b"IEND", "JPEG": b"\xff\xd9", "GIF": b";"}
_OFFSETS, _COUNTS = (273, 324), (279, 325)  # of the strips or tiles of a TIFF, and how many bytes each has


def _is_cut_short(file: Path, image: Any) -> bool:
    """Return whether a file does not end as files of its kind do; some that are whole do not either."""
    size = file.stat().st_size
    if image.format == "BMP":
        with file.open("rb") as content:
            return int.from_bytes(content.read(6)[2:], "little") > size
    if image.format == "TIFF":
        tags = image.tag_v2
        offsets, counts = (next((tags[tag] for tag in each if tag in tags), ()) for each in (_OFFSETS, _COUNTS))
        return any(begin + count > size for begin, count in zip(offsets, counts, strict=False))
    ending = _LAST_BYTES.get(image.format or "")
    if ending is None:
        return False
    with file.open("rb") as content:
        content.seek(max(0, size - 64))
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
