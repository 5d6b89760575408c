"""TextFolder: text files, in a folder for each class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from trainctl.components.dataset import Dataset, Samples
from trainctl.components.fields import Encoding, InputFile, Texts
from trainctl.components.new_inputs import NewFiles, NewInputs
from trainctl.components.spec import SourceSpec, source
from trainctl.events import Notice
from trainctl.sources.files.folders import Classified, FileTest, Parts, find_parts, has_validation, listed_parts
from trainctl.sources.files.texts import holds_text, read_texts

if TYPE_CHECKING:
    from trainctl.components.context import DataContext


@source("TextFolder")
class TextFolder(SourceSpec):
    """Texts in a folder for each class, one file each: `.txt`, and other files that hold text.

    Where the folder holds folders for splits under their usual names (`train`, `Training`, `training_set` …; `val`, `valid`,
    `validation`, `dev`; `test`, `Testing` …), these are the splits. Hidden files are left out; other unused files are
    reported. The model gets the texts as they are: its first layer is a TextVectorization.

    Shapes:
        x: text (n,).
        y: int64 (n,), the index of the class among the sorted names of the folders, or in `classes`.
    """

    reads = frozenset({".txt"})

    path: InputFile = Field(description="The folder with one folder per class.", examples=["reviews"])

    classes: Texts | Literal["path"] | None = Field(
        default=None,
        description="The class folders, in the order of their indices; path = every folder with texts, named by its "
        "path; null = all folders of the first level.",
        examples=[["neg", "pos"]],
    )
    files: InputFile | None = Field(
        default=None,
        description="A CSV file with the columns path (relative to the folder) and label, instead of one folder per class.",
    )
    encoding: Encoding = Field(default="utf-8", description="The encoding of the files, such as utf-8 or latin-1.")

    @property
    def brings_validation(self) -> bool:
        """Whether there is a folder to validate on."""
        return self.files is None and has_validation(self.path)

    def look(self) -> None:
        """Check that the folders and files exist."""
        self._parts()

    def load(self, context: DataContext) -> Dataset:
        """Return all texts.

        Raises:
            DataError: No such folder, no classes or texts in it, or a file that is in another encoding.
        """
        parts = self._parts()
        for note in parts.notes:
            context.emit(Notice(message=note, loud=True))
        validation, test = (None if part is None else self._samples(part) for part in (parts.validation, parts.test))
        return Dataset(
            self._samples(parts.train),
            test=test,
            validation=validation,
            class_names=parts.names,
        )

    def _parts(self) -> Parts:
        if self.files is not None:
            return listed_parts(self.path, self.files)
        is_text = FileTest("text", frozenset({".txt"}), lambda file: holds_text(file, self.encoding))
        return find_parts(self.path, is_text, self.classes)

    def _samples(self, part: Classified) -> Samples:
        return Samples(read_texts(part.files, self.encoding), part.y)

    @classmethod
    def for_new(cls, new: NewFiles) -> SourceSpec | None:
        """Return a folder of texts in UTF-8."""
        return cls(path=".")

    def read_new(self, new: NewFiles) -> NewInputs:
        """Return the text of each file.

        Raises:
            DataError: A file cannot be read, or is in another encoding.
        """
        return NewInputs(read_texts(new.files, self.encoding), new.files)
