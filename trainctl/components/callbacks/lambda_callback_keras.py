"""LambdaCallback from expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from trainctl.aliases import Function, Value
from trainctl.backend import keras
from trainctl.components.callbacks.shared.rates_keras import learning_rate
from trainctl.components.context import CallbackContext
from trainctl.components.expressions import evaluator
from trainctl.components.user.decorators import user_function
from trainctl.events import CallbackNotice
from trainctl.files import saved_atomically
from trainctl.text import format_number

_SAME = {"on_batch_begin": "on_train_batch_begin", "on_batch_end": "on_train_batch_end"}


class ExpressionCallback(keras.callbacks.Callback):
    """Runs expressions at Keras's hooks.

    Args:
        hooks: Each hook's expressions, run in order.
        context: For outputs and notices.
    """

    called: ClassVar[str] = "LambdaCallback"

    def __init__(self, hooks: Mapping[str, Sequence[str]], context: CallbackContext) -> None:
        super().__init__()
        self._context = context
        self._epoch, self._batch = 0, 0
        self._logs: dict[str, Value] = {}
        self._actions: dict[str, Function] = {
            "print": self._print,
            "record": self._record,
            "stop_training": self._stop_training,
            "set_learning_rate": self._set_learning_rate,
            "save": self._save,
        }
        steps: dict[str, list[Function]] = {}
        for hook, texts in hooks.items():
            steps.setdefault(_SAME.get(hook, hook), []).extend(map(self._step, texts))
        for hook, callables in steps.items():
            setattr(self, hook, self._runner(hook, callables))

    def _step(self, text: str) -> Callable[[Mapping[str, Value], tuple[Any, ...]], Any]:
        """The expression, or the user's function called with what Keras passes."""
        called = user_function(text)
        if called is not None:
            return lambda _names, arguments: called(*arguments)
        evaluate = evaluator(text)
        return lambda names, _arguments: evaluate(names, self._actions)

    def _runner(self, hook: str, steps: Sequence[Function]) -> Callable[..., None]:
        """The method for `hook`: Keras calls it with an index, where the hook has one, and logs."""
        takes_index = "batch" in hook or "epoch" in hook

        def run(index: Any = None, logs: dict[str, Value] | None = None) -> None:
            if not takes_index:
                index, logs = None, index if logs is None else logs
            if "epoch" in hook:
                self._epoch = index
            self._logs, self._batch = (logs if logs is not None else {}), index
            rate = self._learning_rate()
            names = {"epoch": self._epoch, "batch": index, "logs": self._logs, "learning_rate": rate, "lr": rate}
            for step in steps:
                step(names, (index, self._logs) if takes_index else (self._logs,))

        return run

    def _learning_rate(self) -> float:
        rate = learning_rate(getattr(self.model, "optimizer", None))
        return float("nan") if rate is None else rate

    def _print(self, *values: Any) -> None:
        text = " ".join(format_number(value) if isinstance(value, float) else str(value) for value in values)
        self._context.emit(CallbackNotice(callback="LambdaCallback", message=text))

    def _record(self, name: str, value: float) -> None:
        self._logs[name] = float(value)

    def _stop_training(self) -> None:
        self.model.stop_training = True

    def _set_learning_rate(self, value: float) -> None:
        self.model.optimizer.learning_rate = float(value)

    def _save(self, path: str) -> None:
        save = self.model.save_weights if path.endswith(".weights.h5") else self.model.save
        numbers = {"learning_rate": self._learning_rate(), **self._logs, "epoch": self._epoch + 1}
        if self._batch is not None:
            numbers["batch"] = self._batch + 1
        saved_atomically(self._context.output(path.format(**numbers)), save)
