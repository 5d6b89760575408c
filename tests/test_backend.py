"""Keras and TensorFlow, imported once, without what they do not need."""

from __future__ import annotations

import subprocess
import sys

import pytest


def run(code: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env={"PATH": "/usr/bin", **environ}
    )


def test_another_backend_is_refused_before_anything_is_imported() -> None:
    ended = run(
        "import sys\nfrom trainctl.errors import UsageError\ntry:\n    import trainctl.backend\n"
        "except UsageError as error:\n    print(error, 'tensorflow' in sys.modules)",
        KERAS_BACKEND="jax",
    )
    assert "KERAS_BACKEND is 'jax'" in ended.stdout
    assert ended.stdout.strip().endswith("False")


@pytest.mark.tf
def test_what_keras_does_not_need_stays_out_and_can_be_imported_later() -> None:
    ended = run(
        "import sys\nfrom trainctl.backend import keras, tf\n"
        "print(keras.backend.backend(), 'sklearn' in sys.modules, 'matplotlib' in sys.modules)\n"
        "import matplotlib; print(matplotlib.__name__)\n"
        "tf.constant(0); print(tf.__internal__.eager_context.get_config().experimental.disable_thread_spinning)"
    )
    *imported, sleeps = ended.stdout.split()
    assert imported == ["tensorflow", "False", "False", "matplotlib"], ended.stderr
    assert sleeps == "True", "TensorFlow's threads spin"
