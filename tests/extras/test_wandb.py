"""Weights & Biases in offline mode: its run files read back. No network, no account."""

from __future__ import annotations

import json
import signal
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from readme import example
from workplace import Trained, Workplace

pytest.importorskip("wandb", reason='W&B is an extra: make test-extras, or pip install "trainctl[wandb]"')

pytestmark = [pytest.mark.tf, pytest.mark.slow]

SECRET = "s3cret-of-wandb"
_BLOCK, _MAGIC = 32 * 1024, b":W&B"


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is logged in, whatever machine this is."""
    for name in ("WANDB_API_KEY", "WANDB_MODE", "WANDB_PROJECT", "WANDB_DIR"):
        monkeypatch.delenv(name, raising=False)
    for name in ("WANDB_CONFIG_DIR", "WANDB_CACHE_DIR", "WANDB_DATA_DIR", "NETRC"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))


def wandb(**arguments: Any) -> list[dict[str, Any]]:
    return [{"Wandb": {"mode": "offline", **arguments}}]


def records(run: Path) -> Iterator[Any]:
    """What W&B kept for its server: protocol buffers in LevelDB's log format."""
    from wandb.proto.wandb_internal_pb2 import Record

    (file,) = run.glob("wandb/offline-run-*/run-*.wandb")
    data = file.read_bytes()
    assert data.startswith(_MAGIC)
    at, parts = 7, b""
    while at + 7 <= len(data):
        left = _BLOCK - at % _BLOCK
        if left < 7:  # no room for a header: the rest of the block is empty
            at += left
            continue
        _, length, kind = struct.unpack("<IHB", data[at : at + 7])
        if kind == 0:
            at += left
            continue
        parts += data[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in {1, 4}:  # whole, or the last part
            record = Record()
            record.ParseFromString(parts)
            parts = b""
            yield record


def of_kind(run: Path, kind: str) -> list[Any]:
    return [getattr(record, kind) for record in records(run) if record.WhichOneof("record_type") == kind]


def items(pairs: Any) -> dict[str, Any]:
    """The keys and values of an update: a key is one text, or a path of them."""
    return {each.key or ".".join(each.nested_key): json.loads(each.value_json) for each in pairs}


def test_a_run_read_back(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings, metrics with their steps, names, files and the model; the secret stays as it is written."""
    monkeypatch.setenv("WANDB_TEST_SECRET", SECRET)
    run = workplace.train(
        data={"source": "Iris", "validation_split": 0.2, "test_split": 0.2, "batch_size": 16},
        callbacks=[
            {"RemoteMonitor": {"root": "http://127.0.0.1:9", "headers": {"Token": "${env:WANDB_TEST_SECRET}"}}},
            *wandb(project="botany", name="first", tags=["iris", "small"], log_model=True),
        ],
    )
    (opened,) = of_kind(run.directory, "run")
    assert (opened.project, opened.display_name, list(opened.tags)) == ("botany", "first", ["iris", "small"])
    config = items(opened.config.update)
    assert config["compile.optimizer.learning_rate"] == 0.01
    assert config["model.layers.0.Dense.units"] == 8
    assert config["callbacks.RemoteMonitor.headers.Token"] == "${env:WANDB_TEST_SECRET}"
    assert config["trainctl.run_id"] == run.directory.name
    history = [items(each.item) for each in of_kind(run.directory, "history")]
    assert [each["_step"] for each in history] == [0, 1]
    for metric in ("loss", "accuracy", "val_loss", "val_accuracy"):
        assert [each[metric] for each in history] == pytest.approx([line[metric] for line in run.history])
    summary: dict[str, Any] = {}
    for each in of_kind(run.directory, "summary"):
        summary |= items(each.update)
    assert summary["test_accuracy"] == pytest.approx(run.record["metrics"]["test_accuracy"])
    (folder,) = run.directory.glob("wandb/offline-run-*/files")
    for name in ("experiment.yaml", "resolved.yaml", "model.keras"):
        assert (folder / name).read_bytes() == (run.directory / name).read_bytes()
    assert exit_code(run) == 0
    assert_nowhere(SECRET, run)


def test_the_names_are_the_runs_own_where_none_are_given(workplace: Workplace) -> None:
    run = workplace.train(name="unnamed", callbacks=wandb())
    (opened,) = of_kind(run.directory, "run")
    assert (opened.project, opened.display_name, opened.run_id) == ("unnamed", run.directory.name, run.directory.name)
    assert list(run.directory.glob("wandb/offline-run-*/files/model.keras")) == []


def test_the_example_of_the_readme(workplace: Workplace) -> None:
    run = workplace.train(callbacks=[example("Wandb")])
    (opened,) = of_kind(run.directory, "run")
    assert (opened.project, list(opened.tags)) == ("irises", ["small"])


def test_a_run_that_failed(workplace: Workplace) -> None:
    run = workplace.train(callbacks=wandb(), expect={"accuracy": ">= 2"}, exit_code=8)
    assert exit_code(run) == 1


def test_a_run_that_was_interrupted(workplace: Workplace) -> None:
    config = workplace.write(fit={"epochs": 10**6}, callbacks=wandb())
    process = workplace.start("run", str(config), "--format", "quiet")
    for _ in range(480):
        if any(path.read_text() for path in workplace.folder.glob("runs/*/2*/metrics.jsonl")):
            break
        assert process.poll() is None, process.communicate()
        time.sleep(0.25)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    process.communicate()
    (directory,) = workplace.runs()
    assert [each.exit_code for each in of_kind(directory, "exit")] == [255]


def test_a_run_that_tries_again_after_nan_has_one_id(workplace: Workplace) -> None:
    recover = {"recover": {"on": "nan", "retries": 1, "learning_rate_factor": 1e-32}}
    compile_ = {"optimizer": {"SGD": {"learning_rate": 1e30}}, "loss": "sparse_categorical_crossentropy"}
    run = workplace.train(callbacks=wandb(), compile=compile_, execution=recover)
    folders = sorted(run.directory.glob("wandb/offline-run-*"))
    assert folders
    assert all(f"-{run.directory.name}" in folder.name for folder in folders)  # W&B counts those of one second


def test_a_client_that_fails_does_not_stop_training(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    import trainctl.backend  # noqa: F401  # sees to it that Keras is imported as trainctl does
    from trainctl.components.callbacks import wandb_keras as ours

    def fail(*_: Any) -> None:
        raise BrokenPipeError("the service is gone")

    monkeypatch.setattr(ours.WandbTracker, "log", fail)
    run = workplace.train(callbacks=wandb())
    assert len(run.history) == 2
    assert run.notices("Wandb") == [
        "the service failed (BrokenPipeError); training continues, and this is reported once"
    ]


def test_nobody_is_logged_in(workplace: Workplace) -> None:
    """W&B would ask for a key, on streams that lead to console.log."""
    run = workplace.train(callbacks=wandb(mode="online"), exit_code=6)
    assert run.history == []
    assert "Wandb: not logged in" in run.stderr
    assert "mode: offline" in run.stderr


def test_disabled_and_dry_runs_leave_nothing(workplace: Workplace) -> None:
    run = workplace.train(callbacks=wandb(mode="disabled"))
    assert not (run.directory / "wandb").exists()
    config = workplace.write(callbacks=wandb())
    assert workplace.call("run", str(config), "--dry-run").exit_code == 0
    assert list(workplace.folder.rglob("*.wandb")) == []


def exit_code(run: Trained) -> int:
    (ended,) = of_kind(run.directory, "exit")
    return int(ended.exit_code)


def assert_nowhere(secret: str, run: Trained) -> None:
    """Neither on the screen nor in the run directory."""
    assert secret not in run.stdout + run.stderr
    files = [path for path in run.directory.rglob("*") if path.is_file()]
    assert [path for path in files if secret.encode() in path.read_bytes()] == []
