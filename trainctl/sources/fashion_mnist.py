"""FashionMNIST: pieces of clothing, downloaded once."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, ClassVar

from trainctl.aliases import Array
from trainctl.components.dataset import Dataset, Samples
from trainctl.components.spec import SourceSpec, source
from trainctl.sources.reading.download import RemoteFile, fetch
from trainctl.sources.reading.stand_in import grey_images

if TYPE_CHECKING:
    from trainctl.components.context import DataContext

FOLDER = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
HASHES = {
    "train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    "train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
    "t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79",
    "t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310",
}
"""The files and their MD5, which is what the authors publish."""

_HEADER = {"images": 16, "labels": 8}  # bytes before the values


@source("FashionMNIST")
class FashionMNIST(SourceSpec):
    """Pieces of clothing: 70,000 grey images in 10 classes, 10,000 of them the test part.

    Shapes:
        x: uint8 (n, 28, 28, 1), values in 0-255.
        y: int64 (n,), the kind of clothing.

    The files and names are those of `keras.datasets.fashion_mnist`, 30 MB, kept in Keras's cache.

    Source: H. Xiao, K. Rasul, R. Vollgraf (2017), Zalando SE; MIT licence.
    """

    known_classes: ClassVar[int | None] = 10
    known_test: ClassVar[bool] = True

    def load(self, context: DataContext) -> Dataset:
        """Return both parts, from the cache or the network.

        Raises:
            DownloadError: A file is not cached and the network does not bring it.
        """
        import numpy as np

        train, test = (
            Samples(
                _values(part, "images", context).reshape(-1, 28, 28, 1),
                _values(part, "labels", context).astype(np.int64),
            )
            for part in ("train", "t10k")
        )
        names = (
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot",
        )
        return Dataset(train, test=test, class_names=names)

    def stand_in(self, other: Dataset) -> Dataset:
        """Return other grey images of at most 10 classes, scaled to 28 x 28 pixels; a seventh of them as the test part.

        Raises:
            DataError: `other` is not such.
        """
        return grey_images(other, side=28, classes=10, test_share=7)


def _values(part: str, what: str, context: DataContext) -> Array:
    import numpy as np

    name = next(each for each in HASHES if each.startswith(f"{part}-{what}"))
    file = RemoteFile(f"fashion-mnist/{name}", FOLDER + name, md5=HASHES[name])
    return np.frombuffer(gzip.decompress(fetch(file, context).read_bytes()), np.uint8, offset=_HEADER[what])
