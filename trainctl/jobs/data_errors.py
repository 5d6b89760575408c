"""Errors of the data, located at the lines of the experiment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trainctl import catalog
from trainctl.aliases import Value
from trainctl.components.nodes.model import Graph
from trainctl.components.nodes.saved import Saved
from trainctl.components.spec import SourceSpec
from trainctl.config.checks.places import location_at, place_of
from trainctl.config.component import KerasComponent
from trainctl.config.load import Loaded
from trainctl.config.text.nodes import Node
from trainctl.diagnostics import Diagnostic, Location
from trainctl.errors import BuildError, DataError
from trainctl.sources.reading.inputs import existing_file


def look(loaded: Loaded) -> None:
    """Check quickly that all data and the files of layers exist, before TensorFlow is imported.

    Raises:
        DataError: A file is missing, or visibly not what it should be; points at the line that names it.
    """
    for source in loaded.experiment.data.sources:
        with located(loaded, source):
            source.look()
    look_at_files_of_layers(loaded)


def look_at_files_of_layers(loaded: Loaded) -> None:
    """Check that the files exist that the model's layers read: words, vectors, weights, saved models.

    Raises:
        DataError: Some are missing; points at each line that names one.
    """
    errors, problems = [], []
    for file, location, path in _files(loaded.experiment.model, loaded.resolved):
        try:
            existing_file(file)
        except DataError as error:
            errors.append(error)
            problems.append(Diagnostic("data", error.message, location, path, hint=error.hint))
    if errors:
        errors[0].diagnostics = tuple(problems)
        raise errors[0]


def _files(value: Value, tree: Node) -> Iterator[tuple[str | Path, Location | None, str]]:
    """Yield the files that a model's layers read, including nested models and arguments, and where each is named."""
    if isinstance(value, Graph):
        for node in value.layers:
            yield from _files(node.component, tree)
    elif isinstance(value, Saved) and value.file is not None:
        yield value.file, *place_of(tree, value, "path")
    elif isinstance(value, KerasComponent):
        entry = catalog.find(value.kind, value.name)
        for argument, each in value.arguments.items():
            if entry is not None and entry.reads_file(argument, each):
                yield each, value.value_locations[argument], f"{value.path}.{argument}"
            yield from _files(each, tree)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _files(each, tree)


@contextmanager
def located(loaded: Loaded, source: SourceSpec | None = None) -> Iterator[None]:
    """A data error points at the argument of the data source that is wrong, or at the source; another at its setting.

    Args:
        loaded: The experiment.
        source: The data source; `None` for the one to train on.
    """
    try:
        yield
    except DataError as error:
        location, path = place_of(loaded.resolved, source or loaded.experiment.data.source, error.field)
        if error.path is not None:
            location, path = location_at(loaded.resolved, error.path), error.path
        if not error.diagnostics and location is not None:
            error.diagnostics = (Diagnostic("data", error.message, location, path, hint=error.hint),)
        raise
    except BuildError as error:
        if not error.diagnostics and error.setting is not None:
            location = location_at(loaded.resolved, error.setting)
            error.diagnostics = (Diagnostic("build", error.message, location, error.setting, hint=error.hint),)
        raise
