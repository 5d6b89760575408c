"""Patterns of the optimizer, each of which has to match: of MultiOptimizer, of `exclude:`, of factors of the learning rate."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from trainctl.aliases import Tensors
from trainctl.backend import keras
from trainctl.config.component import KerasComponent, walk_components
from trainctl.config.experiment import Experiment
from trainctl.config.model.graph import meets
from trainctl.diagnostics import Diagnostic
from trainctl.errors import BuildError
from trainctl.models.backbones import layers_by_path
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


def apply_beside(model: keras.Model, experiment: Experiment) -> None:
    """Have the compiled model's optimizer, not yet built, do what `exclude:` and `learning_rate_multiplier:` beside it say.

    Raises:
        BuildError: A pattern matches nothing, several match one variable, or the optimizer does not do such a thing.
    """
    component = experiment.compile.optimizer
    if not isinstance(component, KerasComponent) or not component.beside:
        return
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    if component.name == "MultiOptimizer":
        hint = "give each of its optimizers a learning_rate and weight_decay of its own"
        key = next(iter(component.beside))
        raise BuildError(diagnostics=[_problem(component, key, f"MultiOptimizer does not take {key}", hint)])
    problems = []
    excluded, factors = component.beside.get("exclude"), component.beside.get("learning_rate_multiplier")
    if excluded is not None:
        problems += _exclude(model, optimizer, excluded, component)
    if factors is not None:
        problems += _multiply(model, optimizer, factors, component)
    if problems:
        raise BuildError(diagnostics=problems)


def _exclude(
    model: keras.Model, optimizer: keras.optimizers.Optimizer, patterns: Sequence[str], component: KerasComponent
) -> list[Diagnostic]:
    """Keep variables from weight decay. Keras itself, told patterns, finds them in the names of layers too."""
    if all(getattr(optimizer, name, None) is None for name in _DECAYS):
        message = f"exclude has no effect: {component.name} has no weight decay"
        return [_problem(component, "exclude", message, "set its weight_decay")]
    problems, found = [], []
    names = sorted({variable.name for variable in model.trainable_variables})
    for pattern in patterns:
        try:
            met = [
                variable
                for variable in model.trainable_variables
                if re.search(pattern, variable.path if "/" in pattern else variable.name)
            ]
        except re.error as error:
            problems.append(_problem(component, "exclude", f"'{pattern}' is not a regular expression: {error}"))
            continue
        if not met:
            close = nearest(pattern, names)
            hint = f"did you mean '{close}'?" if close else f"the names are {one_of(names, 'and')}"
            problems.append(_problem(component, "exclude", f"no trainable variable matches '{pattern}'", hint))
        found += met
    if found:
        optimizer.exclude_from_weight_decay(var_list=found)
    return problems


def _multiply(
    model: keras.Model, optimizer: keras.optimizers.Optimizer, factors: Mapping[str, float], component: KerasComponent
) -> list[Diagnostic]:
    """Multiply the learning rate of layers, for each step and for the decay of their weights."""
    layers = {path: layer for path, layer in layers_by_path(model) if layer.trainable_variables}
    problems, found, by_variable = [], dict[str, float](), dict[int, str]()
    for pattern, factor in factors.items():
        met = [layer for path, layer in layers.items() if meets(path, pattern)]
        if not met:
            close = nearest(pattern, list(layers))
            hint = f"did you mean '{close}'?" if close else f"its layers are {one_of(list(layers)[:5], 'and')}"
            message = f"no layer with trainable variables matches '{pattern}'"
            problems.append(_problem(component, "learning_rate_multiplier", message, hint))
        for variable in {id(each): each for layer in met for each in layer.trainable_variables}.values():
            other = by_variable.setdefault(id(variable), pattern)
            if other != pattern:
                message = f"{variable.path} matches '{other}' and '{pattern}'; it must match one"
                problems.append(_problem(component, "learning_rate_multiplier", message))
            found[_key_of(optimizer, variable)] = factor
    _have_factors(optimizer, found)
    return problems


def _have_factors(optimizer: keras.optimizers.Optimizer, factors: Mapping[str, float]) -> None:
    """Change the one object, not its class: model.keras then names Keras's alone."""
    update: Callable[[Tensors, Tensors, Tensors], None] = optimizer.update_step
    decay: Callable[[Sequence[Tensors]], None] = optimizer._apply_weight_decay  # noqa: SLF001  # there is no public way
    rates = {name: rate for name in _DECAYS if (rate := getattr(optimizer, name, None)) is not None}

    def factor_of(variable: Tensors) -> float:
        return factors.get(_key_of(optimizer, variable), 1.0)

    def update_step(gradient: Tensors, variable: Tensors, learning_rate: Tensors) -> None:
        factor = factor_of(variable)
        update(gradient, variable, learning_rate if factor == 1 else learning_rate * factor)

    def apply_weight_decay(variables: Sequence[Tensors]) -> None:
        for factor in sorted({factor_of(variable) for variable in variables}):
            for name, rate in rates.items():
                setattr(optimizer, name, rate * factor)
            decay([variable for variable in variables if factor_of(variable) == factor])
        for name, rate in rates.items():
            setattr(optimizer, name, rate)

    optimizer.update_step = update_step
    if rates:
        optimizer._apply_weight_decay = apply_weight_decay  # noqa: SLF001


def _key_of(optimizer: keras.optimizers.Optimizer, variable: Tensors) -> str:
    """Return what Keras knows a variable by, also on several GPUs."""
    return str(optimizer._var_key(variable))  # noqa: SLF001  # there is no public way


_DECAYS = ("weight_decay", "adam_weight_decay")
"""Where Keras's optimizers keep how much weights decay."""


def _problem(component: KerasComponent, key: str, message: str, hint: str | None = None) -> Diagnostic:
    place = component.beside_locations.get(key, component.location)
    return Diagnostic("no-variable", message, place, f"{component.path}.{key}", hint=hint)


def _matches(pattern: str, path: str) -> bool:
    """Whether Keras takes the pattern for the variable at this path."""
    try:
        return pattern == path or re.fullmatch(pattern, path) is not None
    except re.error:
        return False
