"""TFRecord: examples in TensorFlow's record files."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, model_validator

from trainctl.components.dataset import Dataset, Samples
from trainctl.components.fields import ArgumentError, InputFile, Sizes, Text
from trainctl.components.spec import SourceSpec, Spec, source
from trainctl.sources.files.records import Column, Examples, Records, look_at_records, no_records
from trainctl.sources.reading.inputs import existing_files
from trainctl.text import nearest, one_of

if TYPE_CHECKING:
    from trainctl.components.context import DataContext


class Feature(Spec):
    """What a feature of each example holds."""

    shape: Sizes = Field(default=(), description="Shape of one value; for an image, height, width and channels.")
    dtype: Literal["float32", "int64", "string", "uint8"] | None = Field(
        default=None, description="The dtype; null = uint8 for an image, else float32."
    )
    decode: Literal["image", "raw"] | None = Field(
        default=None, description="image = PNG, JPEG, GIF or BMP; raw = the bytes of numbers; null = plain values."
    )

    @model_validator(mode="before")
    @classmethod
    def _keys_are_known(cls, given: Any) -> Any:
        unknown = [key for key in given if key not in cls.model_fields] if isinstance(given, dict) else []
        if unknown:
            close = nearest(unknown[0], cls.model_fields)
            hint = f"did you mean '{close}'?" if close else f"known keys: {one_of(cls.model_fields, 'and')}"
            word = str(unknown[0])
            raise ArgumentError("unknown-key", f"a feature has no key '{word}'", word=word, hint=hint)
        return given

    @model_validator(mode="after")
    def _image_has_a_shape(self) -> Self:
        if self.decode == "image" and len(self.shape) != 3:
            raise ValueError("decode: image needs shape: [height, width, channels]")
        if self.decode is None and self.dtype == "uint8":
            raise ValueError("dtype: uint8 needs decode: image or decode: raw")
        return self

    @property
    def column(self) -> Column:
        """What to parse."""
        return Column(self.shape, self.dtype or ("uint8" if self.decode == "image" else "float32"), self.decode)


@source("TFRecord")
class TFRecord(SourceSpec):
    """Examples (`tf.train.Example`) from TFRecord files, read on demand.

    Shapes:
        x: as described, (n, …); of several features a mapping, one for each input of the model.
        y: int64 (n,) classes where `label` holds whole numbers or text; float32 (n,) where it holds other numbers.
    """

    path: InputFile = Field(
        description="A TFRecord file, a folder (its *.tfrecord files) or a glob; plain, or compressed with gzip.",
        examples=["train.tfrecord"],
    )
    features: dict[str, Feature] = Field(
        min_length=1,
        description="The features to learn from, and the shape and dtype of each.",
        examples=[{"image": {"decode": "image", "shape": [28, 28, 1]}}],
    )
    label: Text = Field(description="The feature to predict, one value per example.", examples=["label"])
    label_dtype: Literal["int64", "float32", "string"] = Field(default="int64", description="The dtype of the label.")

    def look(self, context: DataContext) -> None:
        """Check that the files exist, and that the first one begins with a record."""
        look_at_records(existing_files(self.path, ".tfrecord"))

    def load(self, context: DataContext) -> Dataset:
        """All labels; the features of each example are read when they are wanted.

        Raises:
            DataError: No such file, no TFRecord file, no records, or an example without what is described.
        """
        import numpy as np

        files = existing_files(self.path, ".tfrecord")
        records = Records(files)
        if not len(records):
            raise no_records(files[0])
        labels = Examples(records, self.label, Column((), self.label_dtype))
        y = np.concatenate([labels[part] for part in np.array_split(np.arange(len(records)), len(records) // 4096 + 1)])
        x = {name: Examples(records, name, feature.column) for name, feature in self.features.items()}
        for rows in x.values():
            rows[np.arange(1)]  # the first example shows whether the description fits
        only = next(iter(x.values()))
        digest = hashlib.blake2b(digest_size=32)
        for file in files:
            with file.open("rb") as content:
                digest.update(hashlib.file_digest(content, "blake2b").digest())
        samples = Samples(only if len(x) == 1 else x, y)
        return Dataset(samples, fingerprint=digest.hexdigest())
