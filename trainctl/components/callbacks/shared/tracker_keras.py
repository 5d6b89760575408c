"""A callback that keeps the run in a tracking service, and lets training go on when the service fails."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import ClassVar

from trainctl.aliases import Logs
from trainctl.backend import keras
from trainctl.components.callbacks.shared.logs_keras import recorded
from trainctl.components.context import CallbackContext, Ending
from trainctl.errors import TrainingError
from trainctl.events import CallbackNotice
from trainctl.runs.layout import EXPERIMENT, INFERENCE, MODEL, RESOLVED

FILES = (EXPERIMENT, RESOLVED)
"""The experiment's files, kept from the beginning."""
MODELS = (MODEL, INFERENCE)
"""The models that a run may leave."""


class Tracker(keras.callbacks.Callback):
    """Tells the service when training begins, what each epoch brought, and how the run ended.

    A service that fails when training begins is an error: nothing is lost yet, and a wrong address is the likeliest reason.
    Later only the first failure is reported, and training continues.

    Args:
        context: For notices, the settings and the end of the run.
    """

    called: ClassVar[str]
    """Its name in the config."""

    def __init__(self, context: CallbackContext) -> None:
        super().__init__()
        self._context = context
        self._begun = False
        self._told = False
        context.endings.ask(self._run_ended)

    def on_train_begin(self, logs: Logs = None) -> None:
        """Open the run.

        Raises:
            TrainingError: The service refuses it, or does not answer.
        """
        try:
            self.begin()
        except TrainingError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, the run cannot be opened
            # The message may hold an address with a password in it, so it goes nowhere; its kind tells enough.
            raise TrainingError(
                f"{self.called}: the run cannot be opened ({type(error).__name__})",
                hint="check the service and its address, or remove the callback",
            ) from None
        self._begun = True

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Send the epoch's metrics, its number counted from 0 as in Keras."""
        self.trying(lambda: self.log(epoch, recorded(logs or {})))

    def _run_ended(self, ending: Ending, metrics: Mapping[str, float]) -> None:
        if self._begun:
            self.end(ending, metrics)

    def trying(self, send: Callable[[], None]) -> None:
        """Do `send`; where it fails, say so once."""
        try:
            send()
        except Exception as error:  # noqa: BLE001  # whatever a service or its client does, training goes on
            self.tell_failure(type(error).__name__)

    def tell_failure(self, what: str) -> None:
        """Say once that the service fails."""
        if not self._told:
            self._told = True
            self.tell(f"the service failed ({what}); training continues, and this is reported once")

    def tell(self, message: str) -> None:
        """Say something to the person who watches."""
        self._context.emit(CallbackNotice(callback=self.called, message=message))

    @abstractmethod
    def begin(self) -> None:
        """Open the run: its name, tags, settings and files."""

    @abstractmethod
    def log(self, epoch: int, metrics: Mapping[str, float]) -> None:
        """Send the metrics of `epoch` (from 0)."""

    @abstractmethod
    def end(self, ending: Ending, metrics: Mapping[str, float]) -> None:
        """Close the run; `metrics` are those of the kept weights, none where the run failed."""
