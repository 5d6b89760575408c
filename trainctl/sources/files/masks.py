"""Masks: images whose pixels are class indices."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from trainctl.aliases import Array
from trainctl.components.dataset import Rows
from trainctl.components.fields import Color
from trainctl.errors import DataError
from trainctl.notices import Notice
from trainctl.sources.files.images import DAMAGED, bomb_error, fitted, trouble_with
from trainctl.sources.files.mask_pixels import ColoredMaskError, UnsuitableMaskError, class_indices, in_hex
from trainctl.sources.files.walk import listed
from trainctl.sources.reading.inputs import shown
from trainctl.text import one_of, plural

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trainctl.components.context import DataContext

WHITE = 255
_READERS = 8
_SAME_SHAPE = 0.02  # of the ratio of height to width: what rounding to whole pixels makes of it


@dataclass(frozen=True, slots=True)
class Looked:
    """What was seen of masks.

    Args:
        values: The class indices that occur.
        unreadable: What is wrong with each mask that cannot be used.
        colors: The colors of masks that hold such, which nobody gave a class.
    """

    values: frozenset[int] = frozenset()
    unreadable: dict[Path, str] = field(default_factory=dict)
    colors: frozenset[Color] = frozenset()

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
        colors: The color of each class; none where pixels are class indices.
    """

    def __init__(
        self,
        files: Sequence[Path],
        size: tuple[int, int],
        crop: bool,
        highest: int,
        white_is_1: bool,
        colors: Sequence[Color] = (),
    ) -> None:
        super().__init__((len(files), *size), "uint8" if highest <= WHITE else "int32")
        self._files, self._crop, self._white_is_1, self._colors = files, crop, white_is_1, colors

    @property
    def is_decoded(self) -> bool:
        """Each is a file."""
        return True

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
            mask = Image.fromarray(class_indices(file, self._colors))
            height, width = self.shape[1:]
            return np.asarray(fitted(mask, (height, width), "nearest", crop=self._crop))
        except Image.DecompressionBombError as error:
            raise bomb_error(file, error) from error
        except DAMAGED as error:
            raise DataError(f"{shown(file)} {_trouble(error)}", hint="repair or remove the file") from error


def look_at(pairs: Sequence[tuple[Path, Path]], colors: Sequence[Color] = ()) -> Looked:
    """Read all masks once.

    Args:
        pairs: Each image with its mask.
        colors: The color of each class; none where pixels are class indices.
    """
    with ThreadPoolExecutor(_READERS) as readers:
        seen = list(readers.map(lambda pair: _look(pair, colors), pairs, chunksize=1))
    return Looked(
        frozenset().union(*(each.values for each in seen)),
        {file: trouble for each in seen for file, trouble in each.unreadable.items()},
        frozenset().union(*(each.colors for each in seen)),
    )


def _look(pair: tuple[Path, Path], colors: Sequence[Color]) -> Looked:
    """Return what is seen of one mask."""
    import numpy as np
    from PIL import Image

    image_file, file = pair
    try:
        indices = class_indices(file, colors)
    except ColoredMaskError as error:
        return Looked(colors=error.colors)
    except Image.DecompressionBombError as error:
        return Looked(unreadable={file: f"is too large: {error}"})
    except DAMAGED as error:
        return Looked(unreadable={file: _trouble(error)})
    misfit = _misfit(image_file, indices.shape)
    if misfit is not None:
        return Looked(unreadable={file: misfit})
    counts = np.bincount(indices.ravel()) if indices.dtype == np.uint8 else None
    found = np.unique(indices) if counts is None else np.flatnonzero(counts)
    return Looked(frozenset(found.tolist()))


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


_MANY = 64  # classes of pixels


def require_no_colors(place: str, colors: frozenset[Color]) -> None:
    """See that masks hold class indices.

    Args:
        place: The folder of the masks.
        colors: The colors that they hold.

    Raises:
        DataError: There are such; lists those that can be classes.
    """
    if not colors:
        return
    listed = [in_hex(color) for color in sorted(colors)]
    if len(colors) > _MANY:
        raise DataError(
            f"{place}: the masks hold {len(colors):,} colors, such as {one_of(listed[:3], 'and')}, not class indices",
            hint="save them with a palette, or with one color per class and no smoothing between them",
            field="masks",
        )
    colored = ", ".join(f'"{color}"' for color in listed)
    raise DataError(
        f"{place}: the masks hold {plural(len(colors), 'color')}, not class indices",
        hint=f"name the color of each class, in the order of their indices: mask_colors: [{colored}]",
        field="masks",
    )


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
