"""The number that is reported is a number of the model that is saved, whatever changes its weights at the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import pytest
from workplace import SMALL, Trained, Workplace

from trainctl.training.validated_weights import checksum

pytestmark = pytest.mark.tf

EMA = {"Adam": {"learning_rate": 0.01, "use_ema": True, "ema_momentum": 0.9}}
STOPPING = {"EarlyStopping": {"monitor": "val_loss", "mode": "max", "patience": 1, "restore_best_weights": True}}

OWN = """
import keras, trainctl

@trainctl.callback
class Halve(keras.callbacks.Callback):
    def on_train_end(self, logs=None):
        self.model.set_weights([weight / 2 for weight in self.model.get_weights()])
"""


def _measured(run: Trained, workplace: Workplace) -> float:
    """What the saved model's validation loss is, as `evaluate` finds it."""
    from trainctl.config.load import load
    from trainctl.training.train import prepare

    built = prepare(load(str(run.directory / "resolved.yaml")), 7, lambda _: None)
    model = keras.models.load_model(run.directory / "model.keras")
    samples = built.data.splits.validation
    return float(model.evaluate(built.data.evaluation(samples), verbose=0, return_dict=True)["loss"])


def _compile(optimizer: Any = "adam") -> dict[str, Any]:
    return {**SMALL["compile"], "optimizer": optimizer}


CASES: list[tuple[str, dict[str, Any], str | None]] = [
    ("averages", {"compile": _compile(EMA)}, "averages replaced the weights after the last validation"),
    ("swapped averages", {"compile": _compile(EMA), "callbacks": ["SwapEMAWeights"]}, None),
    (
        "averages swapped in at each epoch",
        {"compile": _compile(EMA), "callbacks": [{"SwapEMAWeights": {"swap_on_epoch": True}}]},
        None,
    ),
    ("restored", {"callbacks": [STOPPING], "fit": {"epochs": 4}}, None),
    ("averages restored", {"callbacks": [STOPPING], "fit": {"epochs": 4}, "compile": _compile(EMA)}, None),
    ("a callback of one's own", {"callbacks": ["Halve"]}, "a callback changed the weights after the last validation"),
    ("validated every other epoch", {"fit": {"epochs": 3, "validation_freq": 2}}, None),
    ("nothing", {}, None),
]


@pytest.mark.parametrize(("sections", "notice"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_reported_loss_is_the_saved_models(
    workplace: Workplace, sections: dict[str, Any], notice: str | None, tmp_path: Path
) -> None:
    (tmp_path / "own.py").write_text(OWN)
    run = workplace.train("--import", "own.py", **{"expect": {"val_loss": "> 0"}, **sections})
    assert run.record["metrics"]["val_loss"] == pytest.approx(_measured(run, workplace), rel=1e-5)
    notices = [event["message"] for event in run.events if event["event"] == "Notice"]
    told = [message for message in notices if "baseline" not in message]  # of which two epochs may fall short
    if notice is None:
        assert not told
    else:
        assert any(notice in message for message in told)
        assert run.history[-1]["val_loss"] != run.record["metrics"]["val_loss"]


def test_without_validation_it_is_said(workplace: Workplace) -> None:
    run = workplace.train(data={"source": "Iris", "batch_size": 16}, compile=_compile(EMA))
    assert "loss and metrics are those of the weights before" in run.stderr


def test_the_checksum_tells_weights_apart_by_their_bits() -> None:
    model = keras.Sequential([keras.layers.Dense(3), keras.layers.BatchNormalization(dtype="float16")])
    model.build((None, 2))
    before, kernel = checksum(model), model.layers[0].kernel
    kernel.assign(kernel + 0)
    assert checksum(model) == before
    kernel.assign(kernel * (1 + 2**-22))
    assert checksum(model) != before
