"""The state of training between two steps: captured as plain values and arrays, and put back to the bit.

Beside the position that is the model's variables, among them the seeds of its random layers, the optimizer's, the running
metrics, what each callback remembers, and the states of Python's and NumPy's random generators.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

import numpy as np

from trainctl.aliases import Value
from trainctl.backend import keras, layers_within
from trainctl.errors import RunDirError
from trainctl.models.own import has_own_methods
from trainctl.training.callback_state import load_state, state_of

State = Mapping[str, Value]


def capture(
    model: keras.Model, callbacks: Mapping[str, keras.callbacks.Callback], before: State | None = None
) -> dict[str, Value]:
    """Return all that decides how training continues, as copies.

    Args:
        model: The compiled model.
        callbacks: Every callback by a name that is the same in the next session.
        before: What `captured_before_validation` gave, where the state before a validation is needed within it.
    """
    now = {"model": _read_values(_list_variables(model)), "optimizer": _read_values(_optimizer_variables(model))}
    rest = _select_moving(model, callbacks) if before is None else before
    return {**now, **rest, "model": _fill_values(rest.get("model"), now["model"])}


def captured_before_validation(
    model: keras.Model, callbacks: Mapping[str, keras.callbacks.Callback], *, whole: bool
) -> State:
    """Return what a validation may change: running metrics, seeds and other variables that are not trained, callbacks.

    Args:
        model: The compiled model.
        callbacks: Every callback by a name that is the same in the next session.
        whole: Whether it may change the trained weights too, as by swapping them for their averages.
    """
    if whole:
        return capture(model, callbacks)
    return {
        **_select_moving(model, callbacks),
        "model": _read_values(_list_variables(model), lambda each: not each.trainable),
    }


def _select_moving(model: keras.Model, callbacks: Mapping[str, keras.callbacks.Callback]) -> dict[str, Value]:
    return {
        "metrics": _read_values(_list_metric_variables(model)),
        "callbacks": {name: state_of(callback) for name, callback in callbacks.items()},
        "random": _read_random_state(),
    }


def _fill_values(held: State | None, now: State) -> State:
    """Return the values that are held, and where there are none those of now."""
    if held is None:
        return now
    values = [other if value is None else value for value, other in zip(held["values"], now["values"], strict=True)]
    return {"paths": held["paths"], "values": values}


def restore(
    model: keras.Model, callbacks: Mapping[str, keras.callbacks.Callback], state: State, *, metrics: bool
) -> None:
    """Put `state` back.

    Args:
        model: The compiled model, its optimizer built, and its metrics where they are put back.
        callbacks: By the names under which they were captured. One that is not in `state` stays as it is.
        state: What `capture` gave; without `optimizer` the optimizer starts over, and a `learning_rate` beside it takes
            the place of the one in it: `None` is what the optimizer has already, perhaps a schedule.
        metrics: Whether the running metrics are put back too, as in the middle of an epoch.

    Raises:
        RunDirError: It is the state of another model or optimizer.
    """
    _assign(_list_variables(model), state["model"], "model")
    optimizer, other_rate = model.optimizer, "learning_rate" in state
    if "optimizer" in state:
        variables = [each for each in _optimizer_variables(model) if not (other_rate and _is_rate(each.path))]
        _assign(variables, _exclude_rate(state["optimizer"]) if other_rate else state["optimizer"], "optimizer")
    if state.get("learning_rate") is not None:
        optimizer.learning_rate = state["learning_rate"]
    if metrics:
        _assign(_list_metric_variables(model), state["metrics"], "metrics")
    for name, callback in callbacks.items():
        if name in state["callbacks"]:
            load_state(callback, state["callbacks"][name])
    _set_random_state(state["random"])


def digest(model: keras.Model) -> str:
    """BLAKE2b of all variables of the model with their names, in hexadecimal."""
    found = hashlib.blake2b(digest_size=16)
    kept = _read_values(model.variables)
    for path, value in zip(kept["paths"], kept["values"], strict=True):
        found.update(f"{path} {value.dtype} {value.shape}\n".encode())
        found.update(np.ascontiguousarray(value).tobytes())
    return found.hexdigest()


def build_optimizer(model: keras.Model) -> None:
    """Make the variables of the optimizer, and of others that a model of one's own has; Keras makes them with the first step."""
    for optimizer in _optimizers(model):
        if not optimizer.built:
            optimizer.build(model.trainable_variables)


def _optimizers(model: keras.Model) -> list[keras.optimizers.Optimizer]:
    """The optimizer that the model is compiled with, then those among its attributes, in the order of their names."""
    own = [value for _, value in sorted(vars(model).items()) if isinstance(value, keras.optimizers.Optimizer)]
    found = {id(each): each for each in (model.optimizer, *own)}
    inner = {id(getattr(each, "inner_optimizer", None)) for each in found.values()}
    return [each for key, each in found.items() if key not in inner]


def _optimizer_variables(model: keras.Model) -> list[keras.Variable]:
    return [variable for optimizer in _optimizers(model) for variable in optimizer.variables]


def build_metrics(model: keras.Model, batch: Any) -> None:
    """Make the metrics' variables, which Keras makes with the first step.

    Args:
        model: The compiled model.
        batch: One batch (x, y), or (x, y, sample_weight), of the training data.
    """
    if has_own_methods(model):  # which alone knows; all that this changes is put back afterwards
        model.train_step(batch)
        model.reset_metrics()
        return
    x, y, weight = keras.utils.unpack_x_y_sample_weight(batch)
    predicted = model(x, training=False)
    model.compute_loss(x, y, predicted, weight, training=False)
    model.compute_metrics(x, y, predicted, weight)
    model.reset_metrics()


def build_metrics_early(model: keras.Model, like: Any) -> None:
    """Make the metrics' variables as far as that needs no data: TensorFlow traces a step that makes variables twice.

    No metric is updated: one of the user's own may keep what it has seen, also when it is reset.

    Args:
        model: The compiled model.
        like: A batch (x, y), or (x, y, sample_weight), of the training data, or its specs.
    """
    if has_own_methods(model):
        return
    parts = (model._compile_loss, model._compile_metrics)  # noqa: SLF001  # Keras has no public way
    with suppress(Exception):  # what is wrong with the labels is reported by the first step, which builds the rest
        _, y, _ = keras.utils.unpack_x_y_sample_weight(like)
        labels, predicted = (keras.tree.map_structure(_two_samples, each) for each in (y, model.output))
        for part in parts:
            if part is not None and not part.built:
                part.build(labels, predicted)


def _two_samples(spec: Any) -> Any:
    """Return zeros in the shape of a batch of two; other unknown sizes are 2 as well, since 1 may mean a single number."""
    return keras.ops.zeros([2, *(2 if size is None else size for size in spec.shape[1:])], spec.dtype)


def is_finite(model: keras.Model, state: State) -> bool:
    """Return whether the weights, and the loss so far, are numbers: a state worth continuing from."""
    tracked = [variable.path for metric in model.metrics[:1] for variable in metric.variables]
    losses = [
        value
        for path, value in zip(state["metrics"]["paths"], state["metrics"]["values"], strict=True)
        if path in tracked
    ]
    return all(bool(np.all(np.isfinite(value))) for value in [*_select_floats(state["model"]["values"]), *losses])


def _select_floats(values: Iterable[keras.Variable]) -> Iterable[keras.Variable]:
    # kind V: the small floating-point types that NumPy does not know itself
    return (value for value in values if value.dtype.kind in "fV")


def _read_values(
    variables: Iterable[keras.Variable], wanted: Callable[[Any], bool] = lambda _variable: True
) -> dict[str, Value]:
    """Return the values of variables with their paths; `None` for those that are not wanted."""
    variables = list(variables)
    return {
        "paths": [variable.path for variable in variables],
        "values": [keras.ops.convert_to_numpy(each) if wanted(each) else None for each in variables],  # copies
    }


def _list_variables(model: keras.Model) -> list[keras.Variable]:
    """The model's variables, and what its recurrent layers carry from batch to batch, which Keras does not count to them."""
    found = {id(variable): variable for variable in model.variables}
    for layer in layers_within(model):
        if getattr(layer, "stateful", False):
            found |= {id(each): each for each in keras.tree.flatten(getattr(layer, "states", None) or [])}
    return list(found.values())


def _list_metric_variables(model: keras.Model) -> list[keras.Variable]:
    return [variable for metric in model.metrics for variable in metric.variables]


def _assign(variables: Iterable[keras.Variable], kept: Mapping[str, Value], what: str) -> None:
    """Set `variables`, which must be those that were kept, in the same order."""
    variables, called = list(variables), str if what == "model" else _uncounted
    here = [(called(variable.path), tuple(variable.shape)) for variable in variables]
    there = [(called(path), tuple(np.shape(value))) for path, value in zip(kept["paths"], kept["values"], strict=True)]
    if here != there:
        both = zip([*here, *[None] * len(there)], [*there, *[None] * len(here)], strict=False)
        ours, theirs = next(pair for pair in both if pair[0] != pair[1])
        raise RunDirError(
            f"the snapshot belongs to another {what}: it has {_describe_variable(theirs)} where {_describe_variable(ours)} is",
            hint="to train another model, start a new run: trainctl run",
        )
    for variable, value in zip(variables, kept["values"], strict=True):
        variable.assign(value)


def _uncounted(path: str) -> str:
    """The path without the number of its owner: Keras calls a second optimizer of a process `adam_1`, as in a second stage."""
    owner, slash, rest = path.partition("/")
    return f"{_COUNT.sub('', owner)}{slash}{rest}"


_COUNT = re.compile(r"_\d+$")


def _is_rate(path: str) -> bool:
    return path.rsplit("/", 1)[-1] == "learning_rate"


def _exclude_rate(kept: Mapping[str, Value]) -> Mapping[str, Value]:
    """Return the optimizer's variables without the learning rate, which is none where it follows a schedule."""
    pairs = [pair for pair in zip(kept["paths"], kept["values"], strict=True) if not _is_rate(pair[0])]
    return {"paths": [path for path, _ in pairs], "values": [value for _, value in pairs]}


def _describe_variable(variable: tuple[str, tuple[int, ...]] | None) -> str:
    return "nothing" if variable is None else f"{variable[0]} {list(variable[1])}"


def _read_random_state() -> dict[str, Value]:
    version, words, gauss = random.getstate()
    numpy_state: dict[str, Value] = np.random.get_state(legacy=False)
    return {"python": [version, np.array(words, np.uint64), gauss], "numpy": numpy_state}


def _set_random_state(state: State) -> None:
    version, words, gauss = state["python"]
    random.setstate((version, tuple(int(word) for word in words), gauss))
    np.random.set_state(state["numpy"])
