"""The spec of BackupAndRestore: the folder, and when it takes a snapshot."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from trainctl.components.callbacks.backup_and_restore import BackupAndRestore
from trainctl.components.spec import CALLBACKS


def test_its_folder_is_an_output() -> None:
    assert list(BackupAndRestore(backup_dir="backup").outputs()) == [("backup_dir", "backup")]


def test_it_counts_batches_only_where_it_saves_within_an_epoch() -> None:
    assert BackupAndRestore(backup_dir="b").reads_batches is False
    assert BackupAndRestore(backup_dir="b", save_freq=5).reads_batches is None


@pytest.mark.parametrize("frequency", [0, -1, "batch"])
def test_a_frequency_is_the_epoch_or_a_number_of_batches(frequency: object) -> None:
    with pytest.raises(ValidationError):
        BackupAndRestore.model_validate({"backup_dir": "b", "save_freq": frequency})


def test_the_experimental_name_of_keras_2_means_the_same() -> None:
    assert CALLBACKS.get("experimental.BackupAndRestore") is BackupAndRestore
