"""Type aliases: one name for each kind of value that YAML, JSON, Keras, NumPy and pyarrow hand over without a type.

Keras and pyarrow carry no type information, and a value of YAML or JSON is one of many types until a spec has checked it.
mypy sees them as `Any`; the names say what the user may expect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from numpy.typing import NDArray

Array: TypeAlias = "NDArray[Any]"
"""A NumPy array of any dtype."""

Data: TypeAlias = Any
"""Samples: an array, `Rows` that are read on demand, or a mapping of names to these."""

ArrowData: TypeAlias = Any
"""A pyarrow Table, Array or ChunkedArray."""

Tensors: TypeAlias = Any
"""A tensor of Keras or TensorFlow, or a tuple or dictionary of tensors."""

KerasObject: TypeAlias = Any
"""An object of Keras: a layer, model, loss, metric, optimizer, schedule or other."""

Value: TypeAlias = Any
"""A value of YAML or JSON: text, a number, a boolean, null, a list or a mapping."""

Function: TypeAlias = Callable[..., Any]
"""A function whose parameters only the person who wrote it knows."""

Logs: TypeAlias = Mapping[str, Any] | None
"""What Keras passes to a callback: metric names and their values, or nothing."""

Drawing: TypeAlias = Any
"""Axes or a figure of matplotlib."""
