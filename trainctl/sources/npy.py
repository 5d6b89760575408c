"""NPY: one NumPy array a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from trainctl.components.dataset import Dataset, Samples
from trainctl.components.fields import InputFile
from trainctl.components.new_inputs import NewFiles, NewInputs
from trainctl.components.spec import SourceSpec, source
from trainctl.errors import DataError
from trainctl.sources.files.array_heads import npy_head
from trainctl.sources.files.arrays import decoded, require_finite_labels, require_learnable, tell_gaps
from trainctl.sources.files.mapped import read_npy
from trainctl.sources.files.new_arrays import read_arrays
from trainctl.sources.reading.inputs import existing_file, shown

if TYPE_CHECKING:
    from trainctl.components.context import DataContext


@source("NPY")
class NPY(SourceSpec):
    """NumPy arrays from two .npy files, as they are stored.

    Inputs from 256 MiB on stay in the file and are read as they are needed. Pickled content is refused.

    Shapes:
        x: as stored, (n, …).
        y: int64 (n,) for text, booleans and whole numbers (classes); float32 (n,) or (n, outputs) for other numbers.
    """

    reads = frozenset({".npy"})

    x: InputFile = Field(description="The .npy file of the inputs.", examples=["images.npy"])
    y: InputFile = Field(description="The .npy file of the labels.", examples=["labels.npy"])

    @classmethod
    def for_new(cls, new: NewFiles) -> SourceSpec | None:
        """Return any .npy file."""
        return cls(x=str(new.files[0]), y=str(new.files[0]))

    def read_new(self, new: NewFiles) -> NewInputs:
        """Return the only array of the file; for a model with several inputs, those of their names.

        Raises:
            DataError: It is damaged, pickled, or does not hold what the model takes.
        """
        return read_arrays(new)

    def look(self, context: DataContext) -> None:
        """Check that the files exist, and are arrays of as many samples."""
        self._checked()

    def load(self, context: DataContext) -> Dataset:
        """Return the arrays.

        Raises:
            DataError: No such file, no .npy file, pickled content, or arrays of different lengths.
        """
        x_file, y_file = self._checked()
        x, y = read_npy(x_file, mapped=True), read_npy(y_file, mapped=False)
        require_learnable(x, shown(Path(self.x)))
        tell_gaps(x, shown(Path(self.x)), context.emit)
        require_finite_labels(y, shown(Path(self.y)))
        return Dataset(Samples(x, decoded(y, shown(Path(self.y)))))

    def _checked(self) -> tuple[Path, Path]:
        """Return the files, whose heads say that they can be used.

        Raises:
            DataError: They do not.
        """
        x, y = existing_file(self.x, "x"), existing_file(self.y, "y")
        heads = npy_head(x, "x"), npy_head(y, "y")
        lengths = [head.shape[0] if head.shape else 0 for head in heads]
        if lengths[0] != lengths[1] or not lengths[0]:
            raise DataError(
                f"{shown(x)} has {lengths[0]:,} samples and {shown(y)} {lengths[1]:,}",
                hint="the first axis of both must be the number of samples",
                field="y",
            )
        return x, y
