"""NumPy arrays that come as they are: what cannot be learned from is refused or told, by its place in the array."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trainctl.aliases import Array, Data
from trainctl.components.dataset import is_array
from trainctl.errors import DataError
from trainctl.notices import Notice

if TYPE_CHECKING:
    from collections.abc import Callable

    from trainctl.notices import Event

_LEARNABLE = "biufUSO"


def require_learnable(array: Data, name: str) -> None:
    """See that the array, or the rows, hold numbers, booleans or text.

    Args:
        array: The array.
        name: What to call it: `data.npz: x`.

    Raises:
        DataError: It holds times, complex numbers or records.
    """
    if array.dtype.kind not in _LEARNABLE:
        raise DataError(
            f"{name} holds {array.dtype}, which a model cannot learn from",
            hint="convert it to numbers, such as seconds for times, or real and imaginary parts for complex numbers",
        )


def require_finite_labels(labels: Data, name: str) -> None:
    """See that every number to predict is one.

    Raises:
        DataError: One is NaN or infinite; names its place.
    """
    place, count = _gaps(labels)
    if count:
        raise DataError(
            f"{name}{place} ({count:,} in all), which cannot be a label",
            hint="remove these samples, or fill in the values",
        )


def decoded(array: Array, name: str) -> Array:
    """Return the array with its bytes as text; one of anything else as it is.

    Raises:
        DataError: The bytes are not UTF-8.
    """
    import numpy as np

    if array.dtype.kind != "S":
        return array
    try:
        texts: Array = np.char.decode(array, "utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{name}: bytes that are not UTF-8 text ({error})",
            hint="decode them first: numpy.char.decode(array, encoding)",
        ) from error
    return texts


def tell_gaps(inputs: Data, name: str, emit: Callable[[Event], None]) -> None:
    """Warn about NaN or infinite inputs: most layers turn them into a NaN loss."""
    place, count = _gaps(inputs)
    if count:
        message = (
            f"{name}{place} ({count:,} in all): layers such as Dense turn it into NaN, and so the loss; "
            "remove these samples, or fill in the values"
        )
        emit(Notice(message=message, loud=True))


def _gaps(array: Data) -> tuple[str, int]:
    """Return the first value that is not finite, as `[17, 3] is nan`, and their number; for arrays in memory only."""
    import numpy as np

    if not is_array(array) or array.dtype.kind != "f":
        return "", 0
    wrong: Array = ~np.isfinite(array)
    count = int(wrong.sum())
    if not count:
        return "", 0
    first = np.unravel_index(int(wrong.argmax()), array.shape)
    return f"[{', '.join(str(int(index)) for index in first)}] is {array[first]}", count
