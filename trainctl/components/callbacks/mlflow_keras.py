"""MLflow's tracking, through its client: no global run, no autologging."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mlflow.entities import Metric, Param
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from trainctl.aliases import Value
from trainctl.components.callbacks.mlflow import MLflow
from trainctl.components.callbacks.shared.tracker_keras import FILES, MODELS, Tracker
from trainctl.components.context import CallbackContext, Ending
from trainctl.files import is_own_file
from trainctl.text import plural

_STATUS: Mapping[Ending, str] = {"done": "FINISHED", "failed": "FAILED", "interrupted": "KILLED"}
_PARAMS_AT_ONCE, _METRICS_AT_ONCE = 100, 1000
_LONGEST_KEY, _LONGEST_VALUE = 250, 6000
_PAUSE_SECONDS = 60.0
_RUN_ID = "trainctl.run_id"


class MLflowTracker(Tracker):
    """A run in MLflow.

    Args:
        context: The run's.
        tracking_uri: The server or store; `None` = MLflow's own choice.
        experiment: The MLflow experiment; `None` = the config's name.
        name: The run's name; `None` = the run's id.
        tags: The run's tags.
        log_model: Whether the model is uploaded.
        timeout: Seconds to wait for an answer.
    """

    called = "MLflow"

    def __init__(
        self,
        context: CallbackContext,
        *,
        tracking_uri: str | None,
        experiment: str | None,
        name: str | None,
        tags: Mapping[str, str] | None,
        log_model: bool,
        timeout: int,
    ) -> None:
        super().__init__(context)
        # MLflow waits two minutes and tries eight times, and takes other numbers only from here; the user's own win.
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", str(timeout))
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
        self._client = MlflowClient(tracking_uri)
        self._experiment = experiment or context.name
        self._name = name or context.run_id
        self._tags = {_RUN_ID: context.run_id, **(tags or {})}
        self._log_model = log_model
        self._run_id = ""
        self._arrived: frozenset[tuple[str, int, float]] = frozenset()
        self._last_epoch = 0
        self._waiting: list[Metric] = []
        self._next_try = 0.0

    def begin(self) -> None:
        """Open the run with its parameters and files, or continue it where an earlier session opened it."""
        experiment = self._experiment_id()
        kept = self._opened_before(experiment)
        run = kept or self._client.create_run(experiment, tags=self._tags, run_name=self._name)
        self._run_id = run.info.run_id
        if kept is not None:
            self._client.update_run(self._run_id, status="RUNNING")
            self._arrived = frozenset(self._history(run.data.metrics))
        self._send_params(run.data.params)
        self._upload(*FILES)
        goes_on = ", continued" if kept else ""
        self.tell(f"run {self._name} in the experiment {self._experiment}{goes_on}")

    def log(self, epoch: int, metrics: Mapping[str, float]) -> None:
        """Send the metrics, and those that could not be sent before; after a failure not more than once a minute."""
        self._keep(epoch, metrics)
        if time.monotonic() >= self._next_try:
            self._next_try = time.monotonic() + _PAUSE_SECONDS
            self._send_waiting()
            self._next_try = 0.0

    def end(self, ending: Ending, metrics: Mapping[str, float]) -> None:
        """Send what is left, the metrics of the test split and the model; then close the run."""
        self._keep(self._last_epoch, {key: value for key, value in metrics.items() if key.startswith("test_")})
        self.trying(self._send_waiting)
        if self._log_model and ending == "done":
            self.trying(lambda: self._upload(*MODELS))
        self.trying(lambda: self._client.set_terminated(self._run_id, _STATUS[ending]))
        if self._waiting:
            self.tell(f"{plural(len(self._waiting), 'value')} could not be sent; they are in metrics.jsonl")

    def _keep(self, epoch: int, metrics: Mapping[str, float]) -> None:
        now = int(time.time() * 1000)
        self._last_epoch = epoch
        named = ((_key(name), value) for name, value in metrics.items())
        new = ((name, value) for name, value in named if (name, epoch, value) not in self._arrived)
        self._waiting += [Metric(name, value, now, epoch) for name, value in new]

    def _opened_before(self, experiment: str) -> Any:
        """Return the run that an earlier session of this one opened, or `None`."""
        wanted = f"tags.`{_RUN_ID}` = '{self._context.run_id}'"
        return next(iter(self._client.search_runs([experiment], wanted, max_results=1)), None)

    def _history(self, keys: Iterable[str]) -> Iterator[tuple[str, int, float]]:
        """What has arrived of the metrics, so that the epochs that a resumed run does again are not sent again."""
        for key in keys:
            yield from ((key, each.step, each.value) for each in self._client.get_metric_history(self._run_id, key))

    def _send_params(self, known: Mapping[str, str]) -> None:
        """Send the parameters that MLflow does not have: it lets no one change one."""
        params = [Param(_key(path), _text(value)) for path, value in self._context.settings.items()]
        new = [param for param in params if param.key not in known]
        for start in range(0, len(new), _PARAMS_AT_ONCE):
            self._client.log_batch(self._run_id, params=new[start : start + _PARAMS_AT_ONCE])

    def _send_waiting(self) -> None:
        while self._waiting:
            self._client.log_batch(self._run_id, metrics=self._waiting[:_METRICS_AT_ONCE])
            del self._waiting[:_METRICS_AT_ONCE]

    def _upload(self, *names: str) -> None:
        for path in (self._context.directory / name for name in names):
            if is_own_file(path):
                self._client.log_artifact(self._run_id, str(path))

    def _experiment_id(self) -> str:
        found = self._client.get_experiment_by_name(self._experiment)
        if found is None:
            try:
                return str(self._client.create_experiment(self._experiment))
            except MlflowException as error:
                if error.error_code != "RESOURCE_ALREADY_EXISTS":  # else another run was quicker
                    raise
                found = self._client.get_experiment_by_name(self._experiment)
        return str(found.experiment_id)


def build(spec: MLflow, context: CallbackContext) -> MLflowTracker:
    """Return the tracker with the arguments of `spec`."""
    return MLflowTracker(context, **spec.model_dump())


def _key(name: str) -> str:
    """Return the name with what MLflow allows in one."""
    return re.sub(r"[^\w\-./ ]", "_", name, flags=re.ASCII)[:_LONGEST_KEY]


def _text(value: Value) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
