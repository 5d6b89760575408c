"""CIFAR10: small photographs, downloaded once."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from trainctl.components.dataset import Dataset
from trainctl.components.spec import SourceSpec, source
from trainctl.sources.reading.cifar import names, photographs, read_members
from trainctl.sources.reading.download import RemoteFile

if TYPE_CHECKING:
    from trainctl.components.context import DataContext

FILE = RemoteFile(
    name="cifar-10-batches-py-target_archive",
    url="https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
    sha256="6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
)
_FOLDER = "cifar-10-batches-py"


@source("CIFAR10")
class CIFAR10(SourceSpec):
    """Small photographs: 60,000 color images in 10 classes, 10,000 of them for testing.

    Shapes:
        x: uint8 (n, 32, 32, 3), values in 0-255.
        y: int64 (n,), what the photograph shows.

    The archive, name and hash are those of `keras.datasets.cifar10`, 170 MB, kept in Keras's cache.

    Source: A. Krizhevsky (2009), Learning Multiple Layers of Features from Tiny Images, no licence stated.
    """

    known_classes: ClassVar[int | None] = 10
    known_test: ClassVar[bool] = True

    def load(self, context: DataContext) -> Dataset:
        """Return both parts, from the cache or the network.

        Raises:
            DownloadError: The archive is not cached and the network does not bring it.
        """
        members = [f"data_batch_{number}" for number in range(1, 6)] + ["test_batch", "batches.meta"]
        *train, test, meta = read_members(FILE, [f"{_FOLDER}/{member}" for member in members], context)
        return Dataset(
            photographs(train, b"labels"),
            test=photographs([test], b"labels"),
            class_names=names(meta, b"label_names"),
        )
