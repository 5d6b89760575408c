"""What labels mean, the same for every file: text, booleans and whole numbers are classes, all else is numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trainctl.components.dataset import LabelKind
from trainctl.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def understood(parts: Sequence[NDArray[Any]]) -> tuple[list[NDArray[Any]], LabelKind, tuple[str, ...]]:
    """The labels of several parts (training, test) as trainctl keeps them, what they are, and their classes' names.

    One column of text or booleans becomes indices into its sorted distinct values; one of whole numbers, none of them
    negative, is taken as the class indices that stand there; all else is numbers.

    Args:
        parts: Labels (n,), (n, 1) or (n, outputs) of one dtype: text, bool, integer or float.

    Returns:
        int64 (n,) for classes, float32 in the given shape for numbers; the kind; the names, empty for whole numbers.

    Raises:
        DataError: The dtype is none of these, or one of several columns is not numeric.
    """
    import numpy as np

    kinds = {part.dtype.kind for part in parts}
    one_column = all(part.ndim == 1 or part.shape[1:] == (1,) for part in parts)
    if one_column and kinds <= set("bUSO"):
        texts = [np.char.decode(part, "utf-8") if part.dtype.kind == "S" else part.astype(str) for part in parts]
        names = np.unique(np.concatenate([part.ravel() for part in texts]))
        indices = [np.searchsorted(names, part.ravel()).astype(np.int64) for part in texts]
        return indices, LabelKind.CLASSES, tuple(str(name) for name in names)
    if not kinds <= set("biuf"):
        raise DataError(
            f"labels of type {' and '.join(sorted({str(part.dtype) for part in parts}))} cannot be trained on",
            hint="labels are text, booleans or whole numbers (classes), or numbers; several of each sample are numbers",
        )
    if one_column and kinds <= set("iu") and min(int(part.min()) for part in parts) >= 0:
        return [part.ravel().astype(np.int64) for part in parts], LabelKind.CLASSES, ()
    return [part.astype(np.float32) for part in parts], LabelKind.NUMBERS, ()
