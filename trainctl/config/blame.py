"""Problems of the data, at the lines of the experiment that are to blame."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from trainctl.components.base import SourceSpec
from trainctl.config.checks.places import place_of
from trainctl.config.load import Loaded
from trainctl.diagnostics import Diagnostic
from trainctl.errors import DataError


def look(loaded: Loaded) -> None:
    """A quick look at all data, before TensorFlow is waited for.

    Raises:
        DataError: A file is missing, or visibly not what it should be; points at the line that names it.
    """
    for source in loaded.experiment.data.sources:
        with located(loaded, source):
            source.look()


@contextmanager
def located(loaded: Loaded, source: SourceSpec | None = None) -> Iterator[None]:
    """A data error points at the argument of the data source that is to blame, or at the source.

    Args:
        loaded: The experiment.
        source: The data source; `None` for the one to train on.
    """
    try:
        yield
    except DataError as error:
        location, path = place_of(loaded.resolved, source or loaded.experiment.data.source, error.field)
        if not error.diagnostics and location is not None:
            error.diagnostics = (Diagnostic("data", error.message, location, path, hint=error.hint),)
        raise
