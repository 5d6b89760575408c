"""Names of metrics: distinct, and those in expectations measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from trainctl.config.checks.places import error, listed
from trainctl.config.component import KerasComponent
from trainctl.config.experiment import Expectation, Experiment
from trainctl.config.model.keras_names import value_names
from trainctl.config.model.log_keys import SECONDS_PER_EPOCH, final_keys, has_validation
from trainctl.config.model.outputs import measured
from trainctl.config.model.own import own_model
from trainctl.config.text.nodes import Node
from trainctl.diagnostics import Diagnostic, Location, Replace
from trainctl.text import nearest, sole_match

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


def expected_metrics_exist(experiment: Experiment, _tree: Node) -> Iterator[Diagnostic]:
    """Report expectations about a metric that is not measured."""
    keys = tuple(final_keys(experiment))
    for expectation in experiment.expect.values():
        place, once = (expectation.written_at, expectation.setting), _measured_once(expectation)
        if once is not None:
            yield error("wrong-value", once, place, hint=f"remove '{expectation.of}'")
        if expectation.metric not in keys:
            yield from unknown_key(
                experiment, expectation.metric, place, f"the expectation names '{expectation.metric}'", keys=keys
            )


def _measured_once(expectation: Expectation) -> str | None:
    """Return why there is no best and no last value of the metric; `None` if there is one."""
    is_once = expectation.metric == SECONDS_PER_EPOCH or expectation.metric.startswith("test_")
    if not is_once or expectation.of == "kept":
        return None
    return f"{expectation.metric} is one value of the whole run, so it has no {expectation.of} epoch"


def unknown_key(
    experiment: Experiment,
    key: str,
    place: tuple[Location | None, str],
    what: str,
    *,
    keys: Sequence[str],
    also: Sequence[str] = (),
) -> Iterator[Diagnostic]:
    """Report a key that is not logged; one of a metric with a value for each class is.

    Args:
        experiment: The experiment.
        key: The key that somebody reads.
        place: Where it is written.
        what: The beginning of the sentence: who reads it.
        keys: The keys that are logged.
        also: What else may be written there.
    """
    if _is_one_of_several(experiment, key, keys):
        return
    if key.startswith("val_") and not has_validation(experiment):
        hint = "set data.validation_split: 0.2" + (
            f", or watch '{key.removeprefix('val_')}'" if key[4:] in keys else ""
        )
        yield error("no-validation", f"{what}, but there is no validation data", place, hint=hint)
        return
    old = _OLD_KEYS.get(key)
    close = old if old in keys else nearest(key, keys)
    own = own_model(experiment.model)
    declared = [how for each in experiment.callbacks if (how := each.how_to_declare(key)) is not None]
    if own is not None and not close:
        declared += [f'where {own.name} logs it, say so in its class: logs = ("{key.removeprefix("val_")}",)']
    hint = f"did you mean '{close}'?" if close else declared[0] if declared else "add it to compile.metrics"
    hint = f"{hint} Or {declared[0]}" if close and declared else hint
    expected = f"one of {listed([*(each for each in also if each not in keys), *keys])}"
    sole = old if old in keys else sole_match(key, keys)
    yield error(
        "unknown-metric",
        f"{what}, which is not logged",
        place,
        received=f"'{key}'",
        expected=expected,
        hint=hint,
        fix=Replace(place[0], sole, key) if sole is not None and place[0] is not None else None,
    )


def _is_one_of_several(experiment: Experiment, key: str, keys: Sequence[str]) -> bool:
    """Whether the key is of one class, such as `val_f1_score/cat`, of a metric that has a value for each."""
    whole, stroke, _ = key.partition("/")
    names = {each.key for each in measured(experiment) if value_names(each.metric) is not None}
    return bool(stroke) and whole in keys and whole.removeprefix("test_").removeprefix("val_") in names
