"""What callbacks read of the logs is there when they read it: the moment, the order and the validations count."""

from __future__ import annotations

from typing import Any

import pytest
from workplace import Workplace

MINE = """
import keras, trainctl

@trainctl.callback
class Mine(keras.callbacks.Callback):
    logs = ("my_f1",)
    monitors = ("watch",)

    def __init__(self, watch: str = "loss"):
        super().__init__()

    def on_epoch_end(self, epoch, logs=None):
        logs["my_f1"] = 0.5

@trainctl.callback
class Silent(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        logs["hidden"] = 0.5

@trainctl.function
def adds(epoch, logs):
    logs["other"] = 1.0

@trainctl.function(logs=("declared",))
def adds_declared(epoch, logs):
    logs["declared"] = 1.0
"""

GAP = {"LambdaCallback": {"on_epoch_end": "record('gap', logs['val_loss'] - logs['loss'])"}}
STOP = {"EarlyStopping": {"monitor": "gap", "mode": "min", "patience": 1}}


def checked(workplace: Workplace, callbacks: list[Any], *arguments: str, **sections: Any) -> str:
    return workplace.call("validate", str(workplace.write(callbacks=callbacks, **sections)), *arguments).stderr


def checkpoint(path: str, **arguments: Any) -> dict[str, Any]:
    return {"ModelCheckpoint": {"filepath": path, **arguments}}


def at(hook: str, text: str | list[str]) -> dict[str, Any]:
    return {"LambdaCallback": {hook: text}}


@pytest.mark.parametrize(
    "callback",
    [
        {"EarlyStopping": {"monitor": "learning_rate", "mode": "min", "patience": 1}},
        checkpoint("m-{epoch}-{learning_rate:.4f}.keras"),
        checkpoint("m-{epoch}-{batch:03d}-{learning_rate:.4f}-{loss:.2f}.keras", save_freq=3),
        at("on_epoch_end", "print(logs['learning_rate'])"),
        at("on_epoch_end", ["record('a', 1)", "print(logs['a'])", "save('m-{a:.1f}.keras')"]),
        at("on_train_batch_end", "save('m-{epoch}-{batch}-{loss:.2f}.keras')"),
        at("on_train_batch_begin", "save('m-{epoch}-{batch}.keras')"),
        at("on_test_end", "print(logs['loss'])"),
        at("on_train_end", "print(logs['val_loss'])"),
        at("on_predict_batch_end", "print(logs['outputs'])"),
    ],
    ids=str,
)
def test_what_is_there(workplace: Workplace, callback: Any) -> None:
    assert checked(workplace, [callback]) == ""


@pytest.mark.parametrize(
    ("callback", "code", "help_"),
    [
        (checkpoint("{val_loss}.keras", save_freq=2), "val-between-batches", "use 'loss', or set save_freq: epoch"),
        (checkpoint("{epoch}-{batch}.keras"), "placeholder", "save_freq: 100, or remove {batch}"),
        (at("on_epoch_end", "save('{batch}.keras')"), "placeholder", "or remove {batch}"),
        (
            at("on_train_batch_end", "save('{val_loss}.keras')"),
            "val-between-batches",
            "use 'loss', or use on_epoch_end",
        ),
        (at("on_train_batch_end", "print(logs['val_loss'])"), "val-between-batches", "use 'loss', or use on_epoch_end"),
        (at("on_batch_end", "print(logs['learning_rate'])"), "val-between-batches", "on_epoch_end"),
        (at("on_test_end", "print(logs['val_loss'])"), "log-moment", "use 'loss'"),
        (at("on_epoch_begin", "print(logs['loss'])"), "log-moment", "use on_epoch_end"),
        (at("on_train_begin", "save('{loss}.keras')"), "log-moment", "use on_epoch_end"),
        (at("on_epoch_begin", "print(logs['learning_rate'])"), "log-moment", "use learning_rate without logs"),
        (at("on_epoch_end", ["print(logs['a'])", "record('a', 1)"]), "log-order", "move it up"),
    ],
    ids=str,
)
def test_what_is_not_there_yet(workplace: Workplace, callback: Any, code: str, help_: str) -> None:
    text = checked(workplace, [callback])
    assert f"error[{code}]" in text
    assert help_ in text
    assert "1 error in" in text


def test_a_reader_above_the_callback_that_adds(workplace: Workplace) -> None:
    assert checked(workplace, [GAP, STOP]) == ""
    text = checked(workplace, [STOP, GAP])
    assert "error[log-order]: EarlyStopping watches 'gap', but LambdaCallback adds it to the logs after" in text
    assert "help: move EarlyStopping below LambdaCallback" in text


@pytest.mark.parametrize(
    ("callback", "epochs", "every", "said"),
    [
        ({"EarlyStopping": {"patience": 1}}, 6, 2, ""),
        (
            {"EarlyStopping": {"patience": 1}},
            3,
            4,
            "error[no-validation]: validation_freq: 4 validates after none",
        ),
        (checkpoint("{val_loss:.2f}.keras"), 3, 4, "uses '{val_loss}', but no epoch is validated"),
        (checkpoint("{epoch}-{val_loss:.2f}.keras"), 6, 2, "help: set fit.validation_freq: 1, or period: 2"),
        (checkpoint("{epoch}-{val_loss:.2f}.keras", period=4), 6, 2, ""),
        (checkpoint("{epoch}-{val_loss:.2f}.keras", period=3), 6, 2, "error[validation-freq]"),
        (at("on_epoch_end", "logs['val_loss'] < 1 and stop_training()"), 6, 2, "error[validation-freq]"),
        (at("on_epoch_end", "epoch % 2 == 1 and print(logs['val_loss'])"), 6, 2, ""),
        (at("on_train_end", "print(logs['val_loss'])"), 6, 4, "error[validation-freq]"),
        (at("on_train_end", "print(logs['val_loss'])"), 6, 3, ""),
    ],
    ids=str,
)
def test_epochs_without_a_validation(workplace: Workplace, callback: Any, epochs: int, every: int, said: str) -> None:
    text = checked(workplace, [callback], fit={"epochs": epochs, "validation_freq": every})
    assert said in text
    assert bool(said) is bool(text)


@pytest.fixture
def plugin(workplace: Workplace) -> str:
    path = workplace.folder / "mine.py"
    path.write_text(MINE)
    return str(path)


@pytest.mark.tf
def test_a_metric_that_a_users_callback_declares(workplace: Workplace, plugin: str) -> None:
    readers = [
        {"EarlyStopping": {"monitor": "my_f1", "mode": "max", "patience": 1}},
        checkpoint("{epoch}-{my_f1:.2f}.keras", monitor="my_f1", mode="max", save_best_only=True),
        at("on_epoch_end", "print(logs['my_f1'])"),
    ]
    bound = {"my_f1": ">= 0.1"}
    assert checked(workplace, ["Mine", *readers], "--import", plugin, expect=bound) == ""
    assert "move EarlyStopping below Mine" in checked(workplace, [readers[0], "Mine"], "--import", plugin)
    text = checked(workplace, [{"Mine": {"watch": "val_los"}}], "--import", plugin)
    assert "Mine watches 'val_los', which is not logged" in text


@pytest.mark.tf
def test_an_undeclared_one_says_how_to_declare_it(workplace: Workplace, plugin: str) -> None:
    watching = {"EarlyStopping": {"monitor": "hidden", "mode": "max", "patience": 1}}
    text = checked(workplace, ["Silent", watching], "--import", plugin)
    assert "declare it in Silent, if that adds it: logs = ('hidden',)" in text
    watching = {"EarlyStopping": {"monitor": "other", "mode": "max", "patience": 1}}
    text = checked(workplace, [at("on_epoch_end", "adds"), watching], "--import", plugin)
    assert "declare it on adds: @trainctl.function(logs=('other',))" in text
    watching = {"EarlyStopping": {"monitor": "declared", "mode": "max", "patience": 1}}
    assert checked(workplace, [at("on_epoch_end", "adds_declared"), watching], "--import", plugin) == ""
