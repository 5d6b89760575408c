"""The user's own data sources: functions that return data, registered with a decorator.

@trainctl.data_source
def two_moons(samples: int = 500, noise: float = 0.1):
    return x, y
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from trainctl.components.base import SOURCES, SourceSpec
from trainctl.components.dataset import Dataset, LabelKind, Rows, Samples, length
from trainctl.components.labels import understood
from trainctl.components.user import decorator, register_spec, spec_with_arguments
from trainctl.errors import DataError
from trainctl.words import cap_words

if TYPE_CHECKING:
    from trainctl.components.context import DataContext

_HINT = "return (x, y), or ((x, y), (x_test, y_test)); arrays, or an iterable of samples (x, y)"


class UserSourceSpec(SourceSpec):
    """A data source of the user's: its arguments are those of its function, checked against their annotations."""

    target: ClassVar[Callable[..., Any]]

    def load(self, context: DataContext) -> Dataset:
        """What the function returns; of an iterable, a PyDataset or a tf.data pipeline, everything, in memory.

        Raises:
            DataError: The function fails, or returns something else.
        """
        arguments = {name: getattr(self, name) for name in type(self).model_fields} | (self.model_extra or {})
        try:
            returned = self.target(**arguments)
            parts = _parts(returned)
        except DataError:
            raise
        except Exception as error:
            raise DataError(f"{self.name_in_yaml} failed: {type(error).__name__}: {error}", hint=_HINT) from error
        return _dataset(parts, self.name_in_yaml)


@decorator
def data_source(function: Callable[..., Any], name: str | None) -> None:
    """Decorator: make a function that returns data usable as a `source:` in a config.

    It returns arrays `(x, y)`, or `((x, y), (x_test, y_test))`; or an iterable of samples `(x, y)`; or a Keras PyDataset or
    a tf.data pipeline of batches. `x` and `y` may be mappings: the model's inputs and outputs.

    Args:
        function: The function, where the decorator is used bare.
        name: Its name in the config; the function's own in CapWords where it is left out.

    Raises:
        ConfigError: The name is taken.
    """
    known = name or cap_words(function.__name__)
    register_spec(SOURCES, "data source", known, lambda: spec_with_arguments(UserSourceSpec, function, function, known))


def _parts(returned: Any) -> list[tuple[Any, Any]]:
    """One or two pairs (x, y), each value an array, rows or a mapping of such."""
    if not isinstance(returned, tuple):
        return [_collected(returned)]
    if len(returned) == 2 and all(isinstance(part, tuple) and len(part) == 2 for part in returned):
        return [(_value(x), _value(y)) for x, y in returned]
    if len(returned) == 2:
        return [(_value(returned[0]), _value(returned[1]))]
    raise DataError(f"the data source returned a tuple of {len(returned)}", hint=_HINT)


def _collected(iterable: Any) -> tuple[Any, Any]:
    """All samples of an iterable, all batches of a PyDataset or of a tf.data pipeline, as arrays."""
    import numpy as np

    batched = hasattr(iterable, "element_spec") or (
        hasattr(iterable, "__getitem__") and hasattr(iterable, "num_batches")
    )
    pairs = list(_pairs(iterable))
    if not pairs:
        raise DataError("the data source returned no samples", hint=_HINT)
    join = np.concatenate if batched else np.stack
    return _joined([x for x, _ in pairs], join), _joined([y for _, y in pairs], join)


def _pairs(iterable: Any) -> Iterator[tuple[Any, Any]]:
    pairs = iterable
    if hasattr(iterable, "as_numpy_iterator"):
        pairs = iterable.as_numpy_iterator()
    elif hasattr(iterable, "num_batches"):
        pairs = (iterable[index] for index in range(iterable.num_batches))
    for pair in pairs:
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise DataError(f"the data source gave a {type(pair).__name__}, not a pair (x, y)", hint=_HINT)
        yield pair[0], pair[1]


def _joined(values: list[Any], join: Callable[[list[Any]], Any]) -> Any:
    if isinstance(values[0], Mapping):
        return {name: _joined([value[name] for value in values], join) for name in values[0]}
    return _value(join(values))


def _value(value: Any) -> Any:
    """An array, text as objects; rows and mappings as they are."""
    import numpy as np

    if isinstance(value, Mapping):
        return {name: _value(each) for name, each in value.items()}
    if isinstance(value, Rows):
        return value
    array = np.asarray(value)
    if array.dtype.kind == "S":
        array = np.char.decode(array, "utf-8")
    return array.astype(object) if array.dtype.kind == "U" else array


def _dataset(parts: list[tuple[Any, Any]], name: str) -> Dataset:
    """The parts as samples, their labels understood together."""
    outputs = [y if isinstance(y, Mapping) else {"": y} for _, y in parts]
    found = {key: understood([_text(each[key]) for each in outputs]) for key in outputs[0]}
    samples = []
    for number, (x, _) in enumerate(parts):
        y = {key: labels[number] for key, (labels, _, _) in found.items()}
        if length(x) != length(y) or not length(x):
            raise DataError(f"{name} returned {length(x):,} inputs and {length(y):,} labels", hint=_HINT)
        samples.append(Samples(x, y.get("", y)))
    classes = all(kind is LabelKind.CLASSES for _, kind, _ in found.values())
    [(_, _, names), *more] = found.values()
    return Dataset(
        samples[0],
        LabelKind.CLASSES if classes else LabelKind.NUMBERS,
        test=samples[1] if len(samples) > 1 else None,
        class_names=() if more else names,
    )


def _text(labels: Any) -> Any:
    return labels.astype(str) if labels.dtype == object else labels
