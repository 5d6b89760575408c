"""The model file of a run, read; where it cannot be, the run directory is to blame."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trainctl.aliases import KerasObject
from trainctl.backend import keras
from trainctl.errors import RunDirError
from trainctl.models import build
from trainctl.models.functions import register_functions
from trainctl.runs.layout import RunDirectory

# What Keras raises for a model file that is damaged, or that a stranger made up.
_CRAFTED = (
    ValueError,
    OSError,
    LookupError,
    TypeError,
    AttributeError,
    ImportError,
    NotImplementedError,
    RecursionError,
    zipfile.BadZipFile,
)


@contextmanager
def readable(path: Path, hint: str | None = None) -> Iterator[None]:
    """Read a model file inside.

    Args:
        path: The file.
        hint: What to do where it cannot be read.

    Raises:
        RunDirError: It is damaged, or of another model.
    """
    try:
        yield
    except _CRAFTED as error:
        raise RunDirError(
            f"{path} cannot be read: {build.first_sentence(error)}",
            hint=hint or "it is damaged, or belongs to another model",
        ) from error


def existing(path: Path) -> Path:
    """Return `path`.

    Raises:
        RunDirError: There is no such file.
    """
    if not path.is_file():
        raise RunDirError(f"{path.parent} has no {path.name}", hint="the run did not finish")
    return path


def load_model(path: Path, *, compiled: bool = True) -> KerasObject:
    """Return the model in a file.

    Args:
        path: The file.
        compiled: Whether with its optimizer, loss and metrics, which predictions do not need.

    Raises:
        RunDirError: There is no such file, or it is damaged.
    """
    with readable(existing(path)), warnings.catch_warnings():
        register_functions()
        if not compiled:  # also where a model of the user's own is within another
            warnings.filterwarnings("ignore", message=".*was not called as part of model loading")
        return keras.saving.load_model(path, compile=compiled)


def whole_model(directory: RunDirectory, model_file: Path, *, is_mapped: bool = False) -> KerasObject:
    """Return the model that takes raw inputs, with the weights of a file of the run.

    Args:
        directory: The run directory.
        model_file: The final model, a checkpoint, or a file of weights.
        is_mapped: Whether layers of `data.map` stand before the model, so that inference.keras is needed.

    Raises:
        RunDirError: There is no such model, or it does not fit the others.
    """
    has_whole = directory.inference.is_file() or is_mapped
    if model_file == directory.model or model_file == directory.inference:
        return load_model(directory.inference if has_whole else directory.model, compiled=False)
    if not has_whole and not model_file.name.endswith(".weights.h5"):
        return load_model(model_file, compiled=False)
    whole = load_model(directory.inference if has_whole else directory.model, compiled=False)
    trained = load_model(directory.model, compiled=False)
    with readable(model_file), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Skipping variable loading for optimizer")
        trained.load_weights(model_file)
    weights = trained.get_weights()
    shapes = [each.shape for each in weights]
    for part in (whole, *(layer for layer in whole.layers if isinstance(layer, keras.Model))):
        if [tuple(each.shape) for each in part.weights] == shapes:
            part.set_weights(weights)
            return whole
    raise RunDirError(f"{model_file.name} does not fit {directory.inference.name}", hint="predict with the final model")
