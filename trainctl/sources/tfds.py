"""TFDS: a data set of TensorFlow Datasets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from trainctl.aliases import Array, Data
from trainctl.components.dataset import Dataset, Samples
from trainctl.components.extras import Extra
from trainctl.components.fields import ImageSize, InputFile, Text
from trainctl.components.label_values import is_unlabeled
from trainctl.components.spec import SourceSpec, source
from trainctl.errors import DataError
from trainctl.events import Notice, Phase, PhaseStarted
from trainctl.sources.files.arrays import decoded
from trainctl.sources.files.images import COLOR_MODES, as_array
from trainctl.sources.reading.download import DownloadError
from trainctl.text import one_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trainctl.components.context import DataContext


@source("TFDS")
class TFDS(SourceSpec):
    """A data set of TensorFlow Datasets with inputs and labels, read into memory. Needs `pip install "trainctl[tfds]"`.

    Its split `test`, if there is one, is the test part.

    Shapes:
        x: as the data set describes them, (n, …); images uint8 (n, height, width, channels), texts (n,).
        y: int64 (n,) classes, or float32 (n, …) numbers.
    """

    extra: ClassVar[Extra] = Extra("tfds", "tensorflow_datasets")

    name: Text = Field(
        description="The name of the data set, optionally with config and version: `mnist`, `glue/cola:2.0.0`.",
        examples=["mnist"],
    )
    data_dir: InputFile | None = Field(
        default=None,
        description="The folder of the data set, or to download it to; null = the folder of TensorFlow Datasets.",
    )
    split: Text = Field(default="train", description="The split to train on: `train`, `train[:10%]`.")
    image_size: ImageSize | None = Field(
        default=None, description="Height and width to scale images to; null = unchanged, all of one size."
    )

    def load(self, context: DataContext) -> Dataset:
        """Return all samples of the split, and of the test split.

        Raises:
            DownloadError: The data set is not there and the network does not bring it.
            DataError: No such data set or split, or one without inputs and labels.
        """
        import tensorflow_datasets as tfds

        context.emit(PhaseStarted(phase=Phase.READING, subject=f"{self.name} of TensorFlow Datasets"))
        builder = self._builder(tfds)
        if self.split.split("[", maxsplit=1)[0].split("+")[0] not in builder.info.splits:
            raise DataError(
                f"{self.name} has no split {self.split!r}", hint=f"it has {one_of(builder.info.splits, 'and')}"
            )
        names = ["test"] if "test" in builder.info.splits and "test" not in self.split else []
        parts = [self._arrays(tfds, builder, split) for split in (self.split, *names)]
        if is_unlabeled(parts[-1][1]) and len(parts) > 1:
            context.emit(Notice(message=f"{self.name}: the split 'test' has no labels and is not used"))
            del parts[1]
        train, *test = (Samples(x, y) for x, y in parts)
        feature = builder.info.features[builder.info.supervised_keys[1]]
        class_names = tuple(getattr(feature, "names", None) or ())
        return Dataset(train, test=test[0] if test else None, class_names=class_names)

    def _builder(self, tfds: Any) -> Any:
        try:
            builder = tfds.builder(self.name, data_dir=self.data_dir)
        except (tfds.core.DatasetNotFoundError, ValueError) as error:
            raise DataError(
                f"unknown data set {self.name!r}: {_first_line(error)}",
                hint="see its name in the catalog of TensorFlow Datasets",
            ) from error
        if not builder.info.splits:
            try:
                builder.download_and_prepare()
            except Exception as error:
                raise DownloadError(
                    f"{self.name} cannot be downloaded: {_first_line(error)}",
                    reason=_first_line(error),
                    hint="check the network, or name its folder under data_dir:",
                ) from error
        if not builder.info.supervised_keys:
            raise DataError(f"{self.name} does not declare its inputs and labels", hint="choose another config")
        return builder

    def _arrays(self, tfds: Any, builder: Any, split: str) -> tuple[Array, Array]:
        import numpy as np

        pairs = list(tfds.as_numpy(builder.as_dataset(split=split, as_supervised=True)))
        if not pairs:
            raise DataError(f"{self.name}: the split {split!r} is empty", hint="name another under split:")
        return _stacked((self._input(x) for x, _ in pairs), self.name), decoded(
            np.asarray([y for _, y in pairs]), self.name
        )

    def _input(self, value: Data) -> Data:
        if isinstance(value, bytes):
            return value.decode("utf-8", "replace")
        if self.image_size is None:
            return value
        from PIL import Image

        mode = COLOR_MODES[value.shape[-1]]
        return as_array(Image.fromarray(value[..., 0] if mode == "grayscale" else value), self.image_size, mode)


def _stacked(values: Iterable[Data], name: str) -> Array:
    import numpy as np

    items = list(values)
    if isinstance(items[0], str):
        return np.array(items, object)
    shapes = {np.shape(item) for item in items}
    if len(shapes) > 1:
        raise DataError(
            f"{name} has samples of different shapes, such as {one_of(sorted(shapes)[:3], 'and')}",
            hint="set image_size:",
        )
    return np.stack(items)


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
