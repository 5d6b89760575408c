"""The user's own data sources: functions that return data, registered with a decorator.

@trainctl.data_source
def two_moons(samples: int = 500, noise: float = 0.1):
    return x, y
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar

from trainctl.aliases import Data, Function, Value
from trainctl.components.dataset import Dataset, Rows, Samples, Sequences, length
from trainctl.components.new_inputs import NewFiles, NewInputs
from trainctl.components.spec import SOURCES, SourceSpec
from trainctl.components.user.decorators import register_spec, spec_with_arguments
from trainctl.errors import DataError
from trainctl.sources.files.arrays import decoded, require_finite_labels, require_learnable, tell_gaps
from trainctl.text import cap_words, one_of

if TYPE_CHECKING:
    from trainctl.components.context import DataContext

_HINT = "return (x, y), (x, y, weight), or a pair of these for training and test data; use arrays or an iterable of samples (x, y)"

Part = tuple[Data, Data, Data]
"""Inputs, labels and weights: arrays, rows or mappings of such; the weights may be `None`."""


class UserSourceSpec(SourceSpec):
    """A data source of the user's: its arguments are those of its function, checked against their annotations."""

    target: ClassVar[Function]
    new_reader: ClassVar[Function | None] = None

    @property
    def reads_any_file(self) -> bool:
        """Whether the decorator was given a `read_new`."""
        return self.new_reader is not None

    def read_new(self, new: NewFiles) -> NewInputs:
        """Return what the user's `read_new` returns.

        Raises:
            DataError: It fails.
        """
        reader = type(self).new_reader
        if reader is None:
            return super().read_new(new)
        taken = inspect.signature(reader).parameters
        given = {name: value for name, value in self._arguments.items() if name in taken}
        try:
            values = _value(reader([str(file) for file in new.files], **given))
        except DataError:
            raise
        except (Exception, SystemExit) as error:
            raise DataError(
                f"read_new of {self.name_in_yaml} failed: {type(error).__name__}: {error}",
                hint="it must take a list of paths and return an array, or a mapping of input names to arrays",
            ) from error
        several = len(new.files) > 1 and not isinstance(values, Mapping) and len(values) == len(new.files)
        return NewInputs(values, new.files if several else ())

    @property
    def _arguments(self) -> dict[str, Value]:
        return {name: getattr(self, name) for name in type(self).model_fields} | (self.model_extra or {})

    def load(self, context: DataContext) -> Dataset:
        """Return what the function returns; of an iterable, a PyDataset or a tf.data pipeline, everything, in memory.

        Raises:
            DataError: The function fails, or returns something else.
        """
        try:
            returned = self.target(**self._arguments)
            parts = _parts(returned)
        except DataError:
            raise
        except (Exception, SystemExit) as error:
            raise DataError(f"{self.name_in_yaml} failed: {type(error).__name__}: {error}", hint=_HINT) from error
        return _dataset(parts, self.name_in_yaml, context)


def data_source(
    function: Function | None = None, *, name: str | None = None, read_new: Function | None = None
) -> Function:
    """Decorator: make a function that returns data usable as a `source:` in a config.

    It returns arrays `(x, y)`, or `((x, y), (x_test, y_test))`; or an iterable of samples `(x, y)`; or a Keras PyDataset or
    a tf.data pipeline of batches. `x` and `y` may be mappings: the model's inputs and outputs. A third value beside them,
    the weight, says how much each sample counts.

    Args:
        function: The function, where the decorator is used bare.
        name: Its name in the config; the function's own in CapWords by default.
        read_new: A function that reads new inputs for `predict`: from a list of paths, and those of the config's arguments
            that it takes, to an array `x`, or a mapping of the model's inputs.

    Raises:
        ConfigError: The name is taken.
    """

    def keep(part: Function) -> Function:
        known = name or cap_words(part.__name__)
        register_spec(SOURCES, "data source", known, part, lambda: _spec_of(part, known, read_new))
        return part

    return keep if function is None else keep(function)


def _spec_of(function: Function, name: str, read_new: Function | None) -> type[UserSourceSpec]:
    spec: type[UserSourceSpec] = spec_with_arguments(UserSourceSpec, function, function, name)
    if read_new is not None:
        spec.new_reader = staticmethod(read_new)
    return spec


def _parts(returned: Data) -> list[Part]:
    """One or two parts: to train on, and to test on."""
    import numpy as np

    if returned is None:
        raise DataError("the data source returned None; add a return or a yield", hint=_HINT)
    if isinstance(returned, np.ndarray):
        raise DataError(f"the data source returned one array {returned.shape}; the labels are missing", hint=_HINT)
    if not isinstance(returned, tuple):
        return [_collected(returned)]
    if len(returned) == 2 and all(isinstance(part, tuple) and len(part) in {2, 3} for part in returned):
        return [_part(*part) for part in returned]
    if len(returned) in {2, 3}:
        return [_part(*returned)]
    raise DataError(f"the data source returned a tuple of {len(returned)}", hint=_HINT)


def _part(x: Data, y: Data, weight: Data = None) -> Part:
    return _value(x), _value(y), None if weight is None else _value(weight)


def _collected(iterable: Data) -> Part:
    """Return all samples of an iterable, all batches of a PyDataset or of a tf.data pipeline, as arrays."""
    batched = hasattr(iterable, "element_spec") or (
        hasattr(iterable, "__getitem__") and hasattr(iterable, "num_batches")
    )
    given = list(_given(iterable))
    if not given:
        raise DataError("the data source returned no samples", hint=_HINT)
    if len({len(each) for each in given}) > 1:
        raise DataError("the data source yielded a weight with some samples but not with others", hint=_HINT)
    if batched and not isinstance(given[0][1], Mapping) and _shape(given[0][1]) == ():
        raise DataError("the pipeline yields single samples, expected batches", hint="add .batch(32) at its end")
    return _part(*(_joined(list(values), batched=batched) for values in zip(*given, strict=True)))


def _given(iterable: Data) -> Iterator[tuple[Data, ...]]:
    """Yield what the iterable gives: (x, y) or (x, y, weight), of a sample or of a batch."""
    every = iterable
    if hasattr(iterable, "as_numpy_iterator"):
        every = iterable.as_numpy_iterator()
    elif hasattr(iterable, "num_batches"):
        every = (iterable[index] for index in range(iterable.num_batches))
    for number, each in enumerate(every):
        if not isinstance(each, tuple | list) or len(each) not in {2, 3}:
            what = f"{type(each).__name__} of {len(each)}" if isinstance(each, tuple | list) else type(each).__name__
            raise DataError(f"the data source yielded a {what} at {number}, expected a pair (x, y)", hint=_HINT)
        yield tuple(each)


def _joined(values: list[Data], *, batched: bool) -> Data:
    """Return the values of all samples, or of all batches, as one.

    Raises:
        DataError: They do not have one shape, or the same keys; names the first that differs.
    """
    import numpy as np

    noun = "batch" if batched else "sample"
    if isinstance(values[0], Mapping):
        for number, value in enumerate(values):
            if not isinstance(value, Mapping) or set(value) != set(values[0]):
                have = one_of(map(repr, value), "and") if isinstance(value, Mapping) else f"a {type(value).__name__}"
                before = one_of(map(repr, values[0]), "and")
                raise DataError(
                    f"{noun} {number} has {have}, earlier ones have {before}", hint="use the same keys in all samples"
                )
        return {name: _joined([value[name] for value in values], batched=batched) for name in values[0]}
    sequences = None if batched else _sequences(values)
    if sequences is not None and sequences.dtype.kind in "iu":  # of numbers that are no indices, it is a mistake
        return sequences
    first = int(batched)
    shapes = [_shape(value)[first:] for value in values]
    for number, shape in enumerate(shapes):
        if shape != shapes[0]:
            raise DataError(
                f"{noun} {number} has shape {shape}, earlier ones have {shapes[0]}",
                hint="use one shape for all samples",
            )
    return np.concatenate(values) if batched else np.stack(values)


def _shape(value: Data) -> tuple[int, ...]:
    import numpy as np

    return tuple(np.shape(value))


def _value(value: Data) -> Data:
    """Return an array, text as objects; rows and mappings as they are."""
    import numpy as np

    if isinstance(value, Mapping):
        return {name: _value(each) for name, each in value.items()}
    if isinstance(value, Rows):
        return value
    sequences = _sequences(value)
    if sequences is not None:
        return sequences
    array = decoded(np.asarray(value), "the data source")
    return array.astype(object) if array.dtype.kind == "U" else array


def _sequences(value: Data) -> Sequences | None:
    """Return a list of sequences of different lengths; `None` where it is anything else."""
    import numpy as np

    are_listed = isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.dtype == object)
    if not are_listed or not all(isinstance(each, list | tuple | np.ndarray) for each in value):
        return None
    if len({len(each) for each in value if np.ndim(each)}) < 2:
        return None
    try:
        return Sequences.of(value)
    except ValueError:
        return None


def _dataset(parts: list[Part], name: str, context: DataContext) -> Dataset:
    """Return the parts as samples, with labels inferred over all of them together."""
    for part in parts:
        _require_samples(part, name, context)
    train, *test = (
        Samples(x, y, None if weight is None else _weights(weight, length(x), name)) for x, y, weight in parts
    )
    return Dataset(train, test=test[0] if test else None)


def _require_samples(part: Part, name: str, context: DataContext) -> None:
    """Refuse what no model learns from: nothing, values of different lengths, times, labels that are NaN."""
    for what, value in (("x", part[0]), ("y", part[1])):
        for key, array in value.items() if isinstance(value, Mapping) else [(what, value)]:
            if not array.shape:
                raise DataError(f"{name} returned {array!r} as {key}, not an array of samples", hint=_HINT)
            require_learnable(array, f"{name}: {key}")
            if what == "y" and None in array.shape:
                raise DataError(f"{name} returned labels of different lengths", hint="use one length for all labels")
            if what == "y":
                require_finite_labels(array, f"{name}: {key}")
            else:
                tell_gaps(array, f"{name}: {key}", context.emit)
    inputs, labels = length(part[0]), length(part[1])
    if inputs != labels or not inputs:
        raise DataError(f"{name} returned {inputs:,} inputs and {labels:,} labels", hint=_HINT)


def _weights(weight: Data, count: int, name: str) -> Data:
    """Return how much each sample counts, float32 (n,)."""
    import numpy as np

    if isinstance(weight, Mapping) or weight.dtype.kind not in "biuf" or weight.size != count:
        what = "a mapping" if isinstance(weight, Mapping) else f"{weight.dtype} of shape {weight.shape}"
        raise DataError(
            f"{name} returned {what} as weights of {count:,} samples", hint="weights must be numbers of 0 or more"
        )
    weights = weight.reshape(-1).astype(np.float32)
    wrong = np.flatnonzero(~(np.isfinite(weights) & (weights >= 0)))
    if len(wrong):
        raise DataError(
            f"{name}: weight[{wrong[0]}] is {weights[wrong[0]]:g}", hint="weights must be numbers of 0 or more"
        )
    return weights
