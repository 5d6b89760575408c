"""IMDB and Reuters: texts as sequences of word numbers, the frequent words first, as Keras publishes and encodes them."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from pydantic import Field

from trainctl.aliases import Array
from trainctl.components.dataset import Samples
from trainctl.components.fields import Positive
from trainctl.components.spec import SourceSpec
from trainctl.sources.reading.download import RemoteFile, fetch
from trainctl.sources.reading.pickles import read_object_array

if TYPE_CHECKING:
    from trainctl.components.context import DataContext

START, UNKNOWN, _OFFSET = 1, 2, 3
"""Word numbers with a meaning; 0 fills up, and words begin at 4."""


class SequencesSpec(SourceSpec):
    """Texts as word numbers, cut or filled up to one length."""

    num_words: Positive | None = Field(
        default=10_000, description="Keep only this many of the most frequent words; null = all."
    )
    maxlen: Positive = Field(
        default=200,
        description="Words to keep of each text, the last ones; shorter texts are padded with 0 at the start.",
    )

    def read(self, file: RemoteFile, context: DataContext) -> dict[str, Array]:
        """Return the arrays of the published file: `x…` object arrays of lists, `y…` integers.

        Raises:
            DownloadError: The file is not cached and the network does not bring it.
        """
        import numpy as np

        arrays = {}
        with zipfile.ZipFile(fetch(file, context)) as archive:
            for member in archive.namelist():
                content, name = io.BytesIO(archive.read(member)), member.removesuffix(".npy")
                arrays[name] = read_object_array(content) if name.startswith("x") else np.load(content)
        return arrays

    def samples(self, texts: Array, labels: Array) -> Samples:
        """Return the texts as one array, int32 (n, maxlen), in an order that mixes the classes."""
        import numpy as np

        x = np.zeros((len(texts), self.maxlen), np.int32)
        for row, text in zip(x, texts, strict=True):
            words = np.array([START, *(word + _OFFSET for word in text)][-self.maxlen :], np.int32)
            row[self.maxlen - len(words) :] = (
                words if self.num_words is None else np.where(words < self.num_words, words, UNKNOWN)
            )
        order = np.random.default_rng(113).permutation(len(x))  # the published files stand class by class
        return Samples(x[order], labels[order].astype(np.int64))
