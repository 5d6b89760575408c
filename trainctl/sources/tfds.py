"""TFDS: a data set of TensorFlow Datasets."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from trainctl.aliases import Array, Data
from trainctl.components.dataset import Dataset, Rows, Samples
from trainctl.components.extras import Extra
from trainctl.components.fields import Boolean, ImageSize, InputFile, Text
from trainctl.components.label_values import is_unlabeled
from trainctl.components.spec import SourceSpec, source
from trainctl.errors import DataError
from trainctl.notices import Notice, Phase, PhaseStarted
from trainctl.sources.files.arrays import decoded
from trainctl.sources.files.images import COLOR_MODES, as_array
from trainctl.sources.files.records import Records
from trainctl.sources.reading.download import DownloadError
from trainctl.sources.table.table import STREAMED_FROM
from trainctl.text import one_of, plural

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from trainctl.components.context import DataContext


_NAMES_SHOWN = 10
_LOOKED_AT = 8  # examples that tell the type and the shape of a feature


@source("TFDS")
class TFDS(SourceSpec):
    """A data set of TensorFlow Datasets with inputs and labels. Needs `pip install "trainctl[tfds]"`.

    Its split `test`, if there is one, is the test split unless `test` says otherwise. Inputs of more than 256 MiB are read
    from the disk when they are needed.

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
    stream: Boolean | None = Field(
        default=None,
        description="Whether to read inputs from the disk when they are needed, for data larger than memory; null = from "
        "256 MiB on.",
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
        read = self._streamed if self._streams(builder) else self._arrays
        parts = {role: read(tfds, builder, split) for role, split in chosen.items() if split}
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
            fingerprint=_fingerprint(builder.info, chosen.values()) if read == self._streamed else "",
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

        if builder.info.file_format.value == _ARRAYS:
            x, y = builder.info.supervised_keys[:2]
            pairs = [(each[x], each[y]) for each in builder.as_data_source(split)]
        else:
            pairs = list(tfds.as_numpy(builder.as_dataset(split=split, as_supervised=True)))
        if not pairs:
            raise self._empty(split)
        return _stacked((self._input(x) for x, _ in pairs), self.name), decoded(
            np.asarray([y for _, y in pairs]), self.name
        )

    def _streams(self, builder: Any) -> bool:
        """Whether inputs are read when they are needed.

        Raises:
            DataError: They are to be, but are stored in a way that is read in order only.
        """
        one_input = isinstance(builder.info.supervised_keys[0], str) and isinstance(
            builder.info.supervised_keys[1], str
        )
        can = one_input and builder.info.file_format.value in {_RECORDS, _ARRAYS}
        if self.stream and not can:
            stored = builder.info.file_format.value if one_input else "several inputs"
            raise DataError(
                f"{self.name} cannot be read from the disk when needed: it is stored as {stored}",
                hint="set stream: false",
                field="stream",
            )
        return can and (int(builder.info.dataset_size) >= STREAMED_FROM if self.stream is None else self.stream)

    def _streamed(self, tfds: Any, builder: Any, split: str) -> tuple[Data, Array]:
        import numpy as np

        key, label = builder.info.supervised_keys[:2]
        if not builder.info.splits[split].num_examples:
            raise self._empty(split)
        examples = {name: _examples(tfds, builder, split, name) for name in (key, label)}
        y = decoded(np.asarray([each[label] for each in examples[label]]), self.name)
        return StreamedInputs(examples[key], key, self._input, self.name), y

    def _empty(self, split: str) -> DataError:
        return DataError(f"{self.name}: the split {split!r} is empty", hint="name another under split:")

    def _input(self, value: Data) -> Data:
        if isinstance(value, bytes):
            return value.decode("utf-8", "replace")
        if self.image_size is None:
            return value
        from PIL import Image

        mode = COLOR_MODES[value.shape[-1]]
        return as_array(Image.fromarray(value[..., 0] if mode == "grayscale" else value), self.image_size, mode)


_RECORDS, _ARRAYS = "tfrecord", "array_record"


class StreamedInputs(Rows):
    """One feature of a split, read when it is needed.

    Args:
        examples: The split's examples.
        key: The feature.
        convert: Makes of a value what the model takes.
        name: The name of the data set, for messages.

    Raises:
        DataError: The first of them have different shapes.
    """

    def __init__(
        self, examples: Sequence[Mapping[str, Data]], key: str, convert: Callable[[Data], Data], name: str
    ) -> None:
        first = _stacked((convert(examples[index][key]) for index in range(min(_LOOKED_AT, len(examples)))), name)
        super().__init__((len(examples), *first.shape[1:]), first.dtype.name)
        self._examples, self._key, self._convert, self._name = examples, key, convert, name

    def __getitem__(self, indices: NDArray[np.int64]) -> Array:
        return _stacked((self._convert(self._examples[int(index)][self._key]) for index in indices), self._name)


class RecordedExamples:
    """The examples of a split in TFRecord files.

    Args:
        features: The features to read of each.
        instructions: Which records of which files, as TensorFlow Datasets describes them.
    """

    def __init__(self, features: Any, instructions: Sequence[Any]) -> None:
        import numpy as np

        files = list(dict.fromkeys(Path(each.filename) for each in instructions))
        self._features, self._records = features, Records(files)
        begins = {file: int(np.searchsorted(self._records.file, number)) for number, file in enumerate(files)}
        self._places = np.concatenate(
            [
                begins[Path(each.filename)] + each.skip + np.arange(each.examples_in_shard)[: each.take]
                for each in instructions
            ]
        )

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, index: int) -> Mapping[str, Data]:
        found: Mapping[str, Data] = self._features.deserialize_example_np(self._records[int(self._places[index])])
        return found


def _examples(tfds: Any, builder: Any, split: str, feature: str) -> Sequence[Mapping[str, Data]]:
    """The examples of a split with one of their features."""
    if builder.info.file_format.value == _ARRAYS:
        others = {name: tfds.decode.SkipDecoding() for name in builder.info.features if name != feature}
        examples: Sequence[Mapping[str, Data]] = builder.as_data_source(split, decoders=others)
        return examples
    features = tfds.decode.PartialDecoding({feature: True}).extract_features(builder.info.features)
    return RecordedExamples(features, builder.info.splits[split].file_instructions)  # type: ignore[return-value]


def _fingerprint(info: Any, splits: Iterable[str | None]) -> str:
    """A hash of what a data set is: its name, version, splits and their sizes."""
    sizes = {name: (each.num_examples, each.num_bytes) for name, each in info.splits.items()}
    return hashlib.blake2b(repr((info.full_name, list(splits), sizes)).encode(), digest_size=32).hexdigest()


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
