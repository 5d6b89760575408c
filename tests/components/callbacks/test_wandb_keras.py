"""The run in W&B, told to a stand-in for its package; tests/extras drives the real one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

import pytest

pytestmark = pytest.mark.tf

HALF = "trainctl.components.callbacks.wandb_keras"


@pytest.fixture
def wandb(monkeypatch: pytest.MonkeyPatch) -> Iterator[MagicMock]:
    package = MagicMock(spec=ModuleType)
    for name in ("login", "init", "Settings"):
        setattr(package, name, MagicMock())
    monkeypatch.setitem(sys.modules, "wandb", package)
    monkeypatch.delitem(sys.modules, HALF, raising=False)
    yield package
    sys.modules.pop(HALF, None)


def tracker(directory: Path, heard: list[Any], **arguments: Any) -> Any:
    from trainctl.components.callbacks.wandb import Wandb
    from trainctl.components.context import CallbackContext

    context = CallbackContext(
        directory, heard.append, lambda value: value, run_id="id-1", name="mnist", settings={"seed": 3}
    )
    return Wandb(**arguments).build(context)


def test_a_run_is_opened_followed_and_closed(wandb: MagicMock, tmp_path: Path) -> None:
    (tmp_path / "experiment.yaml").write_text("a")
    found = tracker(tmp_path, [], tags=("x",), log_model=False)
    found.on_train_begin()
    given = wandb.init.call_args.kwargs
    assert (given["project"], given["id"], given["tags"], given["resume"]) == ("mnist", "id-1", ("x",), "allow")
    assert given["config"]["seed"] == 3
    run = wandb.init.return_value
    assert run.save.call_args.args[0].endswith("experiment.yaml")
    found.on_epoch_end(4, {"loss": 0.5})
    run.log.assert_called_once_with({"loss": 0.5}, step=4)
    found._run_ended("failed", {})
    run.finish.assert_called_once_with(exit_code=1)


def test_without_a_login_training_does_not_begin(wandb: MagicMock, tmp_path: Path) -> None:
    from trainctl.errors import TrainingError

    wandb.login.return_value = False
    with pytest.raises(TrainingError) as error:
        tracker(tmp_path, []).on_train_begin()
    assert "WANDB_API_KEY" in str(error.value.hint)
    assert not wandb.init.called


def test_a_service_that_fails_later_is_told_once_and_training_goes_on(wandb: MagicMock, tmp_path: Path) -> None:
    heard: list[Any] = []
    found = tracker(tmp_path, heard, mode="offline")
    found.on_train_begin()
    wandb.init.return_value.log.side_effect = ConnectionError("secret address")
    for epoch in range(3):
        found.on_epoch_end(epoch, {"loss": 1.0})
    assert len(heard) == 1
    assert "secret" not in heard[0].message


def test_a_check_leaves_nothing_behind(wandb: MagicMock, tmp_path: Path) -> None:
    from trainctl.components.callbacks.wandb import Wandb
    from trainctl.components.context import CallbackContext

    built = Wandb().build(CallbackContext(tmp_path, print, lambda value: value))
    built.on_train_begin()
    assert not wandb.login.called
