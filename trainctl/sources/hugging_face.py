"""HuggingFace: a data set of the Hugging Face hub, or a folder of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from trainctl.aliases import Array, Data
from trainctl.components.dataset import Dataset, Rows, Samples, Sequences
from trainctl.components.extras import Extra
from trainctl.components.fields import Boolean, ImageSize, InputFile, Text, Texts
from trainctl.components.label_values import is_unlabeled
from trainctl.components.spec import SourceSpec, source
from trainctl.errors import DataError
from trainctl.notices import Notice, Phase, PhaseStarted
from trainctl.sources.files.images import CHANNELS, ColorMode, as_array
from trainctl.sources.reading.download import DownloadError
from trainctl.sources.reading.inputs import existing_folder
from trainctl.sources.table.table import STREAMED_FROM
from trainctl.text import nearest, one_of, plural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from trainctl.components.context import DataContext


_NAMES_SHOWN = 10
_LOOKED_AT = 8  # rows that tell the type and the shape of a column


@source("HuggingFace")
class HuggingFace(SourceSpec):
    """A data set of the Hugging Face hub, or one saved with `save_to_disk`. Needs `pip install "trainctl[huggingface]"`.

    Its split `test`, if there is one, is the test split unless `test` says otherwise. Images, and with `stream` all columns, are
    read from the disk when they are needed. Code that a data set brings is never run.

    Shapes:
        x: a column (n, …), or a mapping of several to the model's inputs; images uint8 (n, height, width, channels).
        y: int64 (n,) classes, or float32 (n, …) numbers.
    """

    extra: ClassVar[Extra] = Extra("huggingface", "datasets")

    path: Text | None = Field(
        default=None, description="The name of the data set on the hub.", examples=["stanfordnlp/imdb"]
    )
    folder: InputFile | None = Field(default=None, description="A folder written by `save_to_disk`, instead of a name.")
    name: Text | None = Field(default=None, description="The config, if there are several.")
    revision: Text | None = Field(default=None, description="The version: a commit or a tag; null = the newest.")
    split: Text = Field(
        default="train",
        description="The split to train on, or several, such as `train+validation`.",
        examples=["train"],
    )
    validation: Text | None = Field(
        default=None, description="The split to validate on after each epoch; null = none, see data.validation_split."
    )
    test: Text | Literal[False] | None = Field(
        default=None, description="The split to test on; null = `test` if there is one, false = none."
    )
    stream: Boolean | None = Field(
        default=None,
        description="Whether to read columns from the disk when they are needed, for data larger than memory; null = from "
        "256 MiB on.",
    )
    features: Text | Texts = Field(
        description="The column to learn from, or a list, one for each input.", examples=["text"]
    )
    label: Text = Field(default="label", description="The column to predict.")
    image_size: ImageSize = Field(default=(224, 224), description="Height and width to scale images to.")
    color_mode: ColorMode = Field(default="rgb", description="Color mode of images: 3, 1 or 4 channels.")

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.path is None) == (self.folder is None):
            raise ValueError("name either path: (on the hub) or folder: (on disk)")
        return self

    def look(self, context: DataContext) -> None:
        """Check that the folder exists; a data set on the hub is looked for only when it is loaded."""
        if self.folder is not None:
            existing_folder(self.folder, "folder")

    def load(self, context: DataContext) -> Dataset:
        """Return all labels; columns of numbers and text, while images are read on demand.

        Raises:
            DownloadError: The data set is not there and the network does not bring it.
            DataError: No such data set, split or column.
        """
        import datasets

        context.emit(PhaseStarted(phase=Phase.READING, subject=self.path or self.folder))
        columns = (self.features,) if isinstance(self.features, str) else self.features
        splits = self._splits(datasets)
        parts = self._parts(datasets, splits, columns, context)
        raw = {role: _numbers(part[self.label][:]) for role, part in parts.items()}
        if self.test is None and "test" in parts and is_unlabeled(raw["test"]):
            context.emit(Notice(message=f"{self._name}: the split 'test' has no labels and is not used"))
            del parts["test"]
        train = parts["train"]
        samples = {role: Samples(self._inputs(datasets, part, columns), raw[role]) for role, part in parts.items()}
        return Dataset(
            samples["train"],
            test=samples.get("test"),
            validation=samples.get("validation"),
            class_names=tuple(getattr(train.features[self.label], "names", None) or ()),
            fingerprint="-".join(part._fingerprint for part in parts.values()),  # noqa: SLF001  # what the package itself caches by
            about=_about(splits, train),
        )

    @property
    def brings_validation(self) -> bool:
        """Whether a split to validate on is named."""
        return self.validation is not None

    def _parts(
        self, datasets: Any, splits: Mapping[str, Any], columns: Sequence[str], context: DataContext
    ) -> dict[str, Any]:
        """The samples to train, to validate and to test on, as far as there are such.

        Raises:
            DataError: A split or a column is missing, or a split is empty.
        """
        parts = {"train": self._joined(datasets, splits, self.split)}
        if self.validation is not None:
            parts["validation"] = self._joined(datasets, splits, self.validation)
        if self.test:
            parts["test"] = self._joined(datasets, splits, self.test)
        elif self.test is None and "test" in splits and "test" not in self._named(self.split):
            if len(splits["test"]):
                parts["test"] = splits["test"]
            else:
                context.emit(Notice(message=f"{self._name}: the split 'test' is empty and is not used"))
        for part in parts.values():
            for column in (*columns, self.label):
                self._require(part, column)
        return parts

    @staticmethod
    def _named(split: str) -> list[str]:
        return [each.strip() for each in split.split("+")]

    def _joined(self, datasets: Any, splits: Mapping[str, Any], split: str) -> Any:
        """The samples of a split, or of several."""
        for name in self._named(split):
            if name not in splits:
                raise DataError(f"{self._name} has no split {name!r}", hint=f"it has {one_of(splits, 'and')}")
        parts = [splits[name] for name in self._named(split)]
        if not sum(map(len, parts)):
            raise DataError(f"{self._name}: the split {split!r} is empty", hint="name another")
        return parts[0] if len(parts) == 1 else datasets.concatenate_datasets(parts)

    @property
    def _name(self) -> str:
        return str(self.path or self.folder)

    def _splits(self, datasets: Any) -> Any:
        try:
            if self.folder is not None:
                found = datasets.load_from_disk(self.folder)
            else:
                found = datasets.load_dataset(self.path, self.name, revision=self.revision)
        except (FileNotFoundError, datasets.exceptions.DatasetNotFoundError) as error:
            raise DataError(f"unknown data set {self._name}", hint="check the name or the folder") from error
        except (ConnectionError, OSError) as error:
            reason = (str(error) or type(error).__name__).splitlines()[0]
            raise DownloadError(
                f"{self._name} cannot be downloaded: {reason}",
                reason=reason,
                hint="check the network, or name a folder: on disk",
            ) from error
        except (ValueError, RuntimeError, IndexError) as error:
            raise DataError(
                f"{self._name} cannot be read: {str(error).splitlines()[0]}", hint="check name and split"
            ) from error
        return found if isinstance(found, dict) else dict.fromkeys(self._named(self.split)[:1], found)

    def _require(self, part: Data, column: str) -> None:
        if column not in part.column_names:
            close = nearest(column, part.column_names)
            raise DataError(
                f"{self._name} has no column {column!r}; it has {one_of(map(repr, part.column_names), 'and')}",
                hint=f"did you mean {close!r}?" if close else "name others under features: and label:",
            )

    def _inputs(self, datasets: Any, part: Data, columns: tuple[str, ...]) -> Any:
        found = {column: self._column(datasets, part, column) for column in columns}
        return found[columns[0]] if isinstance(self.features, str) else found

    def _column(self, datasets: Any, part: Data, column: str) -> Data:
        if isinstance(part.features[column], datasets.Image):
            return HubImages(part, column, self.image_size, self.color_mode)
        only = part.select_columns([column])
        streams = self.stream if self.stream is not None else only.data.nbytes >= STREAMED_FROM
        is_of_one_size = None not in _numbers(only[:_LOOKED_AT][column]).shape
        return HubColumn(only, column) if streams and is_of_one_size else _numbers(part[column][:])


def _about(splits: Mapping[str, Any], train: Data) -> dict[str, str]:
    """What the data set says of itself: its splits, and what its columns hold."""
    sizes = ", ".join(f"{name} {len(part):,}" for name, part in splits.items())
    columns = ", ".join(f"{name} ({_kind_of(feature)})" for name, feature in train.features.items())
    return {"splits": sizes, "holds": columns}


def _kind_of(feature: Any) -> str:
    """`string`, `2 classes: bad, good`, `Image`."""
    names = getattr(feature, "names", None)
    if names:
        shown = ", ".join(names[:_NAMES_SHOWN]) + (", …" if len(names) > _NAMES_SHOWN else "")
        return f"{plural(len(names), 'class')}: {shown}"
    return str(getattr(feature, "dtype", None) or type(feature).__name__)


class HubColumn(Rows):
    """A column of text or numbers, read from the disk when it is needed.

    Args:
        part: The split, with this column alone.
        column: The column.

    Raises:
        DataError: Its values have different lengths.
    """

    def __init__(self, part: Data, column: str) -> None:
        first = _numbers(part[:_LOOKED_AT][column])
        super().__init__((len(part), *first.shape[1:]), "object" if first.dtype == object else first.dtype.name)
        self._part, self._column = part, column

    def __getitem__(self, indices: NDArray[np.int64]) -> Array:
        found = _numbers(self._part[[int(index) for index in indices]][self._column])
        if found.shape[1:] != self.shape[1:]:
            raise DataError(
                f"column {self._column!r} has values of different lengths", hint="read it into memory: stream: false"
            )
        values: Array = found.astype(self.dtype)
        return values


class HubImages(Rows):
    """A column of images, uint8 (n, height, width, channels).

    Args:
        part: The split.
        column: The column.
        size: Height and width.
        color_mode: The kind of color.
    """

    def __init__(self, part: Data, column: str, size: tuple[int, int], color_mode: ColorMode) -> None:
        super().__init__((len(part), *size, CHANNELS[color_mode]), "uint8")
        self._part, self._column, self._color_mode = part.select_columns([column]), column, color_mode

    def __getitem__(self, indices: NDArray[np.int64]) -> Array:
        import numpy as np

        images = self._part[[int(index) for index in indices]][self._column]
        return np.stack([as_array(image, self.shape[1:3], self._color_mode) for image in images])


def _numbers(values: Data) -> Data:
    """Return a column: text as objects, numbers in float32 or as they are, lists of different lengths as sequences."""
    import numpy as np

    if isinstance(values[0], str):
        return np.array(values, object)
    try:
        array = np.asarray(values)
    except ValueError:
        try:
            return Sequences.of(values)  # filled up in each batch
        except ValueError as error:
            raise DataError(
                "a column has values of different shapes", hint="choose a column whose values differ in length only"
            ) from error
    return array.astype(np.float32) if array.dtype == np.float64 else array
