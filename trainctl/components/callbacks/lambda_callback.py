"""LambdaCallback."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from trainctl.aliases import Value
from trainctl.catalog import HOOKS
from trainctl.components.context import CallbackContext
from trainctl.components.expressions import calls, problems
from trainctl.components.fields import Text
from trainctl.components.spec import CallbackSpec, callback
from trainctl.components.user.decorators import user_function
from trainctl.text import plural

if TYPE_CHECKING:
    from trainctl.backend import keras

ACTIONS = ("print", "record", "stop_training", "set_learning_rate", "save")
_LOG_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_/.-]*")
_ARGUMENTS = {"record": 2, "stop_training": 0, "set_learning_rate": 1, "save": 1}


def _sound(names: tuple[str, ...]) -> Any:
    """A validator of one expression that may use `names`."""

    def sound(text: str) -> str:
        if user_function(text) is None:
            for message, word in _find_problems(text, names):
                raise PydanticCustomError("bad-expression", "{message}", {"message": message, "word": word})
        return text

    return AfterValidator(sound)


def _find_problems(text: str, names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """What is wrong with an expression and its actions: the message, and the word to point at."""
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


def _as_list(value: Value) -> Any:
    return [value] if isinstance(value, str) else value


_SCHEMA = WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})
_AtEpoch = Annotated[
    tuple[Annotated[Text, _sound(("epoch", "learning_rate"))], ...], BeforeValidator(_as_list), _SCHEMA
]
_AtBatch = Annotated[
    tuple[Annotated[Text, _sound(("batch", "epoch", "learning_rate"))], ...], BeforeValidator(_as_list), _SCHEMA
]
_Other = Annotated[tuple[Annotated[Text, _sound(("learning_rate",))], ...], BeforeValidator(_as_list), _SCHEMA]


@callback("LambdaCallback")
class LambdaCallback(CallbackSpec):
    """Do small things at any hook, by expressions.

    An expression may use `epoch` and `batch` (from 0, where the hook has them), `learning_rate`, `logs['loss']` and the
    other logs of the hook, arithmetic, comparison, `and`, `or`, `not`, `a if b else c`, `exp`, `log`, `sqrt`, `min`, `max` …,
    and these actions: `print(…)`, `record('name', value)`, `stop_training()`, `set_learning_rate(value)` and
    `save('path')`. A list runs one after the other. The name of a `@trainctl.function` is called with what Keras passes.

        on_epoch_end: "logs['loss'] < 0.01 and stop_training()"

    Source: keras.callbacks.LambdaCallback, Keras 3.15; the hooks of test and predict, and the old `on_batch_begin` and
    `on_batch_end`, work as well.
    """

    placeholders: ClassVar[tuple[str, ...]] = ("epoch",)

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

    def expressions(self) -> Iterator[tuple[str, str, bool]]:
        """Every expression of every hook."""
        for hook, texts in self.given.items():
            for text in texts:
                if user_function(text) is None:
                    yield hook, text, hook == "on_epoch_end"

    @property
    def changes_learning_rate(self) -> bool:
        """Where an expression calls set_learning_rate."""
        return any(True for _, text, _ in self.expressions() for _ in calls(text, "set_learning_rate"))

    def defeated_by(self, later: CallbackSpec) -> str | None:
        """At the end of an epoch it should see the rate that a callback sets there."""
        reads = any("learning_rate" in text for _, text, at_epoch_end in self.expressions() if at_epoch_end)
        changes = later.controls_learning_rate and not later.sets_rate_each_epoch
        return f"it reads learning_rate before {later.name_in_yaml} changes it" if reads and changes else None

    def adds(self) -> Iterator[str]:
        """What is recorded at the end of an epoch."""
        for _, text, at_epoch_end in self.expressions():
            if at_epoch_end:
                yield from (str(arguments[0]) for arguments in calls(text, "record"))

    def outputs(self) -> Iterator[tuple[str, str]]:
        """The files that are saved."""
        for hook, text, _ in self.expressions():
            yield from ((hook, str(arguments[0])) for arguments in calls(text, "save"))

    def build(self, context: CallbackContext) -> keras.callbacks.Callback:
        """A Keras callback with these hooks."""
        from trainctl.components.callbacks.lambda_callback_keras import ExpressionCallback  # imports Keras

        return ExpressionCallback(self.given, context)
