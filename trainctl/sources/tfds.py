"""TFDS: a data set of TensorFlow Datasets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

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
from trainctl.text import one_of, plural

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from trainctl.components.context import DataContext


_NAMES_SHOWN = 10


@source("TFDS")
class TFDS(SourceSpec):
    """A data set of TensorFlow Datasets with inputs and labels, read into memory. Needs `pip install "trainctl[tfds]"`.

    Its split `test`, if there is one, is the test split unless `test` says otherwise.

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
    validation: Text | None = Field(
        default=None, description="The split to validate on after each epoch; null = none, see data.validation_split."
    )
    test: Text | Literal[False] | None = Field(
        default=None, description="The split to test on; null = `test` if there is one, false = none."
    )
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
        splits = builder.info.splits
        test = "test" if self.test is None and "test" in splits and "test" not in self.split else self.test or None
        chosen: dict[str, str | None] = {"train": self.split, "validation": self.validation, "test": test}
        for split in chosen.values():
            if split is not None:
                self._require(split, splits)
        parts = {role: self._arrays(tfds, builder, split) for role, split in chosen.items() if split}
        if self.test is None and "test" in parts and is_unlabeled(parts["test"][1]):
            context.emit(Notice(message=f"{self.name}: the split 'test' has no labels and is not used"))
            del parts["test"]
        samples = {role: Samples(x, y) for role, (x, y) in parts.items()}
        feature = builder.info.features[builder.info.supervised_keys[1]]
        return Dataset(
            samples["train"],
            test=samples.get("test"),
            validation=samples.get("validation"),
            class_names=tuple(getattr(feature, "names", None) or ()),
            about=_about(builder.info),
        )

    @property
    def brings_validation(self) -> bool:
        """Whether a split to validate on is named."""
        return self.validation is not None

    def _require(self, split: str, splits: Collection[str]) -> None:
        """Require each split in `train[:80%]+extra`.

        Raises:
            DataError: There is no such split.
        """
        for each in split.split("+"):
            if each.strip().split("[", maxsplit=1)[0] not in splits:
                raise DataError(f"{self.name} has no split {split!r}", hint=f"it has {one_of(splits, 'and')}")

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


def _about(info: Any) -> dict[str, str]:
    """What the data set says of itself: its splits, and what its features hold."""
    sizes = ", ".join(f"{name} {split.num_examples:,}" for name, split in info.splits.items())
    features = ", ".join(f"{name} ({_kind_of(feature)})" for name, feature in info.features.items())
    return {"splits": sizes, "holds": features}


def _kind_of(feature: Any) -> str:
    """`Image (28, 28, 1) uint8`, `2 classes: cat, dog`."""
    names = getattr(feature, "names", None)
    if names:
        more = ", …" if len(names) > _NAMES_SHOWN else ""
        return f"{plural(len(names), 'class')}: {', '.join(names[:_NAMES_SHOWN])}{more}"
    shape = f" {feature.shape}" if getattr(feature, "shape", None) else ""
    dtype = getattr(getattr(feature, "np_dtype", None), "__name__", None)
    return f"{type(feature).__name__}{shape}" + (f" {dtype}" if dtype else "")


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
