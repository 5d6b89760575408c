"""Metric names: those that callbacks watch, that file names hold and that expectations bound, against what is logged.

Keras finds out after the first epoch, or never: it warns each epoch and goes on.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterator, Sequence

from trainctl.config.checks.places import error, listed, location_at, place_of
from trainctl.config.experiment import Experiment, KerasComponent
from trainctl.config.model.log_keys import direction, epoch_keys, final_keys, has_validation
from trainctl.config.model.outputs import measured
from trainctl.config.text.nodes import Node
from trainctl.diagnostics import Diagnostic, Location
from trainctl.text import nearest

_WHOLE = re.compile(r"0?\d{0,2}d?")
_DECIMAL = re.compile(r"0?\d{0,2}(\.\d{1,2})?[efgEFG]?")

# What people write, from before metrics were logged under the name that was given.
_OLD_KEYS = {
    "acc": "accuracy",
    "val_acc": "val_accuracy",
    "accuracy": "acc",
    "val_accuracy": "val_acc",
    "lr": "learning_rate",
}


def metrics_are_distinct(experiment: Experiment, _tree: Node) -> Iterator[Diagnostic]:
    """Two metrics of one name would be counted up by Keras, and nobody could rely on the key."""
    found = list(measured(experiment))
    counts = Counter(each.key for each in found)
    seen: set[str] = set()
    for each in found:
        name, metric = each.key, each.metric
        if name in seen or name == "loss":
            yield error(
                "duplicate-metric",
                f"two metrics are logged as '{name}'" if counts[name] > 1 else "'loss' is the loss's own key",
                (metric.location, metric.path),
                hint=_another_name(metric),
            )
        seen.add(name)


def _another_name(metric: KerasComponent) -> str:
    return "remove one of them" if metric.is_identifier else f"name it: {metric.name}: {{name: …}}"


def monitored_metrics_exist(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """A callback that watches a metric which is never logged does nothing, or fails after the first epoch."""
    for callback in experiment.callbacks:
        for field, key in callback.monitored():
            yield from _unknown_key(
                experiment, key, place_of(tree, callback, field), f"{callback.name_in_yaml} watches '{key}'"
            )


def placeholders_exist(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """A file name such as `{val_loss:.2f}` can only be made of what is logged."""
    for callback in experiment.callbacks:
        for field, path in callback.outputs():
            place, allowed = place_of(tree, callback, field), callback.placeholders
            if not allowed:
                continue  # Keras takes this name as it is
            try:
                found = [
                    (name, how or "", turned)
                    for _, name, how, turned in string.Formatter().parse(path)
                    if name is not None
                ]
            except ValueError as problem:
                yield error(
                    "placeholder", f"the file name cannot be read: {problem}", place, hint="write {{ for a literal {"
                )
                continue
            for name, how, turned in found:
                if name not in allowed:
                    yield from _unknown_key(experiment, name, place, f"the file name holds '{{{name}}}'", also=allowed)
                form, example = (_WHOLE, "04d") if name in allowed else (_DECIMAL, ".4f")
                if turned or not form.fullmatch(how):  # 'c', for one, makes a dot or a slash of a number
                    yield error(
                        "placeholder",
                        f"the file name writes '{name}' as '{f'!{turned}' if turned else how}', which is no form of a number",
                        place,
                        hint=f"write {{{name}:{example}}}, or {{{name}}}",
                    )


def expected_metrics_exist(experiment: Experiment, _tree: Node) -> Iterator[Diagnostic]:
    """An expectation of a metric that is never measured can only be missed."""
    keys = tuple(final_keys(experiment))
    for expectation in experiment.expect.values():
        if expectation.metric not in keys:
            place = (expectation.written_at, expectation.setting)
            yield from _unknown_key(
                experiment, expectation.metric, place, f"the expectation is about '{expectation.metric}'", keys=keys
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
    if key in keys:
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
    expected = f"one of {listed([*also, *keys])}"
    yield error(
        "unknown-metric", f"{what}, which is not logged", place, received=f"'{key}'", expected=expected, hint=hint
    )


def monitored_direction_is_known(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """With `mode: auto` Keras has to know whether higher is better, and for some metrics it fails after the first epoch."""
    for callback in experiment.callbacks:
        for field, key in callback.monitored():
            known = key in epoch_keys(experiment) and direction(experiment, key) is None
            if known and getattr(callback, "mode", None) == "auto":
                yield error(
                    "unknown-direction",
                    f"whether a higher '{key}' is better cannot be told from its name",
                    (location_at(tree, place_of(tree, callback, field)[1]), f"{callback.setting}.mode"),
                    hint=f"set mode: min or mode: max on {callback.name_in_yaml}",
                )
