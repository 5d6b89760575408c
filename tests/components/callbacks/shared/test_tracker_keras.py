"""A tracker hears how the whole run ended, and its failures do not stop training. The real services: tests/extras."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from workplace import Workplace

pytestmark = pytest.mark.tf

Told = list[tuple[Any, ...]]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """What a tracker is told, in whose place `History` stands; `FAILS` holds what it fails at."""
    import trainctl.backend  # noqa: F401  # sees to it that Keras is imported as trainctl does
    from trainctl.components.callbacks.history import History
    from trainctl.components.callbacks.shared.tracker_keras import Tracker

    seen: Told = []

    class Fake(Tracker):
        called = "Fake"

        def begin(self) -> None:
            self._hear("begin", self._context.run_id, self._context.name)

        def log(self, epoch: int, metrics: Mapping[str, float]) -> None:
            self._hear("log", epoch, dict(metrics))

        def end(self, ending: Any, metrics: Mapping[str, float]) -> None:
            seen.append(("end", ending, dict(metrics)))

        def _hear(self, what: str, *facts: Any) -> None:
            if what in FAILS:
                raise FAILS[what]
            seen.append((what, *facts))

    FAILS.clear()
    monkeypatch.setattr(History, "build", lambda _self, context: Fake(context))
    return seen


FAILS: dict[str, BaseException] = {}
CALLBACKS: list[Any] = ["History"]


def test_a_run_that_is_done(workplace: Workplace, told: Told) -> None:
    data = {"source": "Iris", "validation_split": 0.2, "test_split": 0.2}
    run = workplace.train(callbacks=CALLBACKS, data=data)
    began, *epochs, (*ended, metrics) = told
    assert began == ("begin", run.directory.name, "small")
    assert [epoch for _, epoch, _ in epochs] == [0, 1]
    assert [logs["loss"] for *_, logs in epochs] == pytest.approx([line["loss"] for line in run.history])
    assert ended == ["end", "done"]
    assert metrics == pytest.approx(run.record["metrics"])
    assert "test_loss" in metrics


def test_a_run_that_misses_what_is_expected_has_failed(workplace: Workplace, told: Told) -> None:
    workplace.train(callbacks=CALLBACKS, expect={"accuracy": ">= 2"}, exit_code=8)
    assert told[-1][:2] == ("end", "failed")


def test_a_run_whose_model_cannot_be_saved_has_failed(
    workplace: Workplace, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After training: Keras's `on_train_end` has long been called."""
    from trainctl.training import train

    def fail(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(train, "saved_atomically", fail)
    workplace.train(callbacks=CALLBACKS, exit_code=7)
    assert told[-1] == ("end", "failed", {})


def test_a_run_that_is_interrupted(workplace: Workplace, told: Told) -> None:
    FAILS["log"] = KeyboardInterrupt()
    workplace.train(callbacks=CALLBACKS, exit_code=130)
    assert told[-1] == ("end", "interrupted", {})


def test_a_service_that_fails_when_training_begins(workplace: Workplace, told: Told) -> None:
    FAILS["begin"] = ConnectionError("http://user:password@host")
    run = workplace.train(callbacks=CALLBACKS, exit_code=6)
    assert "Fake: the run cannot be opened (ConnectionError)" in run.stderr
    assert "password" not in run.stderr + (run.directory / "console.log").read_text()
    assert told == []


def test_a_service_that_fails_later_is_told_once(workplace: Workplace, told: Told) -> None:
    FAILS["log"] = ConnectionError("gone")
    run = workplace.train(callbacks=CALLBACKS)
    assert len(run.history) == 2
    assert run.notices("Fake") == [
        "the service failed (ConnectionError); training continues, and this is reported once"
    ]
    assert told[-1][:2] == ("end", "done")
