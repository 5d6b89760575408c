"""What the callbacks that save the model share, tried over all of them."""

from __future__ import annotations

import pytest

from trainctl.components.callbacks.model_checkpoint import ModelCheckpoint
from trainctl.components.callbacks.orbax_checkpoint import OrbaxCheckpoint
from trainctl.components.callbacks.shared.checkpoint import CheckpointSpec

KINDS = [(ModelCheckpoint, {"filepath": "a.keras"}), (OrbaxCheckpoint, {"directory": "kept"})]


@pytest.mark.parametrize(("kind", "required"), KINDS)
def test_a_metric_matters_only_where_the_best_is_kept(kind: type[CheckpointSpec], required: dict[str, str]) -> None:
    assert not list(kind(**required, monitor="val_auc").monitored())
    assert list(kind(**required, monitor="val_auc", save_best_only=True).monitored()) == [("monitor", "val_auc")]


@pytest.mark.parametrize(("kind", "required"), KINDS)
def test_batches_matter_only_where_it_saves_among_them(kind: type[CheckpointSpec], required: dict[str, str]) -> None:
    assert [kind(**required, save_freq=each).reads_batches for each in ("epoch", 3)] == [False, True]
