"""Small images in the place of others: converted to the same shape and range, so that the same model fits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from trainctl.aliases import Data
from trainctl.components.dataset import Samples, is_array, read
from trainctl.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trainctl.components.dataset import Dataset

_HINT = "name another source under data: offline:, such as Digits"


def grey_images(other: Dataset, *, side: int, classes: int, test_share: int) -> Dataset:
    """`other` as grey images, uint8 (n, side, side, 1) in 0-255: scaled to the frame, the rest of it padded with 0.

    Args:
        other: Images (n, height, width) or (n, height, width, 1) with class labels.
        side: Height and width of the result, in pixels.
        classes: How many classes there may be at most.
        test_share: Every how manyth sample becomes the test part, where `other` has none.

    Raises:
        DataError: Not grey images, or too many classes.
    """
    x = other.train.x
    _require_grey(x)
    whole = _in_memory(other.train)
    if isinstance(whole.y, Mapping) or whole.y.dtype.kind not in "iu" or int(whole.y.max()) >= classes:
        raise DataError(f"the stand-in must have at most {classes} classes", hint=_HINT)
    train, test = (whole, _in_memory(other.test)) if other.test else _every(whole, test_share)
    highest = 255.0 if x.dtype == "uint8" else float(whole.x.max()) or 1.0
    validation = None if other.validation is None else _framed(_in_memory(other.validation), side, highest)
    return replace(other, train=_framed(train, side, highest), test=_framed(test, side, highest), validation=validation)


def _require_grey(x: Data) -> None:
    received = None
    if isinstance(x, Mapping):
        received = "a table"
    elif x.ndim not in (3, 4) or (x.ndim == 4 and x.shape[3] != 1):
        received = f"arrays of shape {x.shape[1:]}"
    elif x.dtype.kind not in "biuf":
        received = "text"
    if received is not None:
        raise DataError(f"the stand-in must have images with one channel, not {received}", hint=_HINT)


def _in_memory(samples: Samples) -> Samples:
    """Read samples that are read on demand: all of them are scaled."""
    import numpy as np

    def whole(rows: Data) -> Data:
        return rows if isinstance(rows, Mapping) or is_array(rows) else read(rows, np.arange(len(rows)))

    return replace(samples, x=whole(samples.x), y=whole(samples.y))


def _every(samples: Samples, share: int) -> tuple[Samples, Samples]:
    import numpy as np

    indices = np.arange(len(samples))
    last = indices % share == share - 1
    return samples.take(indices[~last]), samples.take(indices[last])


def _framed(samples: Samples, side: int, highest: float) -> Samples:
    import numpy as np

    images: NDArray[np.float32] = np.asarray(samples.x, np.float32)
    count, before_y, before_x = images.shape[:3]
    scale = side / max(before_y, before_x)
    height, width = max(1, round(before_y * scale)), max(1, round(before_x * scale))
    scaled = (
        _interpolation(before_y, height) @ images.reshape(count, before_y, before_x) @ _interpolation(before_x, width).T
    )
    top, left = (side - height) // 2, (side - width) // 2
    x = np.zeros((count, side, side, 1), np.uint8)
    x[:, top : top + height, left : left + width, 0] = np.clip(np.rint(scaled * (255 / highest)), 0, 255)
    return Samples(x, samples.y, samples.weight, samples.extra)


def _interpolation(before: int, after: int) -> NDArray[np.float32]:
    """The matrix (after, before) that resamples a row of pixels: linear between them, averaging where it shrinks."""
    import numpy as np

    step = before / after
    centres = (np.arange(after) + 0.5) * step - 0.5
    distance = np.abs(np.clip(centres, 0, before - 1)[:, None] - np.arange(before)) / max(step, 1)
    weights: NDArray[np.float32] = np.maximum(0, 1 - distance).astype(np.float32)
    weights /= weights.sum(axis=1, keepdims=True)
    return weights
