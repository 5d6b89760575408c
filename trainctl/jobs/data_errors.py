"""Errors of the data, located at the lines of the experiment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Thread
from typing import TypeVar

from trainctl import catalog
from trainctl.aliases import Value
from trainctl.components.context import DataContext
from trainctl.components.nodes.model import Graph
from trainctl.components.nodes.saved import Saved
from trainctl.components.spec import SourceSpec
from trainctl.config.checks.places import location_at, place_of
from trainctl.config.component import KerasComponent
from trainctl.config.load import Loaded
from trainctl.config.model.outputs import label_columns
from trainctl.config.text.nodes import Node
from trainctl.diagnostics import Diagnostic, Location
from trainctl.errors import BuildError, DataError
from trainctl.notices import Event
from trainctl.sources.reading.inputs import existing_file

T = TypeVar("T")


SECONDS = 1.0
"""How long `look_briefly` waits for each data source."""


def look(loaded: Loaded) -> None:
    """Look quickly at all data and the files of layers, before TensorFlow is imported.

    Raises:
        DataError: Files are missing, or visibly not what they should be; points at each line that is wrong.
    """
    _raise_together([error for _, work in _looks(loaded) for error in work()])


def look_briefly(loaded: Loaded) -> list[str]:
    """Look as `look` does, but wait at most a second for each source: a network may be slow, a folder huge.

    Returns:
        The settings of what took longer, which is left to the run.

    Raises:
        DataError: As `look`.
    """
    found: list[DataError] = []
    unchecked = []
    for setting, work in _looks(loaded):
        errors = _within(SECONDS, work)
        if errors is None:
            unchecked.append(setting)
        found += errors or []
    _raise_together(found)
    return unchecked


def _looks(loaded: Loaded) -> Iterator[tuple[str, Callable[[], list[DataError]]]]:
    """Yield what there is to look at: the setting that names it, and a function that returns what is wrong with it."""
    for source in loaded.experiment.data.sources:
        yield source.setting, partial(_look_at_source, loaded, source)
    yield "model", partial(_look_at_files_of_layers, loaded)


def _look_at_source(loaded: Loaded, source: SourceSpec) -> list[DataError]:
    section = loaded.experiment.data
    is_first = source is section.source
    context = DataContext(
        _ignore,
        columns=section.split_columns if is_first else {},
        weight=section.sample_weight,
        kinds=None if is_first else {},
        outputs=label_columns(loaded.experiment),
    )
    try:
        with located(loaded, source):
            source.look(context)
    except DataError as error:
        return [error]
    return []


def _look_at_files_of_layers(loaded: Loaded) -> list[DataError]:
    """Return an error for each file that a layer of the model reads and that is not there."""
    errors = []
    for file, location, path in _files(loaded.experiment.model, loaded.resolved):
        try:
            existing_file(file)
        except DataError as error:
            error.diagnostics = (Diagnostic("data", error.message, location, path, hint=error.hint),)
            errors.append(error)
    return errors


def _raise_together(errors: Sequence[DataError]) -> None:
    """Raise the first of the errors, if there are any, with the diagnostics of all."""
    if errors:
        errors[0].diagnostics = tuple(diagnostic for error in errors for diagnostic in error.diagnostics)
        raise errors[0]


def _within(seconds: float, work: Callable[[], T]) -> T | None:
    """Return what `work` returns, or `None` where it takes longer; it then goes on unheard, until the program ends."""
    results: list[T] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001  # raised below, in the thread that waits
            failures.append(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if failures:
        raise failures[0]
    return results[0] if results else None


def _ignore(_event: Event) -> None:
    """Tell nobody: the run will."""


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
        if not error.diagnostics:
            every = (_diagnostic(loaded, each, source) for each in (error, *error.others))
            error.diagnostics = tuple(each for each in every if each.location is not None)
        raise
    except BuildError as error:
        if not error.diagnostics and error.setting is not None:
            location = location_at(loaded.resolved, error.setting)
            error.diagnostics = (Diagnostic("build", error.message, location, error.setting, hint=error.hint),)
        raise


def _diagnostic(loaded: Loaded, error: DataError, source: SourceSpec | None) -> Diagnostic:
    location, path = place_of(loaded.resolved, source or loaded.experiment.data.source, error.field)
    if error.path is not None:
        location, path = location_at(loaded.resolved, error.path), error.path
    return Diagnostic("data", error.message, location, path, hint=error.hint)
