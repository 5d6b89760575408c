"""What lies in the home folder or stands in the environment changes no number unseen."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from workplace import Workplace

SETTINGS = {"floatx": "float16", "epsilon": 0.01, "image_data_format": "channels_first", "backend": "tensorflow"}
PROGRAM = """
from trainctl.backend import keras
from trainctl.config.execution import ExecutionSection
from trainctl.training import environment
found = lambda: [keras.config.floatx(), keras.config.epsilon(), keras.config.image_data_format()]
print(found(), keras.config.max_epochs(), keras.config.max_steps_per_epoch(), keras.config.dtype_policy().name)
environment.prepare(ExecutionSection(floatx="float64", epsilon=0.5, image_data_format="channels_first"), 1)
print(found())
"""


def keras_home(workplace: Workplace, settings: object) -> None:
    folder = workplace.folder / "keras"
    folder.mkdir()
    (folder / "keras.json").write_text(json.dumps(settings))


@pytest.mark.tf
@pytest.mark.claim("E1")
def test_keras_own_settings_change_nothing(workplace: Workplace) -> None:
    keras_home(workplace, SETTINGS)
    environ = {**os.environ, **workplace.environ, "KERAS_MAX_EPOCHS": "1", "KERAS_MAX_STEPS_PER_EPOCH": "1"}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-2:] == [
        "['float32', 1e-07, 'channels_last'] None None float32",
        "['float64', 0.5, 'channels_first']",
    ]


@pytest.mark.tf
@pytest.mark.claim("E1")
def test_settings_that_keras_refuses_are_no_bug(workplace: Workplace) -> None:
    keras_home(workplace, {"floatx": "evil"})
    with workplace.start("run", str(workplace.write())) as process:
        _, stderr = process.communicate(timeout=120)
    assert process.returncode == 2, stderr
    assert "Keras cannot read its settings file keras.json" in stderr


@pytest.mark.claim("E1")
def test_they_are_recorded_and_shown(workplace: Workplace) -> None:
    keras_home(workplace, SETTINGS)
    doctor = workplace.call("doctor").stdout
    assert (
        "floatx float16, epsilon 0.01, image_data_format channels_first; a run takes these from its execution" in doctor
    )
    source = {"CSV": {"path": "missing.csv", "label": "y"}}  # the run ends before TensorFlow is waited for
    workplace.call("run", str(workplace.write(data={"source": source}, execution={"epsilon": 1e-5})))
    (directory,) = workplace.runs()
    record = json.loads((directory / "run.json").read_text())
    assert record["keras"] == {"floatx": "float32", "epsilon": 1e-5, "image_data_format": "channels_last"}
