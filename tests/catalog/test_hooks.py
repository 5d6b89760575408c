"""The hooks of a callback are read from Keras's source."""

from __future__ import annotations

import pytest

from trainctl.catalog.hooks import HOOKS, callback_arguments, callback_hooks


@pytest.mark.parametrize(
    ("name", "hooks"),
    [
        ("EarlyStopping", ("on_train_begin", "on_epoch_end", "on_train_end")),
        ("TerminateOnNaN", ("on_batch_end",)),
        ("NoSuchCallback", ()),
    ],
)
def test_those_that_the_class_defines(name: str, hooks: tuple[str, ...]) -> None:
    assert callback_hooks(name) == hooks


def test_those_of_a_base_count_too_in_the_order_of_a_run() -> None:
    found = callback_hooks("BackupAndRestore")
    assert found
    assert found == tuple(hook for hook in HOOKS if hook in found)


def test_the_arguments_in_the_order_of_a_call() -> None:
    assert callback_arguments("ReduceLROnPlateau")[:3] == ("monitor", "factor", "patience")
    assert callback_arguments("NoSuchCallback") == ()
