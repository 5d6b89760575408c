"""TextFolder: text files, in a folder for each class."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from trainctl.aliases import Data
from trainctl.components.fields import Encoding
from trainctl.components.new_inputs import NewFiles
from trainctl.components.spec import SourceSpec, source
from trainctl.sources.files.folder_spec import FolderSpec
from trainctl.sources.files.texts import examine_texts, holds_text, texts_of
from trainctl.sources.files.walk import Examined, FileTest
from trainctl.sources.reading.inputs import ANOTHER_ENCODING, AS_UTF8


@source("TextFolder")
class TextFolder(FolderSpec):
    """Texts in a folder for each class, one file each: `.txt`, and other files that hold text.

    Where the folder holds folders for splits under their usual names (`train`, `Training`, `training_set` …; `val`, `valid`,
    `validation`, `dev`; `test`, `Testing` …), these are the splits. Hidden files are left out; other unused files are
    reported. The model gets the texts as they are: its first layer is a TextVectorization. From 256 MiB on the files are
    read on demand.

    Shapes:
        x: text (n,).
        y: int64 (n,), the index of the class among the sorted names of the folders, or in `classes`; with `files`, its
            label column as CSV reads it.
    """

    reads = frozenset({".txt"})
    noun: ClassVar[str] = "text"
    repair: ClassVar[tuple[str, str]] = (AS_UTF8, f"{ANOTHER_ENCODING}, or ")

    encoding: Encoding = Field(default="utf-8", description="The encoding of the files, such as utf-8 or latin-1.")

    @property
    def file_test(self) -> FileTest:
        """Tells which files are texts."""
        return FileTest(self.noun, self.reads, lambda file: holds_text(file, self.encoding))

    def rows(self, files: Sequence[Path]) -> Data:
        """Return the text of each file."""
        return texts_of(files, self.encoding)

    def examined(self, files: Sequence[Path]) -> Examined:
        """Return what is wrong with each file that is in another encoding or cannot be read."""
        return examine_texts(files, self.encoding)

    @classmethod
    def for_new(cls, new: NewFiles) -> SourceSpec | None:
        """Return a folder of texts in UTF-8."""
        return cls(path=".")
