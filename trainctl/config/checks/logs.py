"""Metric names in callbacks, file names and expectations, checked against what is logged.

Keras notices a wrong name after the first epoch, or warns in each epoch and continues.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterator, Sequence

from trainctl.config.checks.places import error, listed, location_at, place_of
from trainctl.config.component import KerasComponent
from trainctl.config.experiment import Experiment
from trainctl.config.model.keras_names import value_names
from trainctl.config.model.log_keys import direction, epoch_keys, final_keys, has_validation
from trainctl.config.model.outputs import measured
from trainctl.config.model.own import own_model
from trainctl.config.text.nodes import Node
from trainctl.diagnostics import Diagnostic, Location
from trainctl.text import nearest

_WHOLE = re.compile(r"0?\d{0,2}d?")
_DECIMAL = re.compile(r"0?\d{0,2}(\.\d{1,2})?[efgEFG]?")

# Names from before Keras logged metrics under the given name.
_OLD_KEYS = {
    "acc": "accuracy",
    "val_acc": "val_accuracy",
    "accuracy": "acc",
    "val_accuracy": "val_acc",
    "lr": "learning_rate",
}


def metrics_are_distinct(experiment: Experiment, _tree: Node) -> Iterator[Diagnostic]:
    """Report two metrics with the same name: Keras would number them, and the key would not be stable."""
    found = list(measured(experiment))
    counts = Counter(each.key for each in found)
    seen: set[str] = set()
    for each in found:
        name, metric = each.key, each.metric
        if name in seen or name == "loss":
            yield error(
                "duplicate-metric",
                f"two metrics are logged as '{name}'" if counts[name] > 1 else "'loss' is reserved for the loss",
                (metric.location, metric.path),
                hint=_another_name(metric),
            )
        seen.add(name)


def _another_name(metric: KerasComponent) -> str:
    return "remove one of them" if metric.is_identifier else f"name it: {metric.name}: {{name: …}}"


def monitored_metrics_exist(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Report callbacks that watch a metric that is not logged."""
    for callback in experiment.callbacks:
        for field, key in callback.monitored():
            yield from _unknown_key(
                experiment, key, place_of(tree, callback, field), f"{callback.name_in_yaml} watches '{key}'"
            )


def placeholders_exist(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Report placeholders in file names, such as `{val_loss:.2f}`, that are not logged or not valid."""
    for callback in experiment.callbacks:
        for field, path in callback.outputs():
            place, allowed = place_of(tree, callback, field), callback.placeholders
            if not allowed:
                continue  # Keras uses this name literally
            try:
                found = _placeholders(path)
            except ValueError as problem:
                yield error(
                    "placeholder",
                    f"invalid placeholder in the file name: {problem}",
                    place,
                    hint="write {{ for a literal {",
                )
                continue
            for name, how in found:
                if name not in allowed:
                    yield from _unknown_key(experiment, name, place, f"the file name uses '{{{name}}}'", also=allowed)
                form, example = (_WHOLE, "04d") if name in allowed else (_DECIMAL, ".4f")
                if not form.fullmatch(how):  # 'c', for example, formats a number as a dot or a slash
                    yield error(
                        "placeholder",
                        f"the format '{how}' of '{name}' in the file name is not a number format",
                        place,
                        hint=f"write {{{name}:{example}}}, or {{{name}}}",
                    )


def _placeholders(path: str) -> list[tuple[str, str]]:
    """The names in `{…}`, each with its format, or with its conversion such as `!r`.

    Raises:
        ValueError: A brace is not closed.
    """
    parsed = string.Formatter().parse(path)
    return [(name, f"!{turned}" if turned else how or "") for _, name, how, turned in parsed if name is not None]


def expected_metrics_exist(experiment: Experiment, _tree: Node) -> Iterator[Diagnostic]:
    """Report expectations about a metric that is not measured."""
    keys = tuple(final_keys(experiment))
    for expectation in experiment.expect.values():
        if expectation.metric not in keys:
            place = (expectation.written_at, expectation.setting)
            yield from _unknown_key(
                experiment, expectation.metric, place, f"the expectation names '{expectation.metric}'", keys=keys
            )


def _unknown_key(
    experiment: Experiment,
    key: str,
    place: tuple[Location | None, str],
    what: str,
    *,
    keys: Sequence[str] = (),
    also: Sequence[str] = (),
) -> Iterator[Diagnostic]:
    keys = keys or epoch_keys(experiment)
    if key in keys or _is_one_of_several(experiment, key, keys):
        return
    if key.startswith("val_") and not has_validation(experiment):
        hint = "set data.validation_split: 0.2" + (
            f", or watch '{key.removeprefix('val_')}'" if key[4:] in keys else ""
        )
        yield error("no-validation", f"{what}, but there is no validation data", place, hint=hint)
        return
    old = _OLD_KEYS.get(key)
    close = old if old in keys else nearest(key, keys)
    hint = f"did you mean '{close}'?" if close else "add it to compile.metrics"
    own = own_model(experiment.model)
    if own is not None and not close:
        hint = f'where {own.name} logs it, say so in its class: logs = ("{key.removeprefix("val_")}",)'
    expected = f"one of {listed([*also, *keys])}"
    yield error(
        "unknown-metric", f"{what}, which is not logged", place, received=f"'{key}'", expected=expected, hint=hint
    )


def _is_one_of_several(experiment: Experiment, key: str, keys: Sequence[str]) -> bool:
    """Whether the key is of one class, such as `val_f1_score/cat`, of a metric that has a value for each."""
    whole, stroke, _ = key.partition("/")
    names = {each.key for each in measured(experiment) if value_names(each.metric) is not None}
    return bool(stroke) and whole in keys and whole.removeprefix("test_").removeprefix("val_") in names


def monitored_direction_is_known(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Report `mode: auto` for metrics whose direction Keras cannot infer; it would fail after the first epoch."""
    for callback in experiment.callbacks:
        for field, key in callback.monitored():
            known = key in epoch_keys(experiment) and direction(experiment, key) is None
            if known and getattr(callback, "mode", None) == "auto":
                yield error(
                    "unknown-direction",
                    f"mode: auto cannot tell whether a higher '{key}' is better",
                    (location_at(tree, place_of(tree, callback, field)[1]), f"{callback.setting}.mode"),
                    hint=f"set mode: min or mode: max on {callback.name_in_yaml}",
                )
