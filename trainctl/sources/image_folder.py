"""ImageFolder: image files, in a folder for each class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from trainctl.components.dataset import Dataset, Samples
from trainctl.components.fields import Boolean, ImageSize, InputFile
from trainctl.components.new_inputs import NewFiles, NewInputs
from trainctl.components.spec import SourceSpec, source
from trainctl.errors import DataError
from trainctl.sources.files.folders import fingerprint_of, has_validation, parts_of
from trainctl.sources.files.images import (
    COLOR_MODES,
    SUFFIXES,
    ColorMode,
    ImageFiles,
    Interpolation,
    first_unreadable,
    require_pixels,
)

if TYPE_CHECKING:
    from trainctl.components.context import DataContext


@source("ImageFolder")
class ImageFolder(SourceSpec):
    """Images in a folder for each class: PNG, JPEG, GIF, BMP, WebP or TIFF, read when they are wanted.

    Where the folder holds a folder `train` and beside it `val` (or `valid`, `validation`), `test` or both, with the same
    classes in each, these are the parts.
    `data: cache: memory` (or `disk`) reads each file only once.

    Shapes:
        x: uint8 (n, height, width, channels), values in 0-255.
        y: int64 (n,), the index of the class among the sorted names of the folders.
    """

    reads = SUFFIXES

    path: InputFile = Field(description="The folder that holds a folder for each class.", examples=["photographs"])
    image_size: ImageSize = Field(
        default=(256, 256), description="Height and width to which every image is scaled, in pixels."
    )
    color_mode: ColorMode = Field(default="rgb", description="3 channels, 1 or 4.")
    interpolation: Interpolation = Field(default="bilinear", description="How an image of another size is scaled.")
    crop_to_aspect_ratio: Boolean = Field(
        default=False, description="Whether to cut out the middle in the right proportions, rather than to stretch."
    )

    @property
    def brings_validation(self) -> bool:
        """Whether there are folders `train` and `val`."""
        return has_validation(self.path)

    def look(self) -> None:
        """The folders and files exist."""
        parts_of(self.path, SUFFIXES)

    def load(self, context: DataContext) -> Dataset:
        """The files' names, and their heads; each image is read when it is wanted.

        Raises:
            DataError: No such folder, no classes or images in it, or a file that is no image.
        """
        parts = parts_of(self.path, SUFFIXES)
        for part in filter(None, parts):
            wrong = first_unreadable(part.files)
            if wrong is not None:
                raise wrong
        train, validation, test = (
            None
            if part is None
            else Samples(
                ImageFiles(part.files, self.image_size, self.color_mode, self.interpolation, self.crop_to_aspect_ratio),
                part.y,
            )
            for part in parts
        )
        if train is None:  # the first part always is
            raise RuntimeError("no images")
        return Dataset(
            train,
            test=test,
            validation=validation,
            class_names=parts.train.names,
            fingerprint=fingerprint_of(parts),
        )

    @classmethod
    def for_new(cls, new: NewFiles) -> SourceSpec | None:
        """A folder of images of the size and the colours that the model takes.

        Raises:
            DataError: The model was not trained on pixels of 0-255, or nobody knows on what, or it takes images of any size.
        """
        require_pixels(new.schema.inputs)
        height, width, channels = new.inputs[0].shape
        if height is None or width is None or channels is None:
            raise DataError(
                "the model takes images of any size, so that it does not tell how large these are to be",
                hint="bring them to one size and give them as a .npy",
            )
        return cls(path=".", image_size=(height, width), color_mode=COLOR_MODES[channels])

    def read_new(self, new: NewFiles) -> NewInputs:
        """The images, read when they are wanted."""
        images = ImageFiles(new.files, self.image_size, self.color_mode, self.interpolation, self.crop_to_aspect_ratio)
        return NewInputs(images, new.files)
