"""Several optimizers: MultiOptimizer's patterns of variables, each of which has to match some."""

from __future__ import annotations

import re
from collections.abc import Mapping

from trainctl.backend import keras
from trainctl.config.component import walk_components
from trainctl.config.experiment import Experiment
from trainctl.diagnostics import Diagnostic
from trainctl.errors import BuildError
from trainctl.text import nearest, one_of


def require_matching_patterns(model: keras.Model, experiment: Experiment) -> None:
    """Refuse patterns that match no trainable variable, whose optimizer would train nothing, or that overlap.

    Raises:
        BuildError: Points at the map of optimizers.
    """
    paths = [variable.path for variable in model.trainable_variables]
    problems = []
    for component in walk_components(experiment.compile.optimizer):
        patterns = component.arguments.get("optimizer_map")
        if component.name != "OptimizerMap" or not isinstance(patterns, Mapping):
            continue
        place = component.value_locations.get("optimizer_map", component.location)
        for pattern in patterns:
            if not any(_matches(pattern, path) for path in paths):
                close = nearest(pattern, paths) or (paths[0] if paths else None)
                hint = f"patterns are matched with whole paths, such as {close}" if close else None
                message = f"no trainable variable matches '{pattern}'"
                problems.append(Diagnostic("no-variable", message, place, f"{component.path}.optimizer_map", hint=hint))
        for path in paths:
            found = [pattern for pattern in patterns if _matches(pattern, path)]
            if len(found) > 1 and path not in patterns:
                message = f"{path} matches {one_of(map(repr, found), 'and')}; it must match one"
                problems.append(Diagnostic("no-variable", message, place, f"{component.path}.optimizer_map"))
    if problems:
        raise BuildError(diagnostics=problems)


def _matches(pattern: str, path: str) -> bool:
    """Whether Keras takes the pattern for the variable at this path."""
    try:
        return pattern == path or re.fullmatch(pattern, path) is not None
    except re.error:
        return False
