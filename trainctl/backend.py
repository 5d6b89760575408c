"""Keras and TensorFlow, imported once and in the right way: the only module that imports them at module level.

Importing it takes seconds, so what answers quickly never does. Keras imports scikit-learn, matplotlib and pandas at its own
import where they are installed, for features that trainctl does not use: 0.9 s of 3.0 s, measured. They are kept out of reach
here, and only here, while Keras is imported.

When Python ends it collects garbage once more, through all of TensorFlow's objects: 1 s, and 4 s on a busy machine, while
someone may be waiting for a run that a signal has ended. Frozen objects are left out: a tenth of that, measured. For the same
reason nothing is collected while 3,000 modules are imported, of which nothing is garbage, nor looked through again later.

TensorFlow's threads look for work in a loop before they go to sleep, and take the time of those that have some: a third of
the CPU time of a small model's epoch on 2 cores, measured. Here they sleep immediately. No number depends on it.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from trainctl.errors import UsageError


@contextmanager
def hide_from_import(*names: str) -> Iterator[None]:
    hidden = [name for name in names if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # makes `import name` raise ImportError
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


@contextmanager
def without_collection() -> Iterator[None]:
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()


atexit.register(gc.freeze)  # before TensorFlow's own handlers are registered: they are called first

if os.environ.setdefault("KERAS_BACKEND", "tensorflow") != "tensorflow":
    raise UsageError(
        f"KERAS_BACKEND is {os.environ['KERAS_BACKEND']!r}, but trainctl trains on TensorFlow",
        hint="unset KERAS_BACKEND, or set it to tensorflow",
    )

try:
    with hide_from_import("sklearn", "matplotlib", "pandas"), without_collection():
        import keras
        import tensorflow as tf  # Keras has imported it already
        from tensorflow.python.eager import context
except ValueError as error:
    if "configuration" not in str(error):
        raise
    raise UsageError(f"Keras cannot read its settings file keras.json: {error}", hint="fix or remove it") from None

# What the file and the environment say would change numbers unseen: an experiment's `execution` decides.
keras.config.set_floatx("float32")
keras.config.set_epsilon(1e-7)
keras.config.set_image_data_format("channels_last")
keras.config.set_max_epochs(None)
keras.config.set_max_steps_per_epoch(None)


def let_idle_threads_sleep() -> None:
    """Have TensorFlow make threads that sleep while they have nothing to do, unless it has made them already.

    With a GPU it is left as it is: not measured there.
    """
    current = context.context()
    if not tf.config.list_physical_devices("GPU") and not current._initialized:  # noqa: SLF001
        asleep = tf.compat.v1.ConfigProto.Experimental(disable_thread_spinning=True)
        current._config = tf.compat.v1.ConfigProto(experimental=asleep)  # noqa: SLF001  # no public way in TensorFlow 2


let_idle_threads_sleep()


def as_written(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function for TensorFlow to trace as it is written, also what is called within it.

    AutoGraph would first rewrite the source of all of them, so that Python's `if` and `for` work on tensors: 2 s for a
    pipeline, measured. Ours needs none of it; a user's layer may, which `tf.function` brings back for it.
    """
    return tf.autograph.experimental.do_not_convert(function)  # type: ignore[no-any-return]


def layers_within(layer: keras.Layer) -> list[keras.Layer]:
    """Return the layer, or model, and every layer within it."""
    return list(layer._flatten_layers())  # noqa: SLF001  # Keras has no public walk over all of them


__all__ = ["as_written", "keras", "layers_within", "tf"]
