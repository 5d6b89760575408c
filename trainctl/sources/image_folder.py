"""ImageFolder: image files, in a folder for each class."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from trainctl.components.dataset import Dataset, Samples
from trainctl.components.fields import Boolean, ImageSize, InputFile, Texts
from trainctl.components.new_inputs import NewFiles, NewInputs
from trainctl.components.spec import SourceSpec, source
from trainctl.errors import DataError
from trainctl.events import Notice
from trainctl.sources.files.folders import (
    Classified,
    FileTest,
    Parts,
    find_parts,
    fingerprint_of,
    has_validation,
    listed_parts,
)
from trainctl.sources.files.images import (
    COLOR_MODES,
    SUFFIXES,
    ColorMode,
    ImageFiles,
    Interpolation,
    is_image,
    require_pixels,
    unreadable_images,
)
from trainctl.sources.reading.inputs import shown
from trainctl.text import plural

if TYPE_CHECKING:
    from trainctl.components.context import DataContext


_LISTED = 20  # files that are named in one message


@source("ImageFolder")
class ImageFolder(SourceSpec):
    """Images in one folder per class, read on demand: PNG, JPEG, GIF, BMP, WebP, TIFF and other formats of Pillow.

    Where the folder holds folders for splits under their usual names (`train`, `Training`, `training_set` …; `val`, `valid`,
    `validation`, `dev`; `test`, `Testing` …), these are the splits. Hidden files are left out; other unused files are
    reported. EXIF orientation is applied; 16 bits per pixel are scaled to 8.
    `data: cache: memory` (or `disk`) reads each file only once.

    Shapes:
        x: uint8 (n, height, width, channels), values in 0-255.
        y: int64 (n,), the index of the class among the sorted names of the folders, or in `classes`.
    """

    reads = SUFFIXES

    path: InputFile = Field(description="The folder with one folder per class.", examples=["photographs"])
    classes: Texts | Literal["path"] | None = Field(
        default=None,
        description="The class folders, in the order of their indices; path = every folder with images, named by its "
        "path; null = all folders of the first level.",
        examples=[["cats", "dogs"]],
    )
    files: InputFile | None = Field(
        default=None,
        description="A CSV file with the columns path (relative to the folder) and label, instead of one folder per class.",
    )
    on_error: Literal["stop", "skip"] = Field(
        default="stop", description="What to do with files that cannot be read: stop or skip them."
    )
    image_size: ImageSize = Field(
        default=(256, 256), description="Height and width to scale every image to, in pixels."
    )
    color_mode: ColorMode = Field(default="rgb", description="Color mode: 3, 1 or 4 channels.")
    interpolation: Interpolation = Field(default="bilinear", description="How to scale an image of another size.")
    crop_to_aspect_ratio: Boolean = Field(
        default=False, description="Whether to crop to the right proportions instead of stretching."
    )

    @property
    def brings_validation(self) -> bool:
        """Whether there is a folder to validate on."""
        return self.files is None and has_validation(self.path)

    def look(self) -> None:
        """Check that the folders and files exist."""
        self._parts()

    def load(self, context: DataContext) -> Dataset:
        """Return the files' names, and their heads; each image is read on demand.

        Raises:
            DataError: No such folder, no classes or images in it, or files that are no images.
        """
        parts = self._parts()
        for note in parts.notes:
            context.emit(Notice(message=note, loud=True))
        unreadable = unreadable_images(file for part in parts if part is not None for file in part.files)
        if unreadable:
            self._stop_or_tell(unreadable, context)
        train, validation, test = (None if part is None else self._samples(part, unreadable) for part in parts)
        if train is None or not len(train):
            raise DataError(f"{shown(Path(self.path))} holds no image that can be read")
        return Dataset(
            train,
            test=test or None,
            validation=validation or None,
            class_names=parts.names,
            fingerprint=fingerprint_of(parts),
        )

    def _parts(self) -> Parts:
        if self.files is not None:
            return listed_parts(self.path, self.files)
        return find_parts(self.path, FileTest("image", SUFFIXES, is_image), self.classes)

    def _stop_or_tell(self, unreadable: Mapping[Path, str], context: DataContext) -> None:
        listed = "; ".join(f"{shown(file)} {trouble}" for file, trouble in list(unreadable.items())[:_LISTED])
        more = f"; and {len(unreadable) - _LISTED:,} more" if len(unreadable) > _LISTED else ""
        if self.on_error == "skip":
            what = f"{plural(len(unreadable), 'file')} skipped that cannot be read: {listed}{more}"
            context.emit(Notice(message=what, loud=True))
            return
        count = f"{plural(len(unreadable), 'file')} cannot be read: " if len(unreadable) > 1 else ""
        raise DataError(f"{count}{listed}{more}", hint="repair or remove them, or set on_error: skip")

    def _samples(self, part: Classified, unreadable: Mapping[Path, str]) -> Samples:
        part = part.without(set(unreadable))
        images = ImageFiles(part.files, self.image_size, self.color_mode, self.interpolation, self.crop_to_aspect_ratio)
        return Samples(images, part.y)

    @classmethod
    def for_new(cls, new: NewFiles) -> SourceSpec | None:
        """Return a folder of images of the size and the colors that the model takes.

        Raises:
            DataError: The model was not trained on pixels of 0-255, or nobody knows on what, or it takes images of any size.
        """
        require_pixels(new.schema.inputs)
        height, width, channels = new.inputs[0].shape
        if height is None or width is None or channels is None:
            raise DataError(
                "the model takes images of any size, so the size of the new images is unknown",
                hint="resize them to one size and save them as a .npy",
            )
        return cls(path=".", image_size=(height, width), color_mode=COLOR_MODES[channels])

    def read_new(self, new: NewFiles) -> NewInputs:
        """Return the images, read on demand."""
        images = ImageFiles(new.files, self.image_size, self.color_mode, self.interpolation, self.crop_to_aspect_ratio)
        return NewInputs(images, new.files)
