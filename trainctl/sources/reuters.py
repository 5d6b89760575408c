"""Reuters: newswires, downloaded once."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from trainctl.components.dataset import Dataset
from trainctl.components.spec import source
from trainctl.sources.reading.download import RemoteFile
from trainctl.sources.reading.sequences import SequencesSpec

if TYPE_CHECKING:
    from trainctl.components.context import DataContext

FILE = RemoteFile(
    name="reuters.npz",
    url="https://storage.googleapis.com/tensorflow/tf-keras-datasets/reuters.npz",
    sha256="d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916",
)
_TEST_SHARE = 5  # every fifth, as in Keras

TOPICS = (
    "cocoa",
    "grain",
    "veg-oil",
    "earn",
    "acq",
    "wheat",
    "copper",
    "housing",
    "money-supply",
    "coffee",
    "sugar",
    "trade",
    "reserves",
    "ship",
    "cotton",
    "carcass",
    "crude",
    "nat-gas",
    "cpi",
    "money-fx",
    "interest",
    "gnp",
    "meal-feed",
    "alum",
    "oilseed",
    "gold",
    "tin",
    "strategic-metal",
    "livestock",
    "retail",
    "ipi",
    "iron-steel",
    "rubber",
    "heat",
    "jobs",
    "lei",
    "bop",
    "zinc",
    "orange",
    "pet-chem",
    "dlr",
    "gas",
    "silver",
    "wpi",
    "hog",
    "lead",
)


@source("Reuters")
class Reuters(SequencesSpec):
    """Newswires: 11,228 texts on 46 topics, a fifth of them the test part, as word numbers.

    Word numbers are those of `keras.datasets.reuters`: 0 fills up, 1 begins a text, 2 is an unknown word, and the most
    frequent words come first, from 4 on.

    Shapes:
        x: int32 (n, maxlen), or (n, any length), below `num_words`.
        y: int64 (n,), the topic.

    The file, name and hash are Keras's, 2 MB, kept in Keras's cache.

    Source: Reuters-21578, Distribution 1.0; for research only.
    """

    known_classes: ClassVar[int | None] = 46
    known_test: ClassVar[bool] = True

    def load(self, context: DataContext) -> Dataset:
        """Return both parts, from the cache or the network.

        Raises:
            DownloadError: The file is not cached and the network does not bring it.
        """
        import numpy as np

        arrays = self.read(FILE, context)
        whole = self.samples(arrays["x"], arrays["y"])
        train, test = np.split(np.arange(len(whole)), [len(whole) - len(whole) // _TEST_SHARE])
        return Dataset(whole.take(train), test=whole.take(test), class_names=TOPICS)
