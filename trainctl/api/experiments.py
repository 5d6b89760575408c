"""Experiments in Python: load one, or list its problems."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trainctl.api.process import quietly
from trainctl.components.user.imports import Imports
from trainctl.config import load as loading
from trainctl.config.experiment import CompileSection, DataSection, FitSection, ModelSection
from trainctl.config.load import Loaded
from trainctl.config.render import resolved_yaml
from trainctl.diagnostics import Diagnostic
from trainctl.errors import ConfigError

if TYPE_CHECKING:
    from trainctl.components.spec import CallbackSpec

PathLike = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Experiment:
    """A valid experiment: what `load` gives and `run` takes.

    Args:
        loaded: Its sections, with all that is known of where they come from.
    """

    loaded: Loaded

    @property
    def name(self) -> str:
        """Its own name, or the file's stem."""
        return self.loaded.name

    @property
    def seed(self) -> int | None:
        """Its seed; `None` if each run draws one."""
        return self.loaded.experiment.seed

    @property
    def data(self) -> DataSection:
        """The section `data`."""
        return self.loaded.experiment.data

    @property
    def model(self) -> ModelSection:
        """The section `model`."""
        return self.loaded.experiment.model

    @property
    def compile(self) -> CompileSection:
        """The section `compile`."""
        return self.loaded.experiment.compile

    @property
    def fit(self) -> FitSection:
        """The section `fit`."""
        return self.loaded.experiment.fit

    @property
    def callbacks(self) -> Sequence[CallbackSpec]:
        """The callbacks, in their order."""
        return self.loaded.experiment.callbacks

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """What is allowed but looks like a mistake."""
        return self.loaded.warnings

    def to_yaml(self) -> str:
        """Return the experiment with everything filled in; itself an experiment file."""
        return resolved_yaml(self.loaded, self.seed)

    def __repr__(self) -> str:
        return f"<trainctl.Experiment {self.name!r}>"


def load(
    path: PathLike,
    set: Sequence[str] = (),
    imports: Sequence[str] = (),
    *,
    automatic_imports: bool = True,
) -> Experiment:
    """Load an experiment file and check it, without TensorFlow.

    Args:
        path: The YAML file.
        set: Overrides, such as `fit.epochs=2`.
        imports: Your own modules: .py files or dotted names. They are trusted from then on.
        automatic_imports: Whether modules that a trusted folder or installed packages offer are loaded where a name is not
            known otherwise.

    Raises:
        UsageError: The file cannot be read, or an override is not `path=value`.
        ConfigError: The experiment is invalid; `diagnostics` holds every problem.
    """
    with quietly():  # your modules import Keras usually, and TensorFlow prints a lot
        return Experiment(
            loading.load(os.fspath(path), several(set), imports=Imports(several(imports), automatic=automatic_imports))
        )


def validate(
    path: PathLike,
    set: Sequence[str] = (),
    imports: Sequence[str] = (),
) -> list[Diagnostic]:
    """Return every problem of an experiment file, warnings too; an empty list where there is none.

    Args:
        path: The YAML file.
        set: Overrides, such as `fit.epochs=2`.
        imports: Your own modules: .py files or dotted names.

    Raises:
        UsageError: The file cannot be read, or an override is not `path=value`.
    """
    try:
        return list(load(path, set, imports).warnings)
    except ConfigError as error:
        return list(error.diagnostics) or [Diagnostic("config", error.message, hint=error.hint)]


def several(values: str | Sequence[str]) -> Sequence[str]:
    """Return the values; one alone may come without a list."""
    return (values,) if isinstance(values, str) else tuple(values)
