"""What is not a number in the logs ends no run, whoever reads them."""

from __future__ import annotations

import csv
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest
from workplace import Workplace

pytestmark = pytest.mark.tf

ODD = """
import keras, numpy as np, trainctl

@trainctl.callback
class Odd(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        logs |= {"vector": [0.25, 0.75], "array": np.zeros((2, 2)), "text": "abc", "none": None, "thing": object()}
        logs["scalar"] = np.float32(0.5)
"""

F1 = {"F1Score": {"name": "f1"}}


@pytest.fixture
def received() -> list[dict[str, object]]:
    return []


@pytest.fixture
def server(received: list[dict[str, object]]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    listening = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.server_port}"
    listening.shutdown()
    listening.server_close()


def test_values_that_are_no_numbers(workplace: Workplace, server: str, received: list[dict[str, object]]) -> None:
    module = workplace.folder / "odd.py"
    module.write_text(ODD)
    readers = [
        {"CSVLogger": {"filename": "log.csv"}},
        {"RemoteMonitor": {"root": server, "send_as_json": True}},
        {"TensorBoard": {"update_freq": 3}},
        {"LambdaCallback": {"on_epoch_end": "print(logs['learning_rate'])"}},
        {"ModelCheckpoint": {"filepath": "m-{epoch}-{learning_rate:.4f}.keras"}},
        {"EarlyStopping": {"monitor": "learning_rate", "mode": "min", "patience": 9}},
    ]
    run = workplace.train(
        "--import",
        str(module),
        callbacks=[{"CSVLogger": {"filename": "first.csv"}}, "Odd", *readers, "History"],
        execution={"snapshot": {"every_steps": 1}},
    )
    for line in run.history:
        assert (line["vector/0"], line["vector/1"], line["scalar"]) == (0.25, 0.75, 0.5)
        assert not {"array", "text", "none", "thing", "vector"} & line.keys()
    with (run.directory / "log.csv").open(newline="") as file:
        (written, _) = csv.DictReader(file)
    assert (written["vector"], written["text"], written["none"]) == ('"[0.25, 0.75]"', "abc", "")
    assert "learning_rate" not in written
    header = (run.directory / "first.csv").read_text().splitlines()[0]
    assert header == "epoch,accuracy,loss,val_accuracy,val_loss"
    sent = received[0]
    assert (sent["epoch"], sent["vector"], sent["text"], sent["none"]) == (0, [0.25, 0.75], "abc", None)
    assert sent["array"] == [[0.0, 0.0], [0.0, 0.0]]
    assert not {"thing", "learning_rate"} & sent.keys()
    assert [float(message) for message in run.notices("LambdaCallback")] == [0.01, 0.01]
    assert (run.directory / "m-2-0.0100.keras").is_file()


def test_without_a_validation_in_the_last_epoch(workplace: Workplace) -> None:
    best = {"filepath": "best.keras", "monitor": "val_loss", "save_best_only": True}
    run = workplace.train(
        fit={"epochs": 3, "validation_freq": 2},
        callbacks=[{"ModelCheckpoint": best}],
        expect={"val_accuracy": ">= 0"},
    )
    assert ["val_loss" in line for line in run.history] == [False, True, False]
    assert 0 <= run.record["metrics"]["val_accuracy"] <= 1
    assert len(run.notices("ModelCheckpoint")) == 1
    shown = workplace.call("runs", "show", str(run.directory)).stdout
    assert "nan" not in shown


def test_a_metric_with_a_value_for_each_class(workplace: Workplace) -> None:
    path = workplace.folder / "hot.npz"
    rng = np.random.default_rng(0)
    np.savez(path, x=rng.normal(size=(64, 4)).astype("float32"), y=np.eye(3, dtype="float32")[rng.integers(0, 3, 64)])
    hot = {"source": {"NPZ": {"path": str(path)}}, "validation_split": 0.25, "test_split": 0.25}
    compiled = {"optimizer": "adam", "loss": "categorical_crossentropy", "metrics": [F1]}
    stop = {"EarlyStopping": {"monitor": "val_f1", "mode": "max", "patience": 5}}
    run = workplace.train(data=hot, compile=compiled, callbacks=[stop, {"CSVLogger": {"filename": "log.csv"}}])
    for line in run.history:
        assert line["val_f1"] == pytest.approx(sum(line[f"val_f1/{index}"] for index in range(3)) / 3)
    assert "test_f1" in run.record["metrics"]
