"""ImageFolder: image files, in a folder for each class, or each with a mask or an image to learn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import Field, model_validator

from trainctl.aliases import Data
from trainctl.components.dataset import Dataset
from trainctl.components.fields import Boolean, Colors, ImageSize, InputFile
from trainctl.components.label_values import LabelValues
from trainctl.components.new_inputs import NewFiles
from trainctl.components.spec import SourceSpec, source
from trainctl.errors import DataError
from trainctl.notices import Notice, Phase, PhaseStarted
from trainctl.sources.files.folder_spec import FolderSpec
from trainctl.sources.files.found import FoundFiles, FoundSplits
from trainctl.sources.files.images import (
    COLOR_MODES,
    SUFFIXES,
    ColorMode,
    ImageFiles,
    Interpolation,
    examine_images,
    is_image,
    require_pixels,
)
from trainctl.sources.files.mask_pixels import ARRAY
from trainctl.sources.files.masks import WHITE, Looked, MaskFiles, look_at, require_no_colors, tell_masks
from trainctl.sources.files.paired import Pairing
from trainctl.sources.files.walk import Examined, FileTest
from trainctl.sources.reading.inputs import existing_folder, shown

if TYPE_CHECKING:
    from trainctl.components.context import DataContext


_MOST_COLORS = 255


@source("ImageFolder")
class ImageFolder(FolderSpec):
    """Images in one folder per class, read on demand: PNG, JPEG, GIF, BMP, WebP, TIFF and other formats of Pillow.

    Where the folder holds folders for splits under their usual names (`train`, `Training`, `training_set` …; `val`, `valid`,
    `validation`, `dev`; `test`, `Testing` …), these are the splits. Hidden files are left out; other unused files are
    reported. EXIF orientation is applied; 16 bits per pixel are scaled to 8.
    Each file is read only once where all images fit in memory, else in each epoch; `data: cache: disk` keeps them in files.

    With `masks`, each image has the mask of its name in that folder: a pixel is a class index, and palettes keep theirs; masks
    of 0 and 255 become 0 and 1, those of colors need `mask_colors`, and `.npy` arrays (height, width) are masks too. With `targets`, it has an image to learn instead. Both folders may hold folders for splits.
    `files` lists images with their labels, masks or targets; `features: [left, right]` gives two inputs.

    Shapes:
        x: uint8 (n, height, width, channels), values in 0-255; a mapping of several columns to such.
        y: int64 (n,), the index of the class among the sorted names of the folders, or in `classes`; with `files`, its
            label column as CSV reads it; with `masks`, int64 (n, height, width); with `targets`, float32
            (n, height, width, channels), values in 0-255.
    """

    reads = SUFFIXES
    noun: ClassVar[str] = "image"

    masks: InputFile | None = Field(
        default=None,
        description="The folder of masks, one of the name of each image; a pixel is a class index, which classes may name.",
    )
    mask_colors: Colors | None = Field(
        default=None,
        description="The color of each class in masks of colors, in the order of their indices; null = pixels are class indices.",
        examples=[["#000000", "#ff0000"]],
    )
    targets: InputFile | None = Field(
        default=None, description="The folder of images to learn, one of the name of each image."
    )
    image_size: ImageSize = Field(
        default=(256, 256), description="Height and width to scale every image to, in pixels."
    )
    target_size: ImageSize | None = Field(
        default=None, description="Height and width to scale targets to, in pixels; null = image_size."
    )
    color_mode: ColorMode = Field(default="rgb", description="Color mode: 3, 1 or 4 channels.")
    target_color_mode: ColorMode | None = Field(default=None, description="Color mode of targets; null = color_mode.")
    interpolation: Interpolation = Field(default="bilinear", description="How to scale an image of another size.")
    crop_to_aspect_ratio: Boolean = Field(
        default=False, description="Whether to crop to the right proportions instead of stretching."
    )

    @model_validator(mode="after")
    def _one_kind_of_label(self) -> Self:
        if self.masks is not None and self.targets is not None:
            raise ValueError("set masks or targets, not both")
        if self.targets is None and (self.target_size is not None or self.target_color_mode is not None):
            raise ValueError("target_size and target_color_mode need targets, the folder of images to learn")
        if self.targets is not None and self.classes is not None:
            raise ValueError("targets are images, which have no classes; remove classes")
        if self.masks is not None and self.classes == "path":
            raise ValueError("with masks, classes names the class of each index: [background, road]")
        if self.mask_colors is not None and self.masks is None:
            raise ValueError("mask_colors needs masks, the folder of masks")
        if self.mask_colors is not None and not 0 < len(set(self.mask_colors)) == len(self.mask_colors) <= _MOST_COLORS:
            raise ValueError(f"mask_colors must name 1 to {_MOST_COLORS} different colors")
        if self.answers is not None and not isinstance(self.label, str):
            raise ValueError("label names one column of paths where masks or targets are set")
        return self

    @property
    def answers(self) -> str | None:
        """The folder of masks or targets."""
        return self.masks or self.targets

    @property
    def has_class_folders(self) -> bool:
        """Whether folders are classes: not where the labels are files."""
        return self.answers is None

    @property
    def file_test(self) -> FileTest:
        """Tells which files are images."""
        return FileTest(self.noun, SUFFIXES, is_image)

    def find(self) -> FoundSplits:
        """Return the files of the class folders, or the images with their masks or targets."""
        if self.answers is None:
            return super().find()
        noun, name = ("mask", "masks") if self.masks is not None else ("target", "targets")
        skip = self.on_error == "skip"
        is_answer = FileTest(noun, SUFFIXES | {ARRAY}, is_image) if self.masks is not None else self.file_test
        return Pairing(
            self.path, self.answers, noun, name, self.file_test, is_answer, skip, own_folder=self.masks is not None
        ).find()

    def look(self, context: DataContext) -> None:
        """Check that the folders and files exist."""
        if self.answers is not None:
            existing_folder(self.answers, "masks" if self.masks is not None else "targets")
        super().look(context)

    def rows(self, files: Sequence[Path]) -> Data:
        """Return the images, read on demand."""
        return ImageFiles(files, self.image_size, self.color_mode, self.interpolation, self.crop_to_aspect_ratio)

    def examined(self, files: Sequence[Path]) -> Examined:
        """Return what is wrong with each file that is no image, or of an unsuitable depth, and what of others is left out."""
        return examine_images(files, self.color_mode)

    def load(self, context: DataContext) -> Dataset:
        """Return the files' names, and their heads; each image is read on demand.

        Raises:
            DataError: No such folder, no classes or images in it, or files that are no images.
        """
        if self.answers is None:
            return super().load(context)
        splits = self.found(context)
        for note in splits.notes:
            context.emit(Notice(message=note, loud=True))
        images = [file for each in splits for file in each.every()]
        if self.masks is None:
            answers = [file for each in splits for file in each.answers]
            examined = self.examined(list(dict.fromkeys([*images, *answers])))
            return self._with_targets(self.readable(splits, examined, context))
        examined = self.examined(images)
        context.emit(PhaseStarted(phase=Phase.SCANNING, subject=shown(Path(self.masks))))
        pairs = [pair for each in splits for pair in zip(each.files, each.answers, strict=True)]
        looked = look_at(pairs, self.mask_colors or ())
        require_no_colors(shown(Path(self.masks)), looked.colors)
        examined = replace(examined, unreadable={**examined.unreadable, **looked.unreadable})
        return self._with_masks(self.readable(splits, examined, context), looked, context)

    def _with_masks(self, splits: FoundSplits, looked: Looked, context: DataContext) -> Dataset:
        names = self.classes if isinstance(self.classes, tuple) else ()
        colors = self.mask_colors or ()
        white_is_1 = looked.are_black_and_white and WHITE not in context.ignored and not colors
        values = frozenset(min(each, 1) for each in looked.values) if white_is_1 else looked.values
        tell_masks(shown(Path(str(self.masks))), values, names, context, white_is_1=white_is_1)
        size, crop, highest = self.image_size, self.crop_to_aspect_ratio, max(looked.values)

        def masks(found: FoundFiles) -> Data:
            return MaskFiles(found.answers, size, crop, highest, white_is_1, colors)

        return replace(self.dataset(splits, masks), class_names=names, label_values=LabelValues.of_indices(values))

    def _with_targets(self, splits: FoundSplits) -> Dataset:
        size, color_mode = self.target_size or self.image_size, self.target_color_mode or self.color_mode

        def targets(found: FoundFiles) -> Data:
            return ImageFiles(found.answers, size, color_mode, self.interpolation, self.crop_to_aspect_ratio)

        return replace(self.dataset(splits, targets), label_values=LabelValues.of_bytes())

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
