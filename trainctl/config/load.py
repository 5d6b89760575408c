"""The whole way from a file name to an experiment: read, compose, override, interpolate, validate, check."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from trainctl.aliases import Value
from trainctl.components.spec import SourceSpec
from trainctl.components.user.imports import Imported, Imports
from trainctl.config.checks import check
from trainctl.config.checks.names import NEWEST
from trainctl.config.compose.extends import load_tree
from trainctl.config.compose.overrides import apply_overrides
from trainctl.config.compose.stages import interpolated
from trainctl.config.experiment import Experiment
from trainctl.config.model.run_places import with_places
from trainctl.config.origin import with_extensions, with_history
from trainctl.config.text.nodes import Node
from trainctl.config.text.source import read_config
from trainctl.config.validate import validate
from trainctl.diagnostics import Diagnostic, Severity, Source, shortened
from trainctl.errors import ConfigError, ConfigStep
from trainctl.masking import reveal


@dataclass(frozen=True, slots=True)
class Loaded:
    """A valid experiment with all that is known of where it comes from.

    Args:
        experiment: The frozen sections; values that need the data are still `Late`.
        name: The experiment's name: its own, or the file's stem.
        tree: The composed tree with overrides, before interpolation.
        resolved: The tree with every interpolation replaced.
        sources: The files that were read, the experiment's own first.
        overrides: The `--set` arguments as given.
        warnings: What is allowed but looks like a mistake.
        imports: The user's modules that were loaded.
        runs_dir: Where the runs are whose models it may build on.
        places: Where those runs are that were found there, by what they are called.
        allowed_outputs: Files and folders outside the run directory that a run may write over.
        source: What takes the place of the experiment's data source; `None` leaves it.
        given: What run.json says of data that was given in Python, which only Python can give again.
        plot_format: In which format a run draws its pictures, `png` or `svg`; `None` is as before, else PNG.
    """

    experiment: Experiment
    name: str
    tree: Node
    resolved: Node
    sources: tuple[Source, ...]
    overrides: tuple[str, ...]
    warnings: tuple[Diagnostic, ...]
    imports: tuple[Imported, ...] = ()
    runs_dir: Path = Path("runs")
    places: Mapping[str, str] = field(default_factory=dict)
    allowed_outputs: tuple[str, ...] = ()
    source: SourceSpec | None = None
    given: Mapping[str, Value] | None = None
    plot_format: str | None = None

    def bind(
        self,
        facts: Mapping[str, object],
        environ: Mapping[str, str] = os.environ,
        facts_for: Callable[[int], Mapping[str, Value]] | None = None,
    ) -> Experiment:
        """The experiment with `${data.…}` replaced by facts of the loaded data.

        Args:
            facts: The facts, with the experiment's batch size.
            environ: The environment variables for `${env:…}`.
            facts_for: The facts with a stage's batch size; `None` if they do not depend on it.

        Raises:
            ConfigError: With these values the experiment is invalid.
        """
        if not any(node.is_late for node in self.resolved.walk()):
            return self.experiment
        of_stages = [facts_for(each.data.batch_size) for each in self.experiment.stages] if facts_for else ()
        bound = with_places(interpolated(self.tree, environ, facts, of_stages), self.places)
        experiment, problems = validate(bound, facts)
        if experiment is not None:
            problems = [each for each in with_history(check(experiment, bound), bound) if each.is_error]
        if experiment is None or problems:
            raise ConfigError(diagnostics=with_extensions(problems))
        return _with_source(experiment, self.source)

    def with_overrides(self, overrides: Sequence[str], environ: Mapping[str, str] = os.environ) -> Loaded:
        """The experiment with further `--set` arguments.

        Args:
            overrides: `path=value` arguments, applied in order after its own.
            environ: The environment variables for `${env:…}`.

        Raises:
            ConfigError: With these values the experiment is invalid.
        """
        tree = apply_overrides(self.tree, overrides)
        resolved = with_places(interpolated(tree, environ), self.places)
        experiment, problems = validate(resolved)
        if experiment is not None:
            problems = [each for each in with_history(check(experiment, resolved), resolved) if each.is_error]
        if experiment is None or problems:
            raise ConfigError(diagnostics=with_extensions(problems))
        experiment = _with_source(experiment, self.source)
        given = (*self.overrides, *overrides)
        return replace(self, experiment=experiment, tree=tree, resolved=resolved, overrides=given)

    def with_source(self, source: SourceSpec, given: Mapping[str, Value]) -> Loaded:
        """The experiment on data that was given in Python.

        Args:
            source: Loads it.
            given: What run.json is to say of it.
        """
        return replace(self, experiment=_with_source(self.experiment, source), source=source, given=given)

    def with_places(self, places: Mapping[str, str]) -> Loaded:
        """The experiment with the places of the runs that it builds on in place of what they are called.

        Raises:
            ConfigError: With these places the experiment is invalid.
        """
        if not places:
            return self
        resolved = with_places(self.resolved, places)
        experiment, problems = validate(resolved)
        if experiment is None:
            raise ConfigError(diagnostics=with_extensions(problems))
        experiment = _with_source(experiment, self.source)
        return replace(self, experiment=experiment, resolved=resolved, places=places)


def _with_source(experiment: Experiment, source: SourceSpec | None) -> Experiment:
    if source is None:
        return experiment
    data = experiment.data.model_copy(update={"source": source, "offline": None})
    return experiment.model_copy(update={"data": data})


def load(
    name: str,
    overrides: Sequence[str] = (),
    environ: Mapping[str, str] = os.environ,
    imports: Imports | None = None,
    runs_dir: Path = Path("runs"),
    source: Source | None = None,
) -> Loaded:
    """The experiment in the file `name`.

    Args:
        name: The path as a person gave it.
        overrides: `path=value` arguments, applied in order.
        environ: The environment variables for `${env:…}`.
        imports: The user's modules; those that the environment offers are loaded only if a name is not known otherwise.
        runs_dir: Where the runs are whose models it may build on.
        source: What the file is to hold, in place of what it does hold.

    Raises:
        UsageError: The file cannot be read, or an override is not `path=value`.
        ConfigError: The experiment is invalid; carries every problem, warnings too.
    """
    source = source or read_config(name)
    try:
        with _uncollected():
            loaded = _loaded(source, overrides, environ, imports or Imports(automatic=False))
        return replace(loaded, runs_dir=runs_dir)
    except ConfigError as error:
        error.diagnostics = tuple(with_extensions(shortened(error.diagnostics)))
        raise


@contextmanager
def _uncollected() -> Iterator[None]:
    """Pause the garbage collector: a tree has no cycles, and to look for them in a large one takes a fifth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


# What a name that a user's module may still register is reported as.
_UNKNOWN_NAMES = frozenset({"unknown-component", "wrong-kind", "bad-expression"})


def _loaded(source: Source, overrides: Sequence[str], environ: Mapping[str, str], imports: Imports) -> Loaded:
    imports.load_named()
    tree, sources = load_tree(source)
    tree = apply_overrides(tree, overrides)
    resolved = interpolated(tree, environ)
    experiment, problems = validate(resolved)
    if any(problem.code in _UNKNOWN_NAMES for problem in problems):
        if imports.load_automatic():
            experiment, problems = validate(resolved)
        problems = [*problems, *_withheld(imports)]
    if experiment is None:
        raise _found_by(ConfigStep.SECTIONS, problems)
    found = with_history(shortened(check(experiment, resolved)), resolved)
    if any(problem.is_error for problem in found):
        raise _found_by(ConfigStep.CHECKS, found)
    own_name = experiment.name or _stem(source)
    reveal(own_name)  # the run directory is called so
    warnings = tuple(with_extensions(found))
    return Loaded(experiment, own_name, tree, resolved, sources, tuple(overrides), warnings, imports.loaded)


def _found_by(step: ConfigStep, problems: Sequence[Diagnostic]) -> ConfigError:
    error = ConfigError(diagnostics=problems)
    error.reached = step
    return error


def _withheld(imports: Imports) -> Iterator[Diagnostic]:
    """The modules that might know a name, but that the user has not trusted."""
    if imports.withheld is not None:
        found = imports.withheld
        yield Diagnostic("untrusted-imports", found.message, hint=found.hint, severity=Severity.WARNING)


def _stem(source: Source) -> str:
    """The file's stem, with what a folder name should not hold replaced."""
    stem = (source.path or Path(source.name)).stem
    name = "".join(c if c.isalnum() or c in "_.-" else "-" for c in stem).lstrip(".-_")
    return "experiment" if name in {"", NEWEST} else name
