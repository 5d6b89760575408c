"""The models of several runs as one, which Keras alone can load: it averages what they say."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from trainctl.aliases import KerasObject, Tensors
from trainctl.backend import keras
from trainctl.files import saved_atomically
from trainctl.models.own import has_own_methods
from trainctl.runs.layout import RunDirectory
from trainctl.training.model_file import load_model


def write_ensemble(runs: Sequence[RunDirectory], directory: RunDirectory) -> str | None:
    """Write model.keras, and inference.keras where preprocessing sits outside the models of the runs.

    Each run has learned a preprocessing of its own: then both files take raw inputs.

    Args:
        runs: The runs whose models take part.
        directory: Where to write.

    Returns:
        Why there can be no such model, in words; `None` if it is written.

    Raises:
        RunDirError: The model of a run is missing or damaged.
        OSError: The disk is full.
    """
    is_raw = all(run.inference.is_file() for run in runs)
    models = [load_model(run.inference if is_raw else run.model) for run in runs]
    if any(map(has_own_methods, models)):
        return "they are models of your own, which may predict in their own way"
    whole = averaged(models)
    if is_raw:
        saved_atomically(directory.inference, whole.save)
        saved_atomically(directory.model, lambda aside: shutil.copyfile(directory.inference, Path(aside)))
    else:
        saved_atomically(directory.model, whole.save)
    return None


def averaged(models: Sequence[KerasObject]) -> KerasObject:
    """Return a model that takes the inputs of each of `models` and gives the mean of their outputs, float32.

    Args:
        models: Models with the same inputs and outputs.
    """
    inputs = keras.tree.map_structure(
        lambda each: keras.Input(batch_shape=each.shape, dtype=each.dtype, name=each.name), models[0].input
    )
    parts = [
        keras.Model(model.input, model.output, name=f"part_{number}") for number, model in enumerate(models, start=1)
    ]
    answers = [part(inputs) for part in parts]
    return keras.Model(inputs, keras.tree.map_structure(_mean, *answers), name=f"{models[0].name}_ensemble")


def _mean(*answers: Tensors) -> Tensors:
    return keras.layers.Average(dtype="float32")(list(answers))
