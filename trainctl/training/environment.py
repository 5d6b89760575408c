"""TensorFlow and Keras as the experiment needs them: seeds, precision, determinism; and what runs it."""

from __future__ import annotations

import os

from trainctl.backend import keras, tf
from trainctl.config.execution import ExecutionSection


def prepare(execution: ExecutionSection, seed: int) -> None:
    """Set seeds, precision and determinism, before anything is built."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    set_keras_settings(execution)
    keras.config.set_dtype_policy(execution.precision)
    keras.config.disable_interactive_logging()
    if execution.deterministic:
        tf.config.experimental.enable_op_determinism()


def set_keras_settings(execution: ExecutionSection) -> None:
    """Set what Keras would take from its own settings file, which another person's experiment knows nothing of."""
    keras.config.set_floatx(execution.floatx)
    keras.config.set_epsilon(execution.epsilon)
    keras.config.set_image_data_format(execution.image_data_format)


def device() -> str:
    """Return what the model runs on, for people: `CPU (2 cores)`, `GPU: NVIDIA H200`."""
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return f"CPU ({os.cpu_count()} cores)"
    names = [tf.config.experimental.get_device_details(gpu).get("device_name", "unknown") for gpu in gpus]
    return f"GPU: {', '.join(names)}"


def has_gpu() -> bool:
    """Return whether the model runs on a GPU."""
    return bool(tf.config.list_physical_devices("GPU"))
