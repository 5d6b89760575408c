"""Masks: images whose pixels are class indices."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainctl.aliases import Array
from trainctl.components.dataset import Rows
from trainctl.errors import DataError
from trainctl.events import Notice
from trainctl.sources.files.images import DAMAGED, bomb_error, fitted, trouble_with
from trainctl.sources.files.walk import listed
from trainctl.sources.reading.inputs import shown
from trainctl.text import plural

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trainctl.components.context import DataContext

WHITE = 255
_READERS = 8
_SAME_SHAPE = 0.02  # of the ratio of height to width: what rounding to whole pixels makes of it


class UnsuitableMaskError(ValueError):
    """Its pixels are no class indices."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What was seen of masks.

    Args:
        values: The class indices that occur.
        unreadable: What is wrong with each mask that cannot be used.
    """

    values: frozenset[int] = frozenset()
    unreadable: dict[Path, str] = field(default_factory=dict)

    @property
    def are_black_and_white(self) -> bool:
        """Whether they hold 0 and 255 only."""
        return WHITE in self.values and self.values <= {0, WHITE}


class MaskFiles(Rows):
    """Masks read from files, uint8 or int32 (n, height, width); scaled by the nearest pixel, so that no class is made up.

    Args:
        files: The files.
        size: Height and width, in pixels.
        crop: Whether to cut the middle out in the right proportions, as of the images.
        highest: The highest class index, before white becomes 1.
        white_is_1: Whether white, 255, is class 1.
    """

    def __init__(
        self, files: Sequence[Path], size: tuple[int, int], crop: bool, highest: int, white_is_1: bool
    ) -> None:
        super().__init__((len(files), *size), "uint8" if highest <= WHITE else "int32")
        self._files, self._crop, self._white_is_1 = files, crop, white_is_1

    def __getitem__(self, indices: NDArray[np.int64]) -> Array:
        import numpy as np

        result = np.empty((len(indices), *self.shape[1:]), self.dtype)
        for place, index in enumerate(indices):
            result[place] = self._read(self._files[int(index)])
        return (result == WHITE).astype(self.dtype) if self._white_is_1 else result

    def _read(self, file: Path) -> Array:
        import numpy as np
        from PIL import Image

        try:
            with Image.open(file) as image:
                mask = Image.fromarray(_indices(image))
            height, width = self.shape[1:]
            return np.asarray(fitted(mask, (height, width), "nearest", crop=self._crop))
        except Image.DecompressionBombError as error:
            raise bomb_error(file, error) from error
        except DAMAGED as error:
            raise DataError(f"{shown(file)} {_trouble(error)}", hint="repair or remove the file") from error


def look_at(pairs: Sequence[tuple[Path, Path]]) -> Looked:
    """Read all masks once.

    Args:
        pairs: Each image with its mask.
    """
    with ThreadPoolExecutor(_READERS) as readers:
        seen = list(readers.map(_look, pairs, chunksize=1))
    values = frozenset(value for found in seen if not isinstance(found, str) for value in found)
    unreadable = {mask: found for (_, mask), found in zip(pairs, seen, strict=True) if isinstance(found, str)}
    return Looked(values, unreadable)


def _look(pair: tuple[Path, Path]) -> str | set[int]:
    """Return the class indices of a mask, or what is wrong with it."""
    import numpy as np
    from PIL import Image

    image_file, file = pair
    try:
        with Image.open(file) as image:
            indices = _indices(image)
    except Image.DecompressionBombError as error:
        return f"is too large: {error}"
    except DAMAGED as error:
        return _trouble(error)
    misfit = _misfit(image_file, indices.shape)
    if misfit is not None:
        return misfit
    counts = np.bincount(indices.ravel()) if indices.dtype == np.uint8 else None
    found = np.unique(indices) if counts is None else np.flatnonzero(counts)
    return set(found.tolist())


def _misfit(image_file: Path, shape: tuple[int, ...]) -> str | None:
    """Return how the mask differs from its image, where it does not lie over it; both as EXIF turns them."""
    from PIL import Image

    try:
        with Image.open(image_file) as image:
            width, height = image.size
            if image.getexif().get(_ORIENTATION, 1) >= _ON_ITS_SIDE:
                width, height = height, width
    except (*DAMAGED, Image.DecompressionBombError):
        return None  # what is wrong with the image is told of the image
    ratio = (shape[0] * width) / (shape[1] * height)
    if abs(ratio - 1) <= _SAME_SHAPE + 1 / min(shape):
        return None
    return f"is {shape[1]}×{shape[0]} pixels, but its image {width}×{height}: they do not lie over each other"


_ORIENTATION, _ON_ITS_SIDE = 0x0112, 5


def _trouble(error: Exception) -> str:
    return str(error) if isinstance(error, UnsuitableMaskError) else trouble_with(error)


def _indices(image: Any) -> Array:
    """Return the class index of each pixel, uint8 or int32 (height, width), turned as the EXIF data says.

    Raises:
        UnsuitableMaskError: It holds colors, fractions or negative numbers, or its compression changes the numbers.
    """
    import numpy as np
    from PIL import ImageOps

    if image.format == "JPEG":
        raise UnsuitableMaskError("is a JPEG, whose compression changes class indices: save the masks as PNG")
    image = ImageOps.exif_transpose(image)
    pixels = np.asarray(image)
    if image.mode in {"LA", "RGB", "RGBA"}:
        colors = pixels[..., : len(image.mode.rstrip("A"))]
        if (colors != colors[..., :1]).any():
            raise UnsuitableMaskError("holds colors, not class indices: save it with a palette, or in shades of gray")
        pixels = colors[..., 0]
    if pixels.ndim != 2:
        raise UnsuitableMaskError(
            f"holds {image.mode} pixels, not class indices: save it with a palette, or in grayscale"
        )
    return _as_indices(pixels)


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


_MOST = 65_535
_MANY = 64  # classes of pixels


def tell_masks(
    place: str, values: frozenset[int], names: Sequence[str], context: DataContext, *, white_is_1: bool
) -> None:
    """Tell how the pixels of masks are read, and what may not be meant.

    Args:
        place: The folder of the masks.
        values: The class indices that occur.
        names: The names of the classes; none where they have no names.
        context: Where to tell it, and which indices are ignored.
        white_is_1: Whether white, 255, is class 1.

    Raises:
        DataError: There are more classes than names.
    """
    counted = sorted(values - context.ignored)
    highest = counted[-1] if counted else 0
    if names and highest >= len(names):
        raise DataError(
            f"{place} holds class index {highest}, but classes names {plural(len(names), 'class')}, from index 0 on",
            hint="name the class of every index",
            field="classes",
        )
    if white_is_1:
        context.emit(
            Notice(message=f"{place}: the masks hold 0 and 255, which are read as the classes 0 and 1", loud=True)
        )
    elif highest == WHITE and len(counted) > 1 and counted[-2] < WHITE - 1:
        message = (
            f"{place}: the masks hold {listed(list(map(str, counted)))}; if 255 marks pixels without a class, set "
            "ignore_class: 255 on the loss and the metrics"
        )
        context.emit(Notice(message=message, loud=True))
    elif not names and len(counted) > _MANY:
        message = (
            f"{place}: the masks hold {len(counted):,} shades of gray, each of which is a class; save them with class indices, "
            "such as 0 and 1"
        )
        context.emit(Notice(message=message, loud=True))
    elif not names and highest >= 2 * len(counted):
        message = (
            f"{place}: the masks hold {listed(list(map(str, counted)))}, which makes {plural(highest + 1, 'class')}; number "
            "them 0, 1, 2 …"
        )
        context.emit(Notice(message=message, loud=True))
