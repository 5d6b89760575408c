"""IMDB: film reviews, downloaded once."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from trainctl.components.dataset import Dataset
from trainctl.components.spec import source
from trainctl.sources.reading.download import RemoteFile
from trainctl.sources.reading.sequences import SequencesSpec

if TYPE_CHECKING:
    from trainctl.components.context import DataContext

FILE = RemoteFile(
    name="imdb.npz",
    url="https://storage.googleapis.com/tensorflow/tf-keras-datasets/imdb.npz",
    sha256="69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f",
)


@source("IMDB")
class IMDB(SequencesSpec):
    """Film reviews: 25,000 to train on and 25,000 to test on, positive or negative, as word numbers.

    Word numbers are those of `keras.datasets.imdb`: 0 fills up, 1 begins a text, 2 is an unknown word, and the most
    frequent words come first, from 4 on.

    Shapes:
        x: int32 (n, maxlen), or (n, any length), below `num_words`.
        y: int64 (n,): 0 negative, 1 positive.

    The file, name and hash are Keras's, 17 MB, kept in Keras's cache.

    Source: A. L. Maas et al. (2011), Learning Word Vectors for Sentiment Analysis, no licence stated.
    """

    known_classes: ClassVar[int | None] = 2
    known_test: ClassVar[bool] = True

    def load(self, context: DataContext) -> Dataset:
        """Return both parts, from the cache or the network.

        Raises:
            DownloadError: The file is not cached and the network does not bring it.
        """
        arrays = self.read(FILE, context)
        train, test = (self.samples(arrays[f"x_{part}"], arrays[f"y_{part}"]) for part in ("train", "test"))
        return Dataset(train, test=test, class_names=("negative", "positive"))
