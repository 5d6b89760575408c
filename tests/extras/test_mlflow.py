"""MLflow against a real server, read back through MLflow's own client."""

from __future__ import annotations

import json
import signal
import socket
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from readme import example
from tracking_server import TrackingServer, tracking_server
from workplace import Trained, Workplace

pytest.importorskip("mlflow", reason='MLflow is an extra: make test-extras, or pip install "trainctl[mlflow]"')

pytestmark = [pytest.mark.tf, pytest.mark.slow]

SECRET = "s3cret-of-mlflow"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrackingServer]:
    with tracking_server(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No call home; and no setting of an earlier test's run."""
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    for name in ("MLFLOW_HTTP_REQUEST_TIMEOUT", "MLFLOW_HTTP_REQUEST_MAX_RETRIES", "MLFLOW_TRACKING_URI"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def mlflow(**arguments: Any) -> list[dict[str, Any]]:
    return [{"MLflow": arguments}]


def found(server: TrackingServer, experiment: str) -> Any:
    """The only run of the experiment, as the server has it."""
    from mlflow.tracking import MlflowClient

    client = MlflowClient(server.address)
    known = client.get_experiment_by_name(experiment)
    runs = [] if known is None else client.search_runs([known.experiment_id])
    assert len(runs) <= 1
    return runs[0] if runs else None


def sent(server: TrackingServer, run: Any, metric: str) -> list[tuple[int, float]]:
    """The steps and values of a metric."""
    from mlflow.tracking import MlflowClient

    return [
        (each.step, each.value) for each in MlflowClient(server.address).get_metric_history(run.info.run_id, metric)
    ]


def logged(history: list[Mapping[str, float]], metric: str) -> list[tuple[int, float]]:
    """The same, as the run directory has it."""
    return [(epoch, pytest.approx(line[metric])) for epoch, line in enumerate(history)]


def test_a_run_read_back(server: TrackingServer, workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parameters, metrics with their steps, tags, files and the model; the secret stays as it is written."""
    import keras
    from mlflow.tracking import MlflowClient

    monkeypatch.setenv("MLFLOW_TEST_SECRET", SECRET)
    run = workplace.train(
        data={"source": "Iris", "validation_split": 0.2, "test_split": 0.2, "batch_size": 16},
        callbacks=mlflow(
            tracking_uri=server.address,
            experiment="read-back",
            name="first",
            log_model=True,
            tags={"team": "botany", "token": "${env:MLFLOW_TEST_SECRET}"},
        ),
    )
    kept = found(server, "read-back")
    assert (kept.info.status, kept.info.run_name) == ("FINISHED", "first")
    assert kept.data.tags["team"] == "botany"
    assert kept.data.tags["trainctl.run_id"] == run.directory.name
    parameters = kept.data.params
    assert parameters["data.source"] == "Iris"
    assert parameters["compile.optimizer"] == "Adam"
    assert parameters["compile.optimizer.learning_rate"] == "0.01"
    assert parameters["model.layers.0.Dense.units"] == "8"
    assert parameters["compile.metrics"] == '["accuracy"]'
    assert parameters["fit.epochs"] == "2"
    assert parameters["seed"] == "7"
    assert parameters["callbacks.MLflow.tags.token"] == "${env:MLFLOW_TEST_SECRET}"
    for metric in ("loss", "accuracy", "val_loss", "val_accuracy"):
        assert sent(server, kept, metric) == logged(run.history, metric)
    assert sent(server, kept, "test_accuracy") == [(1, pytest.approx(run.record["metrics"]["test_accuracy"]))]
    client = MlflowClient(server.address)
    for name in ("experiment.yaml", "resolved.yaml", "model.keras"):
        copy = client.download_artifacts(kept.info.run_id, name, str(workplace.folder))
        assert Path(copy).read_bytes() == (run.directory / name).read_bytes()
    assert keras.saving.load_model(workplace.folder / "model.keras").count_params() > 0
    assert_nowhere(SECRET, run)


def test_the_names_are_the_runs_own_where_none_are_given(
    server: TrackingServer, workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlflow.tracking import MlflowClient

    monkeypatch.setenv("MLFLOW_TRACKING_URI", server.address)
    run = workplace.train(name="unnamed", callbacks=["MLflow"])
    kept = found(server, "unnamed")
    assert kept.info.run_name == run.directory.name
    assert {each.path for each in MlflowClient().list_artifacts(kept.info.run_id)} == {
        "experiment.yaml",
        "resolved.yaml",
    }


def test_the_example_of_the_readme(
    server: TrackingServer, workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_URL", server.address)
    workplace.train(callbacks=[example("MLflow")])
    assert found(server, "irises").info.status == "FINISHED"


@pytest.mark.parametrize(
    ("name", "exit_code", "sections"),
    [
        (
            "diverged",
            6,
            {"compile": {"optimizer": {"SGD": {"learning_rate": 1e30}}, "loss": "sparse_categorical_crossentropy"}},
        ),
        ("missed", 8, {"expect": {"accuracy": ">= 2"}}),
    ],
)
def test_a_run_that_failed(
    server: TrackingServer, workplace: Workplace, name: str, exit_code: int, sections: Any
) -> None:
    callbacks = mlflow(tracking_uri=server.address, log_model=True)
    workplace.train(name=name, callbacks=callbacks, exit_code=exit_code, **sections)
    assert found(server, name).info.status == "FAILED"


def test_a_run_that_was_interrupted(server: TrackingServer, workplace: Workplace) -> None:
    config = workplace.write(name="stopped", fit={"epochs": 10**6}, callbacks=mlflow(tracking_uri=server.address))
    process = workplace.start("run", str(config), "--format", "quiet")
    for _ in range(480):
        kept = found(server, "stopped")
        if kept is not None and "loss" in kept.data.metrics:
            break
        assert process.poll() is None, process.communicate()
        time.sleep(0.25)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    process.communicate()
    assert found(server, "stopped").info.status == "KILLED"


def test_a_run_that_was_killed_goes_on_in_the_same_run(server: TrackingServer, workplace: Workplace) -> None:
    sections = {"fit": {"epochs": 200}, "callbacks": mlflow(tracking_uri=server.address)}
    config = workplace.write(name="killed", **sections, execution={"snapshot": {"every_epochs": 3}})
    process = workplace.start("run", str(config), "--format", "quiet")
    for _ in range(480):
        kept = found(server, "killed")
        if kept is not None and len(sent(server, kept, "loss")) > 5:
            break
        assert process.poll() is None, process.communicate()
        time.sleep(0.1)
    process.kill()
    process.communicate()
    (directory,) = workplace.runs()
    assert workplace.call("resume", str(directory), "--set", "fit.epochs=200").exit_code == 0
    kept = found(server, "killed")  # the only one
    assert kept.info.status == "FINISHED"
    history = [json.loads(line) for line in (directory / "metrics.jsonl").read_text().splitlines()]
    assert sent(server, kept, "val_loss") == logged(history, "val_loss")


@pytest.mark.parametrize("returns", [True, False])
def test_a_server_that_goes_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, returns: bool) -> None:
    """Training goes on, one notice says so; what was missed arrives with a server that comes back."""
    import trainctl.backend  # noqa: F401  # sees to it that Keras is imported as trainctl does
    from trainctl.components.callbacks import mlflow_keras as ours

    place = Workplace(tmp_path)
    (tmp_path / "server").mkdir()
    with tracking_server(tmp_path / "server") as server:
        log = ours.MLflowTracker.log

        def log_with_trouble(tracker: ours.MLflowTracker, epoch: int, metrics: Mapping[str, float]) -> None:
            if epoch == 1:
                server.stop()
            elif epoch == 3 and returns:
                server.start()
            log(tracker, epoch, metrics)

        monkeypatch.setattr(ours.MLflowTracker, "log", log_with_trouble)
        monkeypatch.setattr(ours, "_PAUSE_SECONDS", 0.0)
        run = place.train(fit={"epochs": 5}, callbacks=mlflow(tracking_uri=server.address, timeout=2))
        assert len(run.history) == 5
        _, failed, *more = run.notices("MLflow")
        assert failed == "the service failed (MlflowException); training continues, and this is reported once"
        if returns:
            assert more == []
            kept = found(server, "small")
            assert kept.info.status == "FINISHED"
            assert sent(server, kept, "val_loss") == logged(run.history, "val_loss")
        else:
            assert more == ["20 values could not be sent; they are in metrics.jsonl"]


def test_nobody_there_when_training_begins(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong address is found before an epoch is spent, and not shown where it is a secret."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and not listened on: every connection is refused
        monkeypatch.setenv("MLFLOW_TEST_URI", f"http://user:{SECRET}@127.0.0.1:{taken.getsockname()[1]}")
        callbacks = mlflow(tracking_uri="${env:MLFLOW_TEST_URI}", timeout=2)
        run = workplace.train(callbacks=callbacks, exit_code=6)
    assert run.history == []
    assert "MLflow: the run cannot be opened" in run.stderr
    assert_nowhere(SECRET, run)


def test_a_dry_run_leaves_nothing(server: TrackingServer, workplace: Workplace) -> None:
    config = workplace.write(name="dry", callbacks=mlflow(tracking_uri=server.address))
    assert workplace.call("run", str(config), "--dry-run").exit_code == 0
    assert workplace.call("validate", "--step", str(config)).exit_code == 0
    assert found(server, "dry") is None


def assert_nowhere(secret: str, run: Trained) -> None:
    """Neither on the screen nor in the run directory."""
    assert secret not in run.stdout + run.stderr
    files = [path for path in run.directory.rglob("*") if path.is_file()]
    assert [path for path in files if secret.encode() in path.read_bytes()] == []
