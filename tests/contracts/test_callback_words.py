"""What callbacks say: nobody reads the name of a class that they did not write, and `verbose` does what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from workplace import Workplace

from trainctl.components.context import CallbackContext
from trainctl.components.spec import CALLBACKS

pytestmark = pytest.mark.tf

NEEDED: dict[str, dict[str, Any]] = {
    "BackupAndRestore": {"backup_dir": "backup"},
    "experimental.BackupAndRestore": {"backup_dir": "backup"},
    "CSVLogger": {"filename": "log.csv"},
    "LambdaCallback": {"on_epoch_end": "print(epoch)"},
    "LearningRateScheduler": {"schedule": "lr"},
    "ModelCheckpoint": {"filepath": "m.keras"},
    "OrbaxCheckpoint": {"directory": "checkpoints"},
}
"""The arguments that have no default."""


@pytest.mark.parametrize("name", CALLBACKS.names())
def test_an_error_names_the_callback_as_the_experiment_does(tmp_path: Path, name: str) -> None:
    from trainctl.training.callback_failure import CallbackFailure, attribute_errors

    spec = CALLBACKS.get(name)
    assert spec is not None
    if spec.extra is not None and not spec.extra.is_installed:
        pytest.skip(f"{spec.extra.module} is not installed")
    context = CallbackContext(tmp_path, lambda _: None, lambda value: value, is_trial=True)
    callback = spec(**NEEDED.get(name, {})).build(context)
    with pytest.raises(CallbackFailure) as caught, attribute_errors(callback, "on_epoch_end"):
        raise ValueError("it broke")
    told = str(caught.value)
    meant = name if type(callback).__name__ != "Callback" else "Callback"  # one that does nothing raises nothing
    assert told == f"{meant.removeprefix('experimental.')} failed in on_epoch_end: ValueError: it broke"


ACTING: list[tuple[str, dict[str, Any]]] = [
    ("EarlyStopping", {"monitor": "loss", "min_delta": 100}),
    ("LearningRateScheduler", {"schedule": "lr * 0.5"}),
    ("ModelCheckpoint", {"filepath": "m.keras"}),
    ("ReduceLROnPlateau", {"monitor": "loss", "min_delta": 100, "patience": 1}),
]


def test_every_callback_with_verbose_is_tried() -> None:
    silent = {"OrbaxCheckpoint"}  # it says itself that Keras has no messages for it
    assert {name for name, spec in CALLBACKS if "verbose" in spec.model_fields} == {name for name, _ in ACTING} | silent


@pytest.mark.parametrize("verbose", [0, 1])
def test_verbose_brings_keras_s_messages_into_the_console_log(workplace: Workplace, verbose: int) -> None:
    callbacks = [{name: {**arguments, "verbose": verbose}} for name, arguments in ACTING[1:]]
    run = workplace.train(callbacks=callbacks, fit={"epochs": 2})
    console = (run.directory / "console.log").read_text()
    for said in ("setting learning rate to", "saving model to", "reducing learning rate to"):
        assert (said in console) is bool(verbose), (said, console)
    name, arguments = ACTING[0]
    run = workplace.train(callbacks=[{name: {**arguments, "verbose": verbose}}], fit={"epochs": 2})
    assert ("early stopping" in (run.directory / "console.log").read_text()) is bool(verbose)
