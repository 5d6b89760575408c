"""The spec of ModelCheckpoint: the file's ending, and when it reads batches or watches a metric."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from trainctl.components.callbacks.model_checkpoint import ModelCheckpoint


@pytest.mark.parametrize(
    ("path", "weights", "hint"),
    [
        ("best.h5", False, "best.keras"),
        ("best.weights.h5", False, "best.keras"),
        ("best.ckpt", True, "best.weights.h5"),
        ("cp-{epoch}", False, '"cp-{epoch}.keras"'),
        ("v1.2", False, "v1.2.keras"),
    ],
)
def test_another_ending_is_refused_with_the_right_one(path: str, weights: bool, hint: str) -> None:
    with pytest.raises(ValidationError) as error:
        ModelCheckpoint(filepath=path, save_weights_only=weights)
    (problem,) = error.value.errors()
    refused = problem["ctx"]["error"]
    assert (refused.code, refused.hint) == ("file-suffix", f"write: filepath: {hint}")


def test_its_file_is_an_output() -> None:
    assert list(ModelCheckpoint(filepath="a/{epoch}.keras").outputs()) == [("filepath", "a/{epoch}.keras")]


def test_it_reads_the_logs_of_batches_only_where_it_saves_within_an_epoch() -> None:
    assert not ModelCheckpoint(filepath="a.keras").reads_batches
    assert ModelCheckpoint(filepath="a.keras", save_freq=10).reads_batches
