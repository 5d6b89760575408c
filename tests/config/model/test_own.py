"""Which models may lack a loss in the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainctl.config.model.own import may_lack_loss
from trainctl.config.text.document import parse
from trainctl.diagnostics import Source

pytestmark = pytest.mark.tf


def lacks(layers: str) -> bool:
    return may_lack_loss(parse(Source("a.yaml", f"model: {{layers: {layers}}}", Path())))


def test_a_layer_that_adds_a_loss_is_enough() -> None:
    import keras

    import trainctl

    @trainctl.layer
    class AddsLoss(keras.layers.Layer):
        def call(self, x: object) -> object:
            self.add_loss(keras.ops.mean(x))
            return x

    @trainctl.layer
    class Quiet(keras.layers.Layer):
        pass

    assert lacks("[Dense: {units: 1}, AddsLoss]")
    assert lacks("[{layers: [AddsLoss], repeat: 2}]")
    assert not lacks("[Dense: {units: 1}, Quiet]")
    assert not lacks("[Dense: {units: 1}, ActivityRegularization: {l2: 0.1}]")
