"""IMDB and Reuters: texts as sequences of word numbers, the frequent words first, as Keras publishes and encodes them."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from pydantic import Field

from trainctl.aliases import Array
from trainctl.components.dataset import Samples, Sequences
from trainctl.components.fields import Positive
from trainctl.components.spec import SourceSpec
from trainctl.sources.reading.download import RemoteFile, fetch
from trainctl.sources.reading.pickles import read_object_array

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trainctl.components.context import DataContext

START, UNKNOWN, _OFFSET = 1, 2, 3
"""Word numbers with a meaning; 0 fills up, and words begin at 4."""


class SequencesSpec(SourceSpec):
    """Texts as word numbers, cut or filled up to one length, or of any length."""

    num_words: Positive | None = Field(
        default=10_000, description="Keep only this many of the most frequent words; null = all."
    )
    maxlen: Positive | None = Field(
        default=200,
        description="Words to keep of each text, the last ones; shorter texts are padded with 0 at the start. null = all "
        "words; each batch is padded at the end to its longest text.",
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
        """Return the texts, int32 (n, maxlen), or (n, any length), in an order that mixes the classes."""
        import numpy as np

        order = np.random.default_rng(113).permutation(len(texts))  # the published files stand class by class
        y = labels[order].astype(np.int64)
        if self.maxlen is None:
            return Samples(Sequences.of([self._numbered(texts[index]) for index in order], "int32"), y)
        x = np.zeros((len(texts), self.maxlen), np.int32)
        for row, index in zip(x, order, strict=True):
            words = self._numbered(texts[index])[-self.maxlen :]
            row[self.maxlen - len(words) :] = words
        return Samples(x, y)

    def _numbered(self, text: Sequence[int]) -> Array:
        """Return the numbers of a text's words, its beginning marked, int32 (words,)."""
        import numpy as np

        words = np.array([START, *(word + _OFFSET for word in text)], np.int32)
        return words if self.num_words is None else np.where(words < self.num_words, words, UNKNOWN)
