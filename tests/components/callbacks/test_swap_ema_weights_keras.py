"""SwapEMAWeights through YAML."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from workplace import SMALL, Workplace

EMA = {**SMALL["compile"], "optimizer": {"SGD": {"learning_rate": 0.5, "use_ema": True, "ema_momentum": 0.9}}}


@pytest.mark.tf
def test_checkpoints_hold_the_averages(workplace: Workplace) -> None:
    import keras

    def weights(*callbacks: Any) -> list[Any]:
        run = workplace.train(
            callbacks=[*callbacks, {"ModelCheckpoint": {"filepath": "a.keras"}}], compile=EMA, fit={"epochs": 1}
        )
        return keras.saving.load_model(run.directory / "a.keras").get_weights()

    plain, averaged = weights(), weights({"SwapEMAWeights": {"swap_on_epoch": True}})
    assert not any(np.array_equal(a, b) for a, b in zip(plain, averaged, strict=True))


@pytest.mark.tf
def test_a_prediction_gives_the_weights_back() -> None:
    import keras

    from trainctl.components.callbacks.swap_ema_weights_keras import RestoringSwapEMAWeights

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(0.5, use_ema=True), loss="mse")
    x = np.ones((8, 2), "float32")
    for _ in range(3):
        model.train_on_batch(x, x[:, :1])
    before = model.get_weights()
    model.predict(x, callbacks=[RestoringSwapEMAWeights()], verbose=0)
    assert all(np.allclose(a, b) for a, b in zip(before, model.get_weights(), strict=True))


def test_without_averages_it_is_refused(workplace: Workplace) -> None:
    ended = workplace.call("validate", str(workplace.write(callbacks=["SwapEMAWeights"])))
    assert ended.exit_code == 3
    assert "error[no-averages]" in ended.stderr
    assert "use_ema: true" in ended.stderr
