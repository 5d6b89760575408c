"""MLflow against a real server, read back through MLflow's own client."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tracking_server import TrackingServer, tracking_server

pytest.importorskip("mlflow", reason='MLflow is an extra: make test-extras, or pip install "trainctl[mlflow]"')

pytestmark = [pytest.mark.tf, pytest.mark.slow]

SECRET = "s3cret-of-mlflow"
SLOW = """
import keras, time, trainctl

@trainctl.callback
class Waits(keras.callbacks.Callback):
    def __init__(self, seconds: float):
        super().__init__()
        self.seconds = seconds
    def on_train_batch_end(self, batch, logs=None):
        print("TRAINING", flush=True)
        time.sleep(self.seconds)

@trainctl.callback
class StopsTheServer(keras.callbacks.Callback):
    def __init__(self, pid_file: str, epoch: int = 1):
        super().__init__()
        self.pid_file, self.epoch = pid_file, epoch
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrackingServer]:
    with tracking_server(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """No call home; and no setting of an earlier test's run."""
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    for name in ("MLFLOW_HTTP_REQUEST_TIMEOUT", "MLFLOW_HTTP_REQUEST_MAX_RETRIES", "MLFLOW_TRACKING_URI"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
