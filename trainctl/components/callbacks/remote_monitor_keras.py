"""RemoteMonitor that does not hold training up."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import requests

from trainctl.aliases import Value
from trainctl.backend import keras
from trainctl.components.callbacks.remote_monitor import RemoteMonitor
from trainctl.components.context import CallbackContext
from trainctl.events import CallbackNotice, Event
from trainctl.strict_json import to_json, without_nan


class PatientRemoteMonitor(keras.callbacks.RemoteMonitor):
    """Keras's RemoteMonitor with a timeout; the first failure is told, the others are not.

    Args:
        emit: Where its notice goes.
        shown: The server's address for the notice.
        timeout: Seconds to wait for the server, to connect and to answer.
        **arguments: Those of Keras's RemoteMonitor.
    """

    def __init__(self, emit: Callable[[Event], None], shown: str, timeout: float, **arguments: Value) -> None:
        super().__init__(**arguments)
        self._emit = emit
        self._shown = shown
        self._timeout = timeout
        self._told = False

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Send the epoch and its metrics."""
        sent = without_nan({"epoch": epoch, **_sendable(logs or {})})
        body: dict[str, Value] = {"json": sent} if self.send_as_json else {"data": {self.field: to_json(sent)}}
        try:
            answer = requests.post(
                self.root.rstrip("/") + self.path, headers=self.headers, timeout=self._timeout, **body
            )
            problem = "" if answer.ok else f"answered {answer.status_code} {answer.reason}"
        except requests.exceptions.Timeout:
            problem = f"did not answer within {self._timeout:g} s"
        except requests.exceptions.RequestException as error:
            problem = f"cannot be reached ({type(error).__name__})"
        if problem and not self._told:
            self._told = True
            message = f"{self._shown} {problem}; training continues, and this is reported once"
            self._emit(CallbackNotice(callback="RemoteMonitor", message=message))


def build(spec: RemoteMonitor, context: CallbackContext) -> PatientRemoteMonitor:
    """Return Keras's RemoteMonitor with a timeout, which reports only the first failure."""
    shown = context.settings.get(f"{spec.setting}.root", "the server")  # a secret as it is written
    return PatientRemoteMonitor(context.emit, shown=str(shown), **spec.model_dump())


def _sendable(logs: Mapping[str, Value]) -> dict[str, Value]:
    """The logs with arrays as lists, without what JSON has no form for."""
    plain = {key: value.tolist() if hasattr(value, "tolist") else value for key, value in logs.items()}
    return {key: value for key, value in plain.items() if _is_json(value)}


def _is_json(value: Value) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_json, value))
    return value is None or isinstance(value, str | int | float)
