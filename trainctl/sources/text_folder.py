"""TextFolder: text files, in a folder for each class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from trainctl.components.dataset import Dataset, Samples
from trainctl.components.fields import Encoding, InputFile
from trainctl.components.new_inputs import NewFiles, NewInputs
from trainctl.components.spec import SourceSpec, source
from trainctl.sources.files.folders import Classified, has_validation, parts_of
from trainctl.sources.files.texts import read_texts

if TYPE_CHECKING:
    from trainctl.components.context import DataContext


@source("TextFolder")
class TextFolder(SourceSpec):
    """Texts in a folder for each class: files that end in .txt, one sample each.

    Where the folder holds a folder `train` and beside it `val` (or `valid`, `validation`), `test` or both, with the same
    classes in each, these are the parts. The model gets the texts as they are: its first layer is a TextVectorization.

    Shapes:
        x: text (n,).
        y: int64 (n,), the index of the class among the sorted names of the folders.
    """

    reads = frozenset({".txt"})

    path: InputFile = Field(description="The folder that holds a folder for each class.", examples=["reviews"])

    encoding: Encoding = Field(default="utf-8", description="What the files are written in, such as utf-8 or latin-1.")

    @property
    def brings_validation(self) -> bool:
        """Whether there are folders `train` and `val`."""
        return has_validation(self.path)

    def look(self) -> None:
        """The folders and files exist."""
        parts_of(self.path, {".txt"})

    def load(self, context: DataContext) -> Dataset:
        """All texts.

        Raises:
            DataError: No such folder, no classes or texts in it, or a file that is in another encoding.
        """
        parts = parts_of(self.path, {".txt"})
        validation, test = (None if part is None else self._samples(part) for part in (parts.validation, parts.test))
        return Dataset(
            self._samples(parts.train),
            test=test,
            validation=validation,
            class_names=parts.train.names,
        )

    def _samples(self, part: Classified) -> Samples:
        return Samples(read_texts(part.files, self.encoding), part.y)

    @classmethod
    def for_new(cls, new: NewFiles) -> SourceSpec | None:
        """A folder of texts in UTF-8."""
        return cls(path=".")

    def read_new(self, new: NewFiles) -> NewInputs:
        """The text of each file.

        Raises:
            DataError: A file cannot be read, or is in another encoding.
        """
        return NewInputs(read_texts(new.files, self.encoding), new.files)
