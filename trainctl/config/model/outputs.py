"""What each output of the model learns and measures, and the keys under which that is logged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trainctl.aliases import Value
from trainctl.config.component import KerasComponent
from trainctl.config.experiment import CompileSection, Experiment
from trainctl.config.model.keras_names import metric_name
from trainctl.config.model.own import own_logs


@dataclass(frozen=True, slots=True)
class Measured:
    """One metric of one output.

    Args:
        key: Its key in the logs.
        metric: The metric.
        output: The output's name; "" where there is only one.
        weighted: Whether sample weights count in it.
    """

    key: str
    metric: KerasComponent
    output: str
    weighted: bool


def output_names(experiment: Experiment) -> tuple[str, ...]:
    """Return the names of several outputs, in the file's order; empty where there is only one, which needs none."""
    outputs = tuple(experiment.model.outputs)
    return outputs if len(outputs) > 1 else ()


def label_columns(experiment: Experiment) -> Mapping[str, tuple[str, ...]]:
    """Return the labels that each output learns: those that it names, else the one that is called as it is.

    Nothing is said of an only output that names none.
    """
    written = {name: getattr(ref, "label", ()) for name, ref in experiment.model.outputs.items()}
    if output_names(experiment):
        return {name: label or (name,) for name, label in written.items()}
    only = next(iter(written.values()), ())
    return {"": only} if only else {}


def by_output(section: Any, names: tuple[str, ...]) -> Mapping[str, Value]:
    """A loss, or a list of metrics, by output: one that is given for all holds for each; "" where there is only one.

    An output that is given null has none.
    """
    if not isinstance(section, Mapping):
        return dict.fromkeys(names or ("",), section)
    if names:
        return {name: value for name, value in section.items() if name in names and value is not None}
    return {"": next(iter(section.values()), ())}


def losses(experiment: Experiment) -> Mapping[str, Value]:
    """Return the loss of each output."""
    return by_output(experiment.compile.loss, output_names(experiment))


def loss_weights(experiment: Experiment) -> Mapping[str, float]:
    """Return the weight of each output's loss; "" is the only one."""
    written = experiment.compile.loss_weights
    names = output_names(experiment)
    return {name: written.get(name, 1.0) for name in names} if names else {"": next(iter(written.values()), 1.0)}


def only_loss(experiment: Experiment) -> Any:
    """Return the loss of the only output; `None` if there are several."""
    return losses(experiment).get("")


def metrics(section: Any, names: tuple[str, ...]) -> Mapping[str, tuple[KerasComponent, ...]]:
    """Return the metrics of each output."""
    found = by_output(section, names)
    return {name: tuple(each for each in items if isinstance(each, KerasComponent)) for name, items in found.items()}


def measured(experiment: Experiment) -> Iterator[Measured]:
    """Yield every metric of every output, in the file's order."""
    names, taken = output_names(experiment), set[str]()
    for weighted in (False, True):
        for output, each in metrics(_section(experiment.compile, weighted), names).items():
            for metric in each:
                name = metric_name(metric)
                key = f"{output}_{name}" if output else name
                if weighted and key in taken:  # as Keras does
                    key = f"{output}_weighted_{name}" if output else f"weighted_{name}"
                taken.add(key)
                yield Measured(key, metric, output, weighted)


def training_keys(experiment: Experiment) -> tuple[str, ...]:
    """Return what one epoch of training logs: the loss, that of each output where several have one, the metrics."""
    each = losses(experiment)
    parts = [f"{output}_loss" for output in each] if len(each) > 1 else []
    return tuple(dict.fromkeys(["loss", *parts, *(one.key for one in measured(experiment)), *own_logs(experiment)]))


def _section(compile_: CompileSection, weighted: bool) -> Any:
    return compile_.weighted_metrics if weighted else compile_.metrics
