"""LambdaCallback."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from trainctl.aliases import Value
from trainctl.catalog import HOOKS
from trainctl.components.callbacks.shared.model_files import wrong_suffix
from trainctl.components.context import CallbackContext
from trainctl.components.expressions import calls, problems
from trainctl.components.fields import ArgumentError, Text
from trainctl.components.moment import Moment
from trainctl.components.spec import CallbackSpec, callback
from trainctl.components.user.decorators import user_function
from trainctl.text import plural

if TYPE_CHECKING:
    from trainctl.backend import keras

ACTIONS = ("print", "record", "stop_training", "set_learning_rate", "save")
_LOG_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_/.-]*")
_ARGUMENTS = {"record": 2, "stop_training": 0, "set_learning_rate": 1, "save": 1}


_RATE = ("learning_rate", "lr")


def _sound(names: tuple[str, ...]) -> Any:
    """A validator of one expression that may use `names`."""

    def sound(text: str) -> str:
        if user_function(text) is None:
            for message, word, *hint in _find_problems(text, names):
                raise ArgumentError("bad-expression", message, word=word, hint=hint[0] if hint else None)
        return text

    return AfterValidator(sound)


def _find_problems(text: str, names: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """What is wrong with an expression and its actions: the message, the word to point at, perhaps the fix."""
    refused = [(problem.message, problem.word) for problem in problems(text, names, ACTIONS, logs=True)]
    yield from refused
    for action, wanted in () if refused else _ARGUMENTS.items():
        for arguments in calls(text, action):
            if len(arguments) != wanted:
                yield (
                    f"{action} takes {plural(wanted, 'argument') if wanted else 'no arguments'}, got {len(arguments)}",
                    action,
                )
            elif action in {"record", "save"} and not isinstance(arguments[0], str):
                yield f"the first argument of {action} must be quoted text", action
            elif action == "record" and not _LOG_KEY.fullmatch(arguments[0]):
                yield (
                    f"'{arguments[0]}' is not a valid name to record; use a letter or _, then letters, digits and _ . / -",
                    arguments[0] or action,
                )
            elif action == "save":
                yield from _wrong_file(arguments[0])


def _wrong_file(path: str) -> Iterator[tuple[str, ...]]:
    """What is wrong with the file to which the whole model is saved, or its weights where it says so."""
    wrong = wrong_suffix(path, weights=path.endswith((".weights.h5", ".weights")))
    if wrong is not None:
        yield wrong[0], path, f"write: save('{wrong[1]}')"


def _as_list(value: Value) -> Any:
    """A list of expressions; null, which is Keras's default, is none."""
    return () if value is None else [value] if isinstance(value, str) else value


_SCHEMA = WithJsonSchema(
    {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}, {"type": "null"}]}
)
_AtEpoch = Annotated[tuple[Annotated[Text, _sound(("epoch", *_RATE))], ...], BeforeValidator(_as_list), _SCHEMA]
_AtBatch = Annotated[
    tuple[Annotated[Text, _sound(("batch", "epoch", *_RATE))], ...], BeforeValidator(_as_list), _SCHEMA
]
_Other = Annotated[tuple[Annotated[Text, _sound(_RATE)], ...], BeforeValidator(_as_list), _SCHEMA]


_MOMENTS = {
    "on_epoch_end": Moment.EPOCH_END,
    "on_train_end": Moment.TRAIN_END,
    **dict.fromkeys(("on_train_batch_end", "on_batch_end"), Moment.BATCH_END),
    **dict.fromkeys(("on_test_batch_end", "on_test_end"), Moment.TEST),
    **dict.fromkeys(("on_predict_batch_end", "on_predict_end"), Moment.PREDICT),
}
"""The hooks to which Keras passes logs."""


@callback("LambdaCallback")
class LambdaCallback(CallbackSpec):
    """Do small things at any hook, by expressions.

    An expression may use `epoch` and `batch` (from 0, where the hook has them), `learning_rate` or `lr`, `logs['loss']` and the
    other logs of the hook, arithmetic, comparison, `and`, `or`, `not`, `a if b else c`, `exp`, `log`, `sqrt`, `min`, `max` …,
    and these actions: `print(…)`, `record('name', value)`, `stop_training()`, `set_learning_rate(value)` and
    `save('path')`. A list runs one after the other. The name of a `@trainctl.function` is called with what Keras passes.

        on_epoch_end: "logs['loss'] < 0.01 and stop_training()"

    Source: keras.callbacks.LambdaCallback, Keras 3.15; the hooks of test and predict, and the old `on_batch_begin` and
    `on_batch_end`, work as well.
    """

    on_epoch_begin: Annotated[_AtEpoch, Field(description="At the beginning of each epoch.")] = ()
    on_epoch_end: Annotated[_AtEpoch, Field(description="At the end of each epoch, with its logs.")] = ()
    on_train_begin: Annotated[_Other, Field(description="Once, at the beginning of training.")] = ()
    on_train_end: Annotated[_Other, Field(description="Once, at the end of training.")] = ()
    on_train_batch_begin: Annotated[_AtBatch, Field(description="Before each batch of training.")] = ()
    on_train_batch_end: Annotated[_AtBatch, Field(description="After each batch of training, with its logs.")] = ()
    on_batch_begin: Annotated[_AtBatch, Field(description="The same as on_train_batch_begin.")] = ()
    on_batch_end: Annotated[_AtBatch, Field(description="The same as on_train_batch_end.")] = ()
    on_test_begin: Annotated[_Other, Field(description="At the beginning of each validation or evaluation.")] = ()
    on_test_end: Annotated[_Other, Field(description="At the end of each validation or evaluation.")] = ()
    on_test_batch_begin: Annotated[_AtBatch, Field(description="Before each batch of validation or evaluation.")] = ()
    on_test_batch_end: Annotated[_AtBatch, Field(description="After each batch of validation or evaluation.")] = ()
    on_predict_begin: Annotated[_Other, Field(description="At the beginning of a prediction.")] = ()
    on_predict_end: Annotated[_Other, Field(description="At the end of a prediction.")] = ()
    on_predict_batch_begin: Annotated[_AtBatch, Field(description="Before each batch of a prediction.")] = ()
    on_predict_batch_end: Annotated[_AtBatch, Field(description="After each batch of a prediction.")] = ()

    @property
    def given(self) -> dict[str, tuple[str, ...]]:
        """The hooks that are given, with their expressions."""
        return {name: getattr(self, name) for name in type(self).model_fields if getattr(self, name)}

    @property
    def hooks(self) -> tuple[str, ...]:
        """The hooks that are given."""
        return tuple(hook for hook in HOOKS if hook in self.given)

    def moment(self, field: str) -> Moment:
        """When Keras calls the hook."""
        return _MOMENTS.get(field, Moment.NO_LOGS)

    def counters(self, field: str) -> tuple[str, ...]:
        """The epoch, and at the hooks of a batch its number."""
        return ("epoch", "batch") if "batch" in field else ("epoch",)

    def expressions(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """Every expression of every hook."""
        for hook, texts in self.given.items():
            for text in texts:
                if user_function(text) is None:
                    yield hook, text, tuple(str(arguments[0]) for arguments in calls(text, "record"))

    @property
    def changes_learning_rate(self) -> bool:
        """Where an expression calls set_learning_rate."""
        return any(True for _, text, _ in self.expressions() for _ in calls(text, "set_learning_rate"))

    def defeated_by(self, later: CallbackSpec) -> str | None:
        """At the end of an epoch it should see the rate that a callback sets there."""
        reads = any("learning_rate" in text for hook, text, _ in self.expressions() if hook == "on_epoch_end")
        changes = later.controls_learning_rate and not later.sets_rate_each_epoch
        return f"it reads learning_rate before {later.name_in_yaml} changes it" if reads and changes else None

    def adds(self, moment: Moment = Moment.EPOCH_END) -> Iterator[str]:
        """What is recorded at the hooks of `moment`, and what the functions called there declare."""
        for hook, _, recorded in self.expressions():
            yield from recorded if self.moment(hook) is moment else ()
        for hook, texts in self.given.items():
            for function in map(user_function, texts) if self.moment(hook) is moment else ():
                yield from function.logs if function is not None else ()

    def how_to_declare(self, key: str) -> str | None:
        """Return how to decorate a function of the user's that is called at the end of an epoch."""
        functions = [name.strip() for name in self.given.get("on_epoch_end", ()) if user_function(name) is not None]
        return f"declare it on {functions[0]}: @trainctl.function(logs=('{key}',))" if functions else None

    def outputs(self) -> Iterator[tuple[str, str]]:
        """The files that are saved."""
        for hook, text, _ in self.expressions():
            yield from ((hook, str(arguments[0])) for arguments in calls(text, "save"))

    def build(self, context: CallbackContext) -> keras.callbacks.Callback:
        """A Keras callback with these hooks."""
        from trainctl.components.callbacks.lambda_callback_keras import ExpressionCallback  # imports Keras

        return ExpressionCallback(self.given, context)
