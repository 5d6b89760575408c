"""MNIST: handwritten digits, downloaded once."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from trainctl.components.dataset import Dataset, Samples
from trainctl.components.spec import SourceSpec, source
from trainctl.sources.reading.download import RemoteFile, fetch
from trainctl.sources.reading.stand_in import grey_images

if TYPE_CHECKING:
    from trainctl.components.context import DataContext

FILE = RemoteFile(
    name="mnist.npz",
    url="https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",
    sha256="731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
)


@source("MNIST")
class MNIST(SourceSpec):
    """Handwritten digits: 70,000 grey images in 10 classes, 10,000 of them the test part.

    Shapes:
        x: uint8 (n, 28, 28, 1), values in 0-255.
        y: int64 (n,), the digit.

    The file, name and hash are those of `keras.datasets.mnist`, 11 MB, kept in Keras's cache.

    Source: Y. LeCun, C. Cortes, a derivative of NIST data; CC BY-SA 3.0.
    """

    known_classes: ClassVar[int | None] = 10
    known_test: ClassVar[bool] = True

    def load(self, context: DataContext) -> Dataset:
        """Return both parts, from the cache or the network.

        Raises:
            DownloadError: The file is not cached and the network does not bring it.
        """
        import numpy as np

        with np.load(fetch(FILE, context), allow_pickle=False) as arrays:
            train, test = (
                Samples(arrays[f"x_{part}"][..., np.newaxis], arrays[f"y_{part}"].astype(np.int64))
                for part in ("train", "test")
            )
        return Dataset(train, test=test, class_names=tuple("0123456789"))

    def stand_in(self, other: Dataset) -> Dataset:
        """Return other grey images of at most 10 classes, scaled to 28 x 28 pixels; a seventh of them as the test part.

        Raises:
            DataError: `other` is not such.
        """
        return grey_images(other, side=28, classes=10, test_share=7)
