"""The user's own layers, models, losses, metrics and schedules, described to the catalog like Keras's.

@trainctl.layer
class Scale(keras.layers.Layer):
    def __init__(self, factor: float = 1.0, **kwargs): ...

@trainctl.model
def tower(width: int = 32): ...                # returns a keras.Model; stands among the layers: Tower: {width: 64}

@trainctl.loss
def cubic(y_true, y_pred): ...                 # loss: cubic

@trainctl.metric
def within(y_true, y_pred, bound: float): ...  # metrics: [Within: {bound: 0.5}]
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterator
from functools import wraps
from typing import Any

from pydantic import TypeAdapter

from trainctl import catalog
from trainctl.aliases import Function, Value
from trainctl.catalog.docstring import arguments as documented_arguments
from trainctl.components.user import definitions
from trainctl.components.user.decorators import decorator, require_free, strict
from trainctl.errors import ConfigError
from trainctl.text import cap_words

_PASSED = {"loss": 2, "metric": 2, "model": 0}
"""How many arguments Keras itself passes to a function of the kind: y_true and y_pred."""


def _decorator(word: str) -> Any:
    def register(part: Any, name: str | None) -> None:
        """Make a class, or for losses and metrics a function, usable in a config by name.

        Args:
            part: The class or function, where the decorator is used bare.
            name: Its name in the config; its own by default, in CapWords where it takes arguments.

        Raises:
            ConfigError: The name is taken, or a function stands where only a class can.
        """
        _register(word, part, name)

    return decorator(register)


layer = _decorator("layer")
loss = _decorator("loss")
metric = _decorator("metric")
model = _decorator("model")
schedule = _decorator("schedule")


def _register(word: str, part: Any, name: str | None) -> None:
    import keras  # the module that defines a part has imported it already

    is_function = not inspect.isclass(part)
    if is_function and word not in _PASSED:
        raise ConfigError(f"a {word} must be a class, got the function {part.__name__!r}")
    parameters = tuple(_parameters(part, _PASSED[word] if is_function else 0))
    kind = "layer" if word == "model" else word  # a model stands among the layers
    bare = not is_function or (not parameters and word != "model")
    known = name or (part.__name__ if bare else cap_words(part.__name__))
    taken = catalog.find(kind, known) is not None or catalog.stands_for(kind, known) is not None
    require_free(kind, known, part, taken=taken)
    keras.saving.register_keras_serializable(package=part.__module__)(part)
    doc = inspect.getdoc(part) or f"{known}, of {part.__module__}."
    file, line, _ = definitions.source_of(part)
    target = _maker(kind, part, known) if is_function else part
    summary = " ".join(doc.split("\n\n", 1)[0].split())
    definitions.note(kind, known, part)
    catalog.add(
        catalog.Entry(
            kind,
            known,
            part.__module__,
            summary,
            doc,
            parameters,
            file,
            line,
            target,
            word == "model",
            own_methods(part) if word == "model" and not is_function else (),
            tuple(getattr(part, "logs", ())),
            kind == "layer" and not is_function and adds_loss(part),
            saved_as="" if kind == "layer" and is_function else keras.saving.get_registered_name(part),
        )
    )


_METHODS = (
    "train_step",
    "test_step",
    "predict_step",
    "compute_loss",
    "compute_metrics",
    "make_train_function",
    "make_test_function",
    "make_predict_function",
)


def own_methods(cls: type) -> tuple[str, ...]:
    """Keras's training methods that a model's class has again."""
    import keras  # the module that defines the class has imported it already

    return tuple(name for name in _METHODS if getattr(cls, name, None) is not getattr(keras.Model, name))


def adds_loss(cls: type) -> bool:
    """Return whether a layer of the user's adds a loss of its own: a method of its class calls `add_loss`."""
    own = [each for base in cls.__mro__ if not base.__module__.startswith("keras.") for each in vars(base).values()]
    return any("add_loss" in inspect.unwrap(each).__code__.co_names for each in own if inspect.isfunction(each))


def _parameters(part: Any, passed: int) -> Iterator[catalog.Parameter]:
    """What a config may give: without what Keras passes, and with `name` where the class takes further arguments."""
    called: Function = part.__init__ if inspect.isclass(part) else part
    hints = typing.get_type_hints(called)
    described = documented_arguments(inspect.getdoc(part) or "")
    found = list(inspect.signature(part).parameters.values())[passed:]
    for each in found:
        if each.kind in {inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL}:
            continue
        required = each.default is inspect.Parameter.empty
        schema = TypeAdapter(strict(hints[each.name])).json_schema() if each.name in hints else {}
        yield catalog.Parameter(
            each.name, required, catalog.MISSING if required else each.default, schema, (), described.get(each.name, "")
        )
    takes_more = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in found)
    if takes_more and inspect.isclass(part) and "name" not in {each.name for each in found}:
        yield catalog.Parameter("name", False, None, {"type": ["string", "null"]}, (), "Its name.")


def _maker(kind: str, function: Function, known: str) -> Function:
    """Return what makes the part: for a model the function itself, else what fills the config's arguments in.

    A metric is logged under the name of its component.
    """
    if kind == "layer":
        return function

    def make(name: str = catalog.snake_case(known), **given: Value) -> Any:
        import keras

        @wraps(function)
        def filled(y_true: Any, y_pred: Any) -> Any:
            return function(y_true, y_pred, **given)

        chosen = filled if given else function
        return keras.metrics.MeanMetricWrapper(chosen, name=name) if kind == "metric" else chosen

    return make
