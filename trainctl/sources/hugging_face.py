"""HuggingFace: a data set of the Hugging Face hub, or a folder of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import Field, model_validator

from trainctl.aliases import Array, Data
from trainctl.components.dataset import Dataset, Rows, Samples, Sequences
from trainctl.components.extras import Extra
from trainctl.components.fields import ImageSize, InputFile, Text, Texts
from trainctl.components.label_values import is_unlabeled
from trainctl.components.spec import SourceSpec, source
from trainctl.errors import DataError
from trainctl.events import Notice, Phase, PhaseStarted
from trainctl.sources.files.images import CHANNELS, ColorMode, as_array
from trainctl.sources.reading.download import DownloadError
from trainctl.text import nearest, one_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from trainctl.components.context import DataContext


@source("HuggingFace")
class HuggingFace(SourceSpec):
    """A data set of the Hugging Face hub, or one saved with `save_to_disk`. Needs `pip install "trainctl[huggingface]"`.

    Its split `test`, if there is one, is the test part. Images are read on demand. Code that a data set
    brings is never run.

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
    split: Text = Field(default="train", description="The split to train on.")
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

    def load(self, context: DataContext) -> Dataset:
        """Return all labels; columns of numbers and text, while images are read on demand.

        Raises:
            DownloadError: The data set is not there and the network does not bring it.
            DataError: No such data set, split or column.
        """
        import datasets

        context.emit(PhaseStarted(phase=Phase.READING, subject=self.path or self.folder))
        columns = (self.features,) if isinstance(self.features, str) else self.features
        parts = self._parts(self._splits(datasets), columns, context)
        raw = [_numbers(part[self.label][:]) for part in parts]
        if is_unlabeled(raw[-1]) and len(parts) > 1:
            context.emit(Notice(message=f"{self._name}: the split 'test' has no labels and is not used"))
            del parts[1], raw[1]
        names = tuple(getattr(parts[0].features[self.label], "names", None) or ())
        train, *test = (Samples(self._inputs(datasets, part, columns), y) for part, y in zip(parts, raw, strict=True))
        content = "-".join(part._fingerprint for part in parts)  # noqa: SLF001  # what the package itself caches by
        return Dataset(
            train,
            test=test[0] if test else None,
            class_names=names,
            fingerprint=content,
        )

    def _parts(self, splits: Mapping[str, Any], columns: Sequence[str], context: DataContext) -> list[Any]:
        """The split to train on, and the test split where there is one with samples."""
        if self.split not in splits:
            raise DataError(f"{self._name} has no split {self.split!r}", hint=f"it has {one_of(splits, 'and')}")
        train = splits[self.split]
        for column in (*columns, self.label):
            self._require(train, column)
        if not len(train):
            raise DataError(f"{self._name}: the split {self.split!r} is empty", hint="name another under split:")
        if self.split == "test" or "test" not in splits:
            return [train]
        if not len(splits["test"]):
            context.emit(Notice(message=f"{self._name}: the split 'test' is empty and is not used"))
            return [train]
        return [train, splits["test"]]

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
        except (ValueError, RuntimeError) as error:
            raise DataError(
                f"{self._name} cannot be read: {str(error).splitlines()[0]}", hint="check name and split"
            ) from error
        return found if isinstance(found, dict) else {self.split: found}

    def _require(self, part: Data, column: str) -> None:
        if column not in part.column_names:
            close = nearest(column, part.column_names)
            raise DataError(
                f"{self._name} has no column {column!r}; it has {one_of(map(repr, part.column_names), 'and')}",
                hint=f"did you mean {close!r}?" if close else "name others under features: and label:",
            )

    def _inputs(self, datasets: Any, part: Data, columns: tuple[str, ...]) -> Any:
        found = {
            column: HubImages(part, column, self.image_size, self.color_mode)
            if isinstance(part.features[column], datasets.Image)
            else _numbers(part[column][:])
            for column in columns
        }
        return found[columns[0]] if isinstance(self.features, str) else found


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
