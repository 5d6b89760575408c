"""New inputs of which each is a file: images and texts, read as they were in training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from trainctl.aliases import Array, Data, Value
from trainctl.errors import DataError
from trainctl.sources.files.images import COLOR_MODES, ImageFiles
from trainctl.sources.image_folder import ImageFolder
from trainctl.sources.text_folder import TextFolder, text_of

if TYPE_CHECKING:
    from pathlib import Path

    from trainctl.backend import keras
    from trainctl.components.spec import SourceSpec

_BRIGHT = 128  # pixels of 0-255 of a whole training set reach at least half of it


def images(
    tensor: keras.KerasTensor, files: Sequence[Path], source: SourceSpec, recorded: Mapping[str, Value]
) -> ImageFiles:
    """The images, read when they are wanted: uint8 (n, height, width, channels), 0-255.

    Args:
        tensor: The model's input, (batch, height, width, channels).
        files: The images.
        source: What the model was trained on; of an `ImageFolder`, the size and the way of scaling are the same.
        recorded: What run.json tells of that data.

    Raises:
        DataError: The model was not trained on pixels of 0-255, or nobody knows on what, or it takes images of any size.
    """
    if isinstance(source, ImageFolder):
        return ImageFiles(
            files, source.image_size, source.color_mode, source.interpolation, source.crop_to_aspect_ratio
        )
    _require_bytes((recorded.get("details") or {}).get("inputs") or {})
    _, height, width, channels = tensor.shape
    if height is None or width is None:
        raise DataError(
            "the model takes images of any size, so that it does not tell how large these are to be",
            hint="bring them to one size and give them as a .npy",
        )
    return ImageFiles(files, (height, width), COLOR_MODES[channels], "bilinear", crop=False)


def _require_bytes(inputs: Mapping[str, Data]) -> None:
    """The model knows pixels of 0-255, as image files hold them."""
    for facts in inputs.values():
        if facts.get("dtype") == "uint8":
            continue
        lowest, highest = facts.get("min"), facts.get("max")
        if lowest is None or highest is None:  # of data that is not held in memory, nobody looks for the range
            raise DataError(
                f"an image file holds 0 to 255, but the run did not record from where to where its {facts.get('dtype')} "
                "numbers go",
                hint="bring the images to the numbers of training and give them as a .npy",
            )
        if not (lowest >= 0 and _BRIGHT <= highest <= 255):
            raise DataError(
                f"the model was trained on numbers from {lowest:g} to {highest:g}, but an image file holds 0 to 255",
                hint="bring the images to those numbers and give them as a .npy",
            )


def texts(files: Sequence[Path], source: SourceSpec) -> Array:
    """The text of each file, str objects (n,).

    Raises:
        DataError: A file cannot be read, or is in another encoding.
    """
    encoding = source.encoding if isinstance(source, TextFolder) else "utf-8"
    read = np.empty(len(files), object)
    read[:] = [text_of(file, encoding) for file in files]
    return read
