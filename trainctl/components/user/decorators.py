"""The user's own components: registered with decorators, in modules that the person loads and a config never names.

import keras, trainctl

@trainctl.callback
class BatchLosses(keras.callbacks.Callback):
    def __init__(self, every: int = 10): ...

@trainctl.function
def halve_every_ten(epoch, lr): ...
"""

from __future__ import annotations

import inspect
import traceback
import types
import typing
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, get_args

from pydantic import Field, create_model

from trainctl.aliases import Function, Value
from trainctl.catalog import HOOKS
from trainctl.catalog.docstring import arguments as documented_arguments
from trainctl.components.context import CallbackContext
from trainctl.components.declared import DECLARATIONS, declared
from trainctl.components.fields import Boolean, Integer, Number, OutputPath, Text
from trainctl.components.moment import Moment
from trainctl.components.spec import CALLBACKS, CallbackSpec
from trainctl.components.user import definitions
from trainctl.errors import ConfigError, TrainctlError, TrainingError
from trainctl.registry import Registry

if TYPE_CHECKING:
    from trainctl.backend import keras


@dataclass(frozen=True, slots=True)
class UserFunction:
    """A function of the user's.

    Args:
        name: Its name in the config.
        called: The function.
        logs: The keys that it writes into the logs of an epoch.
    """

    name: str
    called: Function
    logs: tuple[str, ...] = ()

    def __call__(self, *arguments: Value) -> Value:
        """Call the function with as many of `arguments` as it takes.

        Raises:
            TrainingError: It raised; says what, and the line.
        """
        try:
            return self.called(*arguments[: self._count(len(arguments))])
        except TrainctlError:
            raise
        except Exception as error:
            message = f"{self.name} failed: {type(error).__name__}: {error}"
            raise TrainingError(f"{message}{line_of(error, self.called)}") from error

    def _count(self, given: int) -> int:
        """How many of `given` positional arguments the function takes."""
        try:
            parameters = list(inspect.signature(self.called).parameters.values())
        except (TypeError, ValueError):  # one written in C
            return given
        if any(each.kind is inspect.Parameter.VAR_POSITIONAL for each in parameters):
            return given
        positional = {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}
        return min(given, sum(each.kind in positional for each in parameters))


def line_of(error: BaseException, called: Function) -> str:
    """Where in the user's own file `error` was raised, as ` (plugin.py:12)`; empty where that cannot be told."""
    file = getattr(inspect.unwrap(called), "__code__", None)
    frames = [each for each in traceback.extract_tb(error.__traceback__) if file and each.filename == file.co_filename]
    return f" ({frames[-1].filename}:{frames[-1].lineno})" if frames else ""


_FUNCTIONS: dict[str, UserFunction] = {}
_TYPES: dict[Any, Any] = {int: Integer, float: Number, bool: Boolean, str: Text}


class UserCallbackSpec(CallbackSpec):
    """A callback of the user's: its arguments are those of its class, checked against their annotations."""

    target: ClassVar[Function]
    declared_logs: ClassVar[tuple[str, ...]] = ()
    declared_monitors: ClassVar[tuple[str, ...]] = ()

    @property
    def hooks(self) -> tuple[str, ...]:
        """The hooks that the class defines; Keras marks its own empty ones."""
        return tuple(hook for hook in HOOKS if not getattr(getattr(self.target, hook), "_is_default", False))

    @property
    def shares(self) -> bool:
        """Outside the run directory it appends to what may have been there."""
        return True

    def adds(self, moment: Moment = Moment.EPOCH_END) -> Iterator[str]:
        """What the class declares as `logs`."""
        yield from self.declared_logs if moment is Moment.EPOCH_END else ()

    def how_to_declare(self, key: str) -> str | None:
        """Return the attribute to write into the class, where it does something at the end of an epoch."""
        if "on_epoch_end" not in self.hooks:
            return None
        return f"declare it in {self.target.__name__}, if that adds it: logs = ('{key}',)"

    def monitored(self) -> Iterator[tuple[str, str]]:
        """The values of the arguments that the class declares as `monitors`."""
        values = ((name, getattr(self, name)) for name in self.declared_monitors)
        yield from ((name, value) for name, value in values if isinstance(value, str))

    def outputs(self) -> Iterator[tuple[str, str]]:
        """What is annotated as `trainctl.OutputFile` or `trainctl.GrowingFile`."""
        return ((name, value) for name, value, _ in self._marked())

    def growing(self) -> Iterator[str]:
        """What is annotated as `trainctl.GrowingFile`."""
        return (value for _, value, mark in self._marked() if mark.grows)

    def _marked(self) -> Iterator[tuple[str, str, OutputPath]]:
        for name, info in type(self).model_fields.items():
            mark = next(_output_marks(info.annotation, info.metadata), None)
            if mark is not None:
                value = getattr(self, name)
                paths = value if isinstance(value, list | tuple) else [value]
                yield from ((name, path, mark) for path in paths if isinstance(path, str))

    def build(self, context: CallbackContext) -> keras.callbacks.Callback:
        """The user's callback; its output files lie in the run directory."""
        arguments = {name: getattr(self, name) for name in type(self).model_fields} | (self.model_extra or {})
        for name in {name for name, _ in self.outputs()}:
            arguments[name] = _placed(arguments[name], context)
        return self.target(**arguments)


def _output_marks(annotation: Any, metadata: Iterable[Any] = ()) -> Iterator[OutputPath]:
    """What marks an argument as an output: the annotation itself, or what stands in it, as in `OutputFile | None`."""
    yield from (each for each in metadata if isinstance(each, OutputPath))
    for inner in get_args(annotation):
        yield from _output_marks(inner, getattr(inner, "__metadata__", ()))


def _placed(value: Value, context: CallbackContext) -> Any:
    """The paths of outputs, absolute; what is no path as it is."""
    if isinstance(value, list | tuple):
        return [_placed(each, context) for each in value]
    return str(context.output(value)) if isinstance(value, str) else value


def decorator(register: Callable[..., None]) -> Any:
    """A decorator that has what it decorates registered, used bare or with `name=` and what else `register` takes.

    Args:
        register: Is given what is decorated, the chosen name, and by keyword whatever else the decorator is given; its
            documentation becomes the decorator's.
    """

    def decorate(target: Any = None, *, name: str | None = None, **more: Any) -> Any:
        def keep(part: Any) -> Any:
            register(part, name, **more)
            return part

        return keep if target is None else keep(target)

    decorate.__doc__ = register.__doc__
    return decorate


@decorator
def callback(cls: type, name: str | None, *, logs: Sequence[str] = ()) -> None:
    """Decorator: make a `keras.callbacks.Callback` subclass usable in a config.

    Args:
        cls: The class, where the decorator is used bare.
        name: Its name in the config; the class's own where it is left out.
        logs: The keys that it writes into the logs of an epoch, besides those in the class's own `logs`.

    Raises:
        ConfigError: The name is taken, or `logs` is not a list of names.
    """
    known = name or cls.__name__
    if not any(base.__name__ == "Callback" and base.__module__.startswith("keras.") for base in cls.__mro__):
        raise ConfigError(
            f"{cls.__name__} is not a keras.callbacks.Callback", hint="derive it from keras.callbacks.Callback"
        )
    keys = (*_log_keys(cls.__name__, getattr(cls, "logs", ())), *_log_keys(cls.__name__, logs))
    register_spec(CALLBACKS, "callback", known, cls, lambda: _spec_of(cls, known, keys))


@decorator
def function(called: Function, name: str | None, *, logs: Sequence[str] = ()) -> None:
    """Decorator: make a function usable by name where Keras wants one, as for a schedule or at a callback's hook.

    Args:
        called: The function, where the decorator is used bare.
        name: Its name in the config; the function's own where it is left out.
        logs: The keys that it writes into the logs of an epoch.

    Raises:
        ConfigError: The name is taken, or `logs` is not a list of names.
    """
    known = name or called.__name__
    require_free("function", known, called, taken=known in _FUNCTIONS)
    _FUNCTIONS[known] = UserFunction(known, called, _log_keys(known, logs))
    definitions.note("function", known, called)


def _log_keys(owner: str, keys: Any) -> tuple[str, ...]:
    """The declared keys of the logs; an attribute `logs` that is no tuple or list means something else.

    Raises:
        ConfigError: It is text, or holds what is no text.
    """
    if isinstance(keys, str) or (isinstance(keys, tuple | list) and not all(isinstance(key, str) for key in keys)):
        raise ConfigError(
            f"logs of {owner} must be a tuple of names, received {keys!r}", hint='write: logs = ("my_metric",)'
        )
    return tuple(keys) if isinstance(keys, tuple | list) else ()


def register_spec(registry: Registry[Any], word: str, name: str, part: Function, make: Callable[[], Any]) -> None:
    """Register what `make` makes as `name`, where such a name may be given.

    Args:
        registry: Where to.
        word: What a member is called in messages.
        name: Its name in the config.
        part: The user's class or function.
        make: Makes its spec.

    Raises:
        ConfigError: The name is taken, or not in CapWords.
    """
    if not name[:1].isupper():
        raise ConfigError(f"a {word} must have a name in CapWords, got {name!r}", hint="set one with name=")
    require_free(word, name, part, taken=registry.get(name) is not None)
    registry.register(name, again=definitions.is_redefined(word, name, part))(make())
    definitions.note(word, name, part)


def require_free(word: str, name: str, part: Function, *, taken: bool) -> None:
    """Refuse a name that is taken, but by a notebook's cell that is run again.

    Raises:
        ConfigError: It is.
    """
    if taken and not definitions.is_redefined(word, name, part):
        raise ConfigError(f"a {word} called {name!r} already exists", hint="choose another name with name=")


def user_function(name: str) -> UserFunction | None:
    """The function registered as `name`, or `None`."""
    return _FUNCTIONS.get(name.strip())


def user_functions() -> Iterator[UserFunction]:
    """Yield every registered function."""
    yield from _FUNCTIONS.values()


def _spec_of(cls: type, name: str, logs: tuple[str, ...]) -> type[UserCallbackSpec]:
    """A spec with a field for each argument of the class, and what the class declares about itself."""
    init: Function = cls.__init__  # type: ignore[misc]  # of the class itself, not of an instance
    spec: type[UserCallbackSpec] = spec_with_arguments(UserCallbackSpec, cls, init, name, skip=1)
    for declaration in DECLARATIONS:
        setattr(spec, declaration, declared(cls, declaration))
    spec.only_watches = bool(getattr(cls, "only_watches", False))  # a subclass of a logger may do more than log
    spec.declared_logs = logs
    monitors = getattr(cls, "monitors", ())
    spec.declared_monitors = tuple(each for each in monitors if each in spec.model_fields)
    return spec


def spec_with_arguments(base: Any, target: Any, called: Function, name: str, *, skip: int = 0) -> Any:
    """A spec of kind `base` for the user's `target`, with a field for each argument of what is `called`.

    Args:
        base: The spec's own base, which has a `target`.
        target: The user's class or function.
        called: Whose arguments it takes: the function, or the class's `__init__`.
        name: Its name in the config.
        skip: How many of the first arguments are not the user's, such as `self`.

    Raises:
        ConfigError: An argument has a name that cannot be one.
    """
    hints = typing.get_type_hints(called, include_extras=True)
    described = documented_arguments(inspect.getdoc(target) or "")
    fields: dict[str, Value] = {}
    takes_more = False
    for parameter in list(inspect.signature(called).parameters.values())[skip:]:
        takes_more |= parameter.kind is inspect.Parameter.VAR_KEYWORD
        if parameter.kind in {inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL}:
            continue
        _require_free(base, parameter.name, name)
        default = ... if parameter.default is inspect.Parameter.empty else parameter.default
        text = described.get(parameter.name) or f"See the documentation of {name}."
        fields[parameter.name] = (Annotated[strict(hints.get(parameter.name, Any)), Field(description=text)], default)
    text = inspect.getdoc(target) or f"{name}, of {target.__module__}."
    make: Any = create_model
    with warnings.catch_warnings():
        # Such as `copy`, a method of pydantic's that nobody calls.
        warnings.filterwarnings("ignore", message="Field name")
        spec: Any = make(name, __base__=base, __doc__=text, **fields)
    settings: dict[str, Value] = {**spec.model_config, "extra": "allow" if takes_more else "forbid"}
    spec.model_config = settings
    spec.target = staticmethod(target) if inspect.isfunction(target) else target
    spec.name_in_yaml = name
    spec.__module__ = target.__module__
    return spec


def _require_free(base: type, argument: str, name: str) -> None:
    """Refuse an argument that has the name of something that every spec has; pydantic would take it for that."""
    ours = (cls for cls in base.__mro__ if cls.__module__.startswith("trainctl."))
    pydantics = argument.startswith("_") or (argument.startswith("model_") and hasattr(base, argument))
    if pydantics or any(argument in {*vars(cls), *inspect.get_annotations(cls)} for cls in ours):
        raise ConfigError(
            f"{name} has an argument called '{argument}', which is reserved by trainctl",
            hint="rename it",
        )


def strict(hint: Any) -> Any:
    """The annotation with numbers, booleans and text read as everywhere in a config."""
    if hint in _TYPES:
        return _TYPES[hint]
    if typing.get_origin(hint) in {types.UnionType, typing.Union}:
        return typing.Union[tuple(strict(each) for each in typing.get_args(hint))]  # noqa: UP007  # built at run time
    return hint
