"""The spec of TerminateOnNaN."""

from __future__ import annotations

from trainctl.components.callbacks.terminate_on_nan import TerminateOnNaN


def test_it_looks_at_the_loss_of_every_batch() -> None:
    assert TerminateOnNaN().reads_batches is True


def test_it_lets_the_other_callbacks_end_first_unless_told_otherwise() -> None:
    assert TerminateOnNaN().raise_error is False
