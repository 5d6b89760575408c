"""Seeds, precision and determinism as the experiment wants them."""

from __future__ import annotations

from collections.abc import Iterator

import keras
import pytest
import tensorflow as tf

from trainctl.config.execution import ExecutionSection
from trainctl.training import environment

pytestmark = pytest.mark.tf


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    keras.config.set_dtype_policy("float32")


@pytest.mark.parametrize("precision", ["float32", "mixed_float16", "bfloat16"])
def test_precision(precision: str) -> None:
    environment.prepare(ExecutionSection.model_construct(precision=precision, deterministic=False), 1)
    assert keras.layers.Dense(1).dtype_policy.name == precision


def test_the_seed() -> None:
    draws = []
    for seed in (5, 5, 6):
        environment.prepare(ExecutionSection.model_construct(), seed)
        draws.append(float(tf.random.uniform(())))
    assert draws[0] == draws[1] != draws[2]


@pytest.mark.parametrize("deterministic", [True, False])
def test_determinism(deterministic: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[bool] = []
    monkeypatch.setattr(tf.config.experimental, "enable_op_determinism", lambda: calls.append(True))
    environment.prepare(ExecutionSection.model_construct(deterministic=deterministic), 1)
    assert bool(calls) is deterministic


def test_the_device_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda _: [])
    assert environment.device().startswith("CPU (")
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda _: ["gpu"])
    monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda _: {"device_name": "NVIDIA H200"})
    assert environment.device() == "GPU: NVIDIA H200"
