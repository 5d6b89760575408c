"""An exported model under the real OpenVINO, and the example of its README.txt in a Python without trainctl."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from workplace import Workplace

pytest.importorskip("openvino", reason='OpenVINO is an extra: make test-extras, or pip install "trainctl[openvino]"')

pytestmark = pytest.mark.tf


def test_openvino_gives_the_same_answers(workplace: Workplace) -> None:
    import keras
    import openvino

    run = workplace.train(fit={"epochs": 1})
    ended = workplace.call("export", "latest", "--to", "openvino", "--json")
    assert ended.exit_code == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["largest_difference"] < 1e-4
    folder = Path(told["directory"])
    model = openvino.Core().compile_model(folder / told["file"], "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    x = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    found = model([x])[0]
    assert np.allclose(found, keras.saving.load_model(run.directory / "model.keras").predict(x, verbose=0), atol=1e-4)
    _, *code, answer = (folder / "README.txt").read_text().splitlines()
    program = "\n".join(line for line in code if not line.startswith("It "))
    said = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True
    ).stdout
    expected = [float(number) for number in answer.partition("[")[2].strip("[]").split(",")]
    assert np.allclose(np.array(numbers_in(said)), expected, atol=1e-4)


def numbers_in(shown: str) -> list[float]:
    """The numbers of the array that a program printed."""
    inside = shown.rpartition("[")[2].partition("]")[0]
    return [float(number) for number in inside.replace(",", " ").split()]
