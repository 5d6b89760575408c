"""What sources of files have in common: classes by folders or a table of labels, splits by folders, what cannot be read."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import Field, model_validator

from trainctl.aliases import Data
from trainctl.components.dataset import Dataset, Samples
from trainctl.components.fields import InputFile, Text, Texts
from trainctl.components.new_inputs import NewFiles, NewInputs
from trainctl.components.spec import SourceSpec
from trainctl.errors import DataError
from trainctl.notices import Notice
from trainctl.sources.files.folders import find_classes, has_validation, look_for_classes
from trainctl.sources.files.found import ONLY, FoundFiles, FoundSplits, fingerprint_of
from trainctl.sources.files.listed import FileTable, listed_files
from trainctl.sources.files.walk import Examined, FileTest, first_of
from trainctl.sources.reading.inputs import shown
from trainctl.text import plural

if TYPE_CHECKING:
    from trainctl.components.context import DataContext

PATH, LABEL = "path", "label"


class FolderSpec(SourceSpec):
    """Files in a folder for each class, or listed by a table."""

    noun: ClassVar[str]
    """What a file is: `image`, `text`."""
    repair: ClassVar[tuple[str, str]] = ("repair or remove them", "")
    """What to do with files that cannot be read, and what to set in the experiment instead."""

    path: InputFile = Field(
        description="The folder that holds one folder per class, or files whose labels are elsewhere.",
        examples=["photographs"],
    )
    classes: Texts | Literal["path"] | None = Field(
        default=None,
        description="The class folders, in the order of their indices; path = every folder with files, named by its path; "
        "null = all folders of the first level.",
        examples=[["cats", "dogs"]],
    )
    files: InputFile | None = Field(
        default=None,
        description="A CSV file that lists the files (relative to the folder) and their labels, instead of one folder per class.",
    )
    features: Text | Texts = Field(
        default=PATH, description="The column of files: that holds paths, or a list, one for each input."
    )
    label: Text | Texts = Field(
        default=LABEL, description="The column of files: to predict, or a list of numeric ones."
    )
    label_separator: Text | None = Field(
        default=None,
        description="What stands between the classes in a cell of the label column, such as `;` in `red;blue`; null = "
        "each cell is one class.",
    )
    on_error: Literal["stop", "skip"] = Field(
        default="stop", description="What to do with files that cannot be read: stop or skip them."
    )

    @model_validator(mode="after")
    def _columns_are_of_a_table(self) -> Self:
        if self.files is None:
            for name, usual in (("features", PATH), ("label", LABEL), ("label_separator", None)):
                if getattr(self, name) != usual:
                    raise ValueError(f"{name} names a column of files:, which is not set")
        elif self.has_class_folders and self.classes is not None:
            raise ValueError("files lists the labels; remove classes, which selects class folders")
        if not self.columns:
            raise ValueError("features must name a column")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of paths in the table of files."""
        return (self.features,) if isinstance(self.features, str) else self.features

    @property
    def has_class_folders(self) -> bool:
        """Whether folders are classes where no table lists the files."""
        return True

    @property
    @abstractmethod
    def file_test(self) -> FileTest:
        """Tells which files are samples."""

    @abstractmethod
    def rows(self, files: Sequence[Path]) -> Data:
        """Return the samples in files, as an array or as rows that are read on demand."""

    @abstractmethod
    def examined(self, files: Sequence[Path]) -> Examined:
        """Return what is wrong with each file that cannot be read, and what to say of the others."""

    @property
    def brings_validation(self) -> bool:
        """Whether there is a folder to validate on."""
        return self.files is None and has_validation(self.path, of_classes=self.has_class_folders)

    def look(self, context: DataContext) -> None:
        """Check that the folders and files exist: those of the table, or those of the classes."""
        if self.files is not None:
            self._table(self.files).look(context)
        elif self.has_class_folders:
            look_for_classes(self.path, self.file_test, self.classes)
        else:
            self.find()

    def load(self, context: DataContext) -> Dataset:
        """Return the samples; what is not used or not readable is reported.

        Raises:
            DataError: No such folder, no classes or files in it, or files that cannot be read.
        """
        splits = self.found(context)
        for note in splits.notes:
            context.emit(Notice(message=note, loud=True))
        examined = self.examined(list(dict.fromkeys(file for each in splits for file in each.every())))
        splits = self.readable(splits, examined, context)
        return self.settled(splits, context).dataset(splits)

    def settled(self, splits: FoundSplits, context: DataContext) -> Self:
        """Return the source with what it leaves to the files, such as their sampling rate."""
        return self

    def found(self, context: DataContext) -> FoundSplits:
        """Return the files of each split."""
        return self._table(self.files).find(context) if self.files is not None else self.find()

    def find(self) -> FoundSplits:
        """Return the files that no table lists."""
        return find_classes(self.path, self.file_test, self.classes)

    def dataset(self, splits: FoundSplits, labels: Callable[[FoundFiles], Data] = attrgetter("labels")) -> Dataset:
        """Return the samples in files that can be read.

        Args:
            splits: The files.
            labels: Gives the labels of the samples of a split.
        """
        validation, test = (
            None if each is None else self._samples(each, labels) for each in (splits.validation, splits.test)
        )
        return Dataset(
            self._samples(splits.train, labels),
            test=test,
            validation=validation,
            class_names=splits.names,
            fingerprint=fingerprint_of(splits),
            label_names=splits.label_names,
            label_separator=splits.label_separator,
        )

    def readable(self, splits: FoundSplits, examined: Examined, context: DataContext) -> FoundSplits:
        """Return the splits without files that cannot be read, where those are to be skipped; and tell the rest.

        Raises:
            DataError: They are not to be skipped, or there are no others.
        """
        for note in examined.notes:
            context.emit(Notice(message=f"{shown(Path(self.path))}: {note}"))
        unreadable = examined.unreadable
        if not unreadable:
            return splits
        listed = first_of((f"{shown(file)} {trouble}" for file, trouble in unreadable.items()), len(unreadable))
        if self.on_error == "stop":
            count = f"{plural(len(unreadable), 'file')} cannot be read: " if len(unreadable) > 1 else ""
            raise DataError(f"{count}{listed}", hint=self.repair[0], setting=f"{self.repair[1]}set on_error: skip")
        what = f"{plural(len(unreadable), 'file')} skipped that cannot be read: {listed}"
        context.emit(Notice(message=what, loud=True))
        left = splits.without(unreadable)
        if not len(left.train):
            raise DataError(f"{shown(Path(self.path))} holds no {self.noun} that can be read")
        return left

    def _samples(self, found: FoundFiles, labels: Callable[[FoundFiles], Data]) -> Samples:
        x = {name: self.rows(files) for name, files in found.inputs.items()}
        return Samples(x.get(ONLY, x), labels(found), found.weight, found.extra)

    def _table(self, table: str) -> FileTable:
        return FileTable(
            table, self.path, self.columns, self.label, self.label_separator, self.file_test.suffixes, self.answers
        )

    @property
    def answers(self) -> str | None:
        """The folder of files that are labels; `None` where labels are none."""
        return None

    def reads_file(self, ending: str) -> bool:
        """Whether it reads new inputs from files of this ending: a table of files too, where it was trained on one."""
        return ending in self.reads or (ending == ".csv" and self.files is not None)

    def read_new(self, new: NewFiles) -> NewInputs:
        """Return the samples in files, or in the files that a table lists.

        Raises:
            DataError: A file cannot be read, or the table has no such column.
        """
        table = new.files[0]
        if table.suffix.lower() in self.reads or not self.reads_file(table.suffix.lower()):
            return NewInputs(self.rows(new.files), new.files)
        files = dict(zip(self.columns, listed_files(table, self.columns), strict=True))
        first = next(iter(files.values()))
        if len(files) == 1:
            return NewInputs(self.rows(first), first)
        taken = {each.name: new.schema.input_names.get(each.name, each.name) for each in new.inputs}
        return NewInputs({name: self.rows(files[column]) for name, column in taken.items()}, first)
