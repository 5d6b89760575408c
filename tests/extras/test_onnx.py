"""An exported model under the real ONNX Runtime."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from workplace import Workplace

for _module in ("onnx", "tf2onnx", "onnxruntime"):
    pytest.importorskip(_module, reason='ONNX is an extra: make test-extras, or pip install "trainctl[onnx]"')

pytestmark = pytest.mark.tf


def test_onnx_runtime_gives_the_same_answers(workplace: Workplace) -> None:
    import keras
    import onnxruntime

    run = workplace.train(fit={"epochs": 1})
    ended = workplace.call("export", "latest", "--to", "onnx", "--json")
    assert ended.exit_code == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["largest_difference"] < 1e-5
    session = onnxruntime.InferenceSession(Path(told["directory"], told["file"]))
    x = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    (found,) = session.run(None, {session.get_inputs()[0].name: x})
    assert np.allclose(found, keras.saving.load_model(run.directory / "model.keras").predict(x, verbose=0), atol=1e-5)
