"""The bridge from Keras to events: what each epoch came to, and whether the loss is still a number."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from trainctl.aliases import Logs, Value
from trainctl.backend import keras
from trainctl.components.callbacks.shared.logs_keras import recorded
from trainctl.components.callbacks.shared.rates_keras import learning_rate
from trainctl.events import CallbackNotice, EpochEnded, EpochStarted, Event, Phase, PhaseStarted, Sink


class EpochNotices:
    """A sink that passes on what callbacks report at the end of an epoch once the epoch itself is reported.

    Args:
        emit: Where events go.
    """

    def __init__(self, emit: Sink) -> None:
        self._emit = emit
        self._held: list[Event] | None = None

    def __call__(self, event: Event) -> None:
        """Pass on `event`, or hold it back."""
        if self._held is not None and isinstance(event, CallbackNotice):
            self._held.append(event)
        else:
            self._emit(event)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold back the notices of callbacks while inside; they follow also where a callback raises."""
        self._held = []
        try:
            yield
        finally:
            held, self._held = self._held, None
            for event in held:
                self._emit(event)


class EpochReporter(keras.callbacks.Callback):
    """The last callback of the list: reports each epoch and stops a run that has diverged.

    Args:
        emit: Where events go.
        metric_names: The order in which metrics are shown, without `loss`.
        epochs: Epochs of the run.
        steps: Steps of an epoch.
        samples: Samples of an epoch, where progress is counted in them.
    """

    def __init__(
        self, emit: Sink, metric_names: Sequence[str], epochs: int, steps: int, samples: int | None = None
    ) -> None:
        super().__init__()
        self._samples = samples
        self._emit = emit
        self._order = ["loss", *metric_names]
        self._epochs, self._steps = epochs, steps
        self._began = 0.0
        self.history: list[Mapping[str, float]] = []
        self.diverged_in: int | None = None

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Report that the epoch begins; in the first, the graph is built before anything moves."""
        self._began = time.perf_counter()
        count, unit = (self._steps, "steps") if self._samples is None else (self._samples, "samples")
        self._emit(EpochStarted(epoch=epoch + 1, epochs=self._epochs, steps=count, unit=unit))
        if not self.history:
            self._emit(PhaseStarted(phase=Phase.BUILDING_GRAPH))

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Report the epoch's metrics; stop where the loss is NaN or infinite."""
        found = recorded(logs or {})
        metrics = self._ordered(found)
        self.history.append(metrics)
        self._emit(
            EpochEnded(
                epoch=epoch + 1,
                epochs=self._epochs,
                metrics=metrics,
                learning_rate=self._learning_rate(found),
                seconds=time.perf_counter() - self._began,
                steps=self._steps,
            )
        )
        if not math.isfinite(metrics.get("loss", 0.0)):
            self.diverged_in = epoch + 1
            self.model.stop_training = True

    def state_dict(self) -> dict[str, Value]:
        """The metrics of the epochs so far."""
        return {"history": [dict(metrics) for metrics in self.history]}

    def load_state_dict(self, state: Mapping[str, Value]) -> None:
        """Go on with the epochs of an earlier session."""
        self.history = list(state["history"])

    def _ordered(self, logs: Mapping[str, float]) -> dict[str, float]:
        """Loss first, then the metrics in the file's order, then the same of the validation, then what others added."""
        wanted = [*self._order, *(f"val_{name}" for name in self._order)]
        rest = [key for key in logs if key not in wanted and key != "learning_rate"]
        return {key: logs[key] for key in [*wanted, *rest] if key in logs}

    def _learning_rate(self, logs: Mapping[str, float]) -> float | None:
        """The rate of the epoch's last step: callbacks that change it note it in the logs before they do."""
        if "learning_rate" in logs:
            return logs["learning_rate"]
        return learning_rate(self.model.optimizer)
