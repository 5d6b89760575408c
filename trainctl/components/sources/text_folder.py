"""TextFolder: text files, in a folder for each class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from trainctl.components.base import SourceSpec, source
from trainctl.components.dataset import Dataset, LabelKind, Samples
from trainctl.components.fields import InputFile
from trainctl.components.folders import Classified, parts_of
from trainctl.components.inputs import shown
from trainctl.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from trainctl.components.context import DataContext


@source("TextFolder")
class TextFolder(SourceSpec):
    """Texts in a folder for each class: UTF-8 files that end in .txt, one sample each.

    Where the folder holds two folders `train` and `test` with the same classes, the latter is the test part. The model
    gets the texts as they are: its first layer is a TextVectorization.

    Shapes:
        x: text (n,).
        y: int64 (n,), the index of the class among the sorted names of the folders.
    """

    path: InputFile = Field(description="The folder that holds a folder for each class.", examples=["reviews"])

    def look(self) -> None:
        """The folders and files exist."""
        parts_of(self.path, {".txt"})

    def load(self, context: DataContext) -> Dataset:
        """All texts.

        Raises:
            DataError: No such folder, no classes or texts in it, or a file that is not UTF-8.
        """
        train, test = parts_of(self.path, {".txt"})
        own = _samples(test) if test is not None else None
        return Dataset(_samples(train), LabelKind.CLASSES, test=own, class_names=train.names)


def _samples(part: Classified) -> Samples:
    import numpy as np

    x = np.empty(len(part.files), object)
    x[:] = [_text(file) for file in part.files]
    return Samples(x, part.y)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{shown(file)} is not UTF-8 text", hint="save the file as UTF-8") from error
    except OSError as error:
        raise DataError(f"{shown(file)} cannot be read: {error.strerror}", hint="see its permissions") from error
