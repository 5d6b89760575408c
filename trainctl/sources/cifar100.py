"""CIFAR100: small photographs of many things, downloaded once."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from trainctl.components.dataset import Dataset
from trainctl.components.spec import SourceSpec, source
from trainctl.sources.reading.cifar import names, photographs, read_members
from trainctl.sources.reading.download import RemoteFile

if TYPE_CHECKING:
    from trainctl.components.context import DataContext

FILE = RemoteFile(
    name="cifar-100-python-target_archive",
    url="https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",
    sha256="85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
)


@source("CIFAR100")
class CIFAR100(SourceSpec):
    """Small photographs: 60,000 color images in 100 classes (or 20 coarse ones), 10,000 of them for testing.

    Shapes:
        x: uint8 (n, 32, 32, 3), values in 0-255.
        y: int64 (n,), what the photograph shows.

    The archive, name and hash are those of `keras.datasets.cifar100`, 169 MB, kept in Keras's cache.

    Source: A. Krizhevsky (2009), Learning Multiple Layers of Features from Tiny Images, no licence stated.
    """

    known_test: ClassVar[bool] = True

    label_mode: Literal["fine", "coarse"] = Field(
        default="fine", description="The labels: 100 fine or 20 coarse classes."
    )

    def load(self, context: DataContext) -> Dataset:
        """Return both parts, from the cache or the network.

        Raises:
            DownloadError: The archive is not cached and the network does not bring it.
        """
        train, test, meta = read_members(
            FILE, [f"cifar-100-python/{each}" for each in ("train", "test", "meta")], context
        )
        label = f"{self.label_mode}_labels".encode()
        return Dataset(
            photographs([train], label),
            test=photographs([test], label),
            class_names=names(meta, f"{self.label_mode}_label_names".encode()),
        )
