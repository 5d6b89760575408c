"""BackupAndRestore through YAML: Keras's promise, made true."""

from __future__ import annotations

import json
from typing import Any

import pytest
from workplace import Workplace


def callbacks(workplace: Workplace, *more: Any, **arguments: Any) -> list[Any]:
    backup = {"backup_dir": str(workplace.folder / "backup"), **arguments}
    return [{"EarlyStopping": {"patience": 9, "monitor": "loss"}}, *more, {"BackupAndRestore": backup}]


@pytest.mark.tf
@pytest.mark.parametrize("save_freq", ["epoch", 3])
def test_the_next_run_goes_on_as_if_never_interrupted(workplace: Workplace, save_freq: Any) -> None:
    whole = workplace.train(callbacks=callbacks(workplace, save_freq=save_freq), fit={"epochs": 4})
    assert not (workplace.folder / "backup" / "trainctl-run.json").exists()

    watcher = {"LambdaCallback": {"on_train_batch_end": "flicker"}}
    _provide(_failing_in_epoch(2))
    config = workplace.write(callbacks=callbacks(workplace, watcher, save_freq=save_freq), fit={"epochs": 4})
    (workplace.folder / "backup" / "precious.txt").write_text("mine")
    failed = workplace.train(config=config, exit_code=6)
    remembered = json.loads((workplace.folder / "backup" / "trainctl-run.json").read_text())
    assert remembered["run"] == str(failed.directory)

    _provide(lambda batch, logs: None)
    before = workplace.runs()
    ended = workplace.call("run", str(config))
    assert ended.exit_code == 0, ended.stderr
    assert workplace.runs() == before  # it went on in its own directory
    lines = [json.loads(line) for line in (failed.directory / "metrics.jsonl").read_text().splitlines()]
    assert [_without_time(line) for line in lines] == [_without_time(line) for line in whole.history]
    assert [path.name for path in (workplace.folder / "backup").iterdir()] == ["precious.txt"]


@pytest.mark.tf
@pytest.mark.parametrize("validation_split", [0.2, None])
def test_what_it_kept_is_kept_where_a_later_callback_raises(
    workplace: Workplace, validation_split: float | None
) -> None:
    def raise_in_epoch_2(epoch: int, _logs: Any) -> None:
        if epoch == 1:
            raise RuntimeError("a mistake")

    data = {"source": "Iris", "batch_size": 16, **({"validation_split": validation_split} if validation_split else {})}
    backup = {"BackupAndRestore": {"backup_dir": str(workplace.folder / "backup")}}
    watching = [{"CSVLogger": {"filename": "log.csv"}}, {"ReduceLROnPlateau": {"monitor": "loss", "min_delta": 9}}]
    sections = {
        "data": data,
        "callbacks": [*watching, backup, {"LambdaCallback": {"on_epoch_end": "flicker"}}],
        "fit": {"epochs": 3},
    }
    _provide(lambda epoch, logs: None)
    whole = workplace.train(**sections)
    _provide(raise_in_epoch_2)
    config = workplace.write(**sections)
    failed = workplace.train(config=config, exit_code=6)
    assert len(failed.history) == 1

    _provide(lambda epoch, logs: None)
    ended = workplace.call("run", str(config))
    assert ended.exit_code == 0, ended.stderr
    steps = 8 if validation_split else 10
    assert failed.record["sessions"][1]["resumed"] == f"in epoch 2 after {steps} of {steps} steps"  # none is lost
    assert failed.record["weights"] == whole.record["weights"]
    assert [_without_time(line) for line in failed.history] == [_without_time(line) for line in whole.history]
    assert (failed.directory / "log.csv").read_text() == (whole.directory / "log.csv").read_text()


def _provide(called: Any) -> None:
    """Register a function as `flicker`, in place of the one before."""
    from trainctl.components.user import decorators as user

    user._FUNCTIONS["flicker"] = user.UserFunction("flicker", called, ())


def _failing_in_epoch(wanted: int) -> Any:
    """A function that fails at the fifth batch of the epoch `wanted`, counted from 1; eight batches make an epoch."""
    seen = {"batches": 0}

    def called(_batch: int, _logs: Any) -> None:
        seen["batches"] += 1
        if seen["batches"] == 8 * (wanted - 1) + 5:
            raise RuntimeError("the power went out")

    return called


def _without_time(line: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in line.items() if key != "seconds"}


@pytest.mark.tf
def test_a_finished_run_is_not_gone_on_with(workplace: Workplace) -> None:
    first = workplace.train(callbacks=callbacks(workplace, delete_checkpoint=False))
    second = workplace.train(callbacks=callbacks(workplace, delete_checkpoint=False))
    assert first.directory != second.directory


def test_the_old_name_and_the_old_argument(workplace: Workplace) -> None:
    config = workplace.write(callbacks=[{"experimental.BackupAndRestore": {"backup_dir": "backup"}}])
    assert workplace.call("validate", str(config)).exit_code == 0
    config = workplace.write(callbacks=[{"BackupAndRestore": {"backup_dir": "b", "save_before_preemption": True}}])
    ended = workplace.call("validate", str(config))
    assert ended.exit_code == 3
    assert "every run takes a snapshot on SIGTERM" in ended.stderr


@pytest.mark.parametrize("backup_dir", ["", None])
def test_it_needs_a_folder(workplace: Workplace, backup_dir: Any) -> None:
    config = workplace.write(callbacks=[{"BackupAndRestore": {} if backup_dir is None else {"backup_dir": backup_dir}}])
    assert workplace.call("validate", str(config)).exit_code == 3


@pytest.mark.tf
@pytest.mark.parametrize("command", [["run", "--dry-run"], ["validate", "--step"]])
def test_a_trial_leaves_the_remembered_run_and_all_else_alone(workplace: Workplace, command: list[str]) -> None:
    pointer, log = workplace.folder / "backup" / "trainctl-run.json", workplace.folder / "log.csv"
    pointer.parent.mkdir()
    for file in (pointer, log):
        file.write_text("of a real run")
    config = workplace.write(callbacks=callbacks(workplace, {"CSVLogger": {"filename": str(log)}}))
    ended = workplace.call(command[0], str(config), *command[1:])
    assert ended.exit_code == 0, ended.stderr
    assert [file.read_text() for file in (pointer, log)] == ["of a real run"] * 2
