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
