"""How often each text of a column stands there: of categories there are few, which are looked at once instead of in each row."""

from __future__ import annotations

from dataclasses import dataclass

from trainctl.aliases import Array, ArrowData

_LOOKED_AT = 1000  # cells: a column in whose first ones most differ is not tallied


@dataclass(frozen=True, slots=True)
class Tally:
    """The cells of a text column that are there.

    Args:
        cells: Each different one, an Arrow array; or all of them.
        times: How often each of them stands there; `None` where `cells` holds all.
    """

    cells: ArrowData
    times: ArrowData | None

    @classmethod
    def of(cls, column: ArrowData) -> Tally:
        """Return that of an Arrow array of text."""
        import pyarrow.compute as pc

        first = column[:_LOOKED_AT].drop_null()
        if 2 * pc.count_distinct(first).as_py() > len(first):
            return cls(column.drop_null(), None)
        found = column.drop_null().value_counts()
        return cls(found.field("values"), found.field("counts"))

    def count(self, pattern: str) -> int:
        """How many of the cells match."""
        import pyarrow.compute as pc

        return self._sum(pc.match_substring_regex(self.cells, pattern))

    def count_words(self) -> int:
        """How many words all cells have together."""
        import pyarrow.compute as pc

        return self._sum(pc.count_substring_regex(self.cells, r"\S+"))

    def count_distinct(self) -> int:
        """How many different cells there are."""
        import pyarrow.compute as pc

        return len(self.cells) if self.times is not None else int(pc.count_distinct(self.cells).as_py())

    def _sum(self, numbers: ArrowData) -> int:
        import pyarrow as pa
        import pyarrow.compute as pc

        if self.times is not None:
            numbers = pc.multiply(numbers.cast(pa.int64()), self.times)
        return int(pc.sum(numbers).as_py() or 0)


def as_objects(column: ArrowData) -> Array:
    """The text column as str objects, "" for missing; cells of the same text are one object."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    filled = pc.fill_null(column, "")
    if Tally.of(column).times is None:
        array: Array = filled.to_numpy(zero_copy_only=False) if isinstance(filled, pa.Array) else filled.to_numpy()
        return array
    encoded = filled.combine_chunks() if isinstance(filled, pa.ChunkedArray) else filled
    encoded = encoded.dictionary_encode()
    texts = np.array(encoded.dictionary.to_pylist(), object)
    objects: Array = texts[encoded.indices.to_numpy(zero_copy_only=False)]
    return objects
