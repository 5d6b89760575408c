"""Compile the model: losses and metrics as Keras's own objects, each given labels and outputs as it takes them.

What adapts a metric is no class of ours but a change to the one object: model.keras names Keras's classes alone, and loads
where trainctl is not installed.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import reduce

from trainctl import catalog
from trainctl.aliases import KerasObject, Tensors, Value
from trainctl.backend import keras
from trainctl.components.label_change import Undo
from trainctl.components.labels import Labels, OutputLabels
from trainctl.config.component import KerasComponent
from trainctl.config.experiment import Experiment
from trainctl.config.model.fits import Adaptation, Output, Step, formula_steps
from trainctl.config.model.keras_names import canonical_name, metric_name, value_names
from trainctl.config.model.metric_fits import fit_metric
from trainctl.config.model.needs import Takes, loss_need
from trainctl.config.model.outputs import Measured, by_output, loss_weights, losses, measured, output_names
from trainctl.errors import BuildError
from trainctl.models.build import first_sentence, instantiate, with_argument
from trainctl.models.saving import save_for_keras
from trainctl.models.undo import undone

_SHAPING = ("Reshape", "Flatten", "Identity", "Dropout")
"""Layers that leave each value of an output as it is."""

NOTHING = Labels()
"""Labels of which nothing is known: metrics are as they are written."""


def describe_outputs(model: keras.Model, experiment: Experiment, layers: Mapping[str, str]) -> Mapping[str, Output]:
    """Return what each output of the model gives; "" is the only one.

    Args:
        model: The model.
        experiment: For the names of the outputs.
        layers: What to call the layer that makes each output.
    """
    names = output_names(experiment)
    return {
        name: _described(model.output[name] if names else model.output, layers.get(name, "the last layer"))
        for name in (names or ("",))
    }


def _described(tensor: Tensors, layer: str) -> Output:
    return Output(tuple(tensor.shape[1:]), _activation(tensor), layer)


def _activation(tensor: Tensors) -> str | None:
    """The name of the last activation on the way to an output; `None` where it is not known."""
    history = getattr(tensor, "_keras_history", None)
    while history is not None:
        operation = history.operation
        if isinstance(operation, keras.layers.Softmax):
            return "softmax"
        activation = getattr(operation, "activation", None)
        if activation is not None:
            return getattr(activation, "__name__", None)
        if type(operation).__name__ not in _SHAPING:
            return None
        history = getattr(operation.input, "_keras_history", None)
    return None


def compile_model(
    model: keras.Model,
    experiment: Experiment,
    labels: Labels = NOTHING,
    outputs: Mapping[str, Output] | None = None,
) -> None:
    """Compile the model; metrics are named, so that log keys are stable.

    Args:
        model: The model.
        experiment: The experiment.
        labels: What the labels in a batch are.
        outputs: What each output gives.

    Raises:
        BuildError: Keras rejected the optimizer, a loss or a metric; points at its line.
    """
    section, execution, names = experiment.compile, experiment.execution, output_names(experiment)
    of_outputs = {
        name: _loss(loss, labels.outputs.get(name), (outputs or {}).get(name))
        for name, loss in by_output(section.loss, names).items()
    }
    weights = loss_weights(experiment)
    only_weight = None if weights.get("", 1.0) == 1 else weights[""]
    made = {
        weighted: _metrics(
            [each for each in measured(experiment) if each.weighted is weighted], experiment, labels, outputs or {}
        )
        for weighted in (False, True)
    }
    arguments = {
        "optimizer": instantiate(section.optimizer),
        "loss": of_outputs if names else of_outputs[""],
        "loss_weights": {name: weights[name] for name in of_outputs} if names else only_weight,
        # None rather than nothing: Keras expects a step of the user's own to have filled any that there are
        "metrics": (made[False] if names else made[False].get("")) or None,
        "weighted_metrics": (made[True] if names else made[True].get("")) or None,
    }
    try:
        model.compile(
            **arguments,
            auto_scale_loss=section.auto_scale_loss,
            jit_compile=execution.jit_compile,
            steps_per_execution=1 if execution.steps_per_execution == "auto" else execution.steps_per_execution,
        )
    except (ValueError, TypeError) as error:
        raise BuildError(f"Keras rejected to compile the model: {first_sentence(error)}") from error
    save_for_keras(model)


def _loss(loss: Value, labels: OutputLabels | None, output: Output | None) -> KerasObject:
    """The loss; a formula is given labels as it takes them."""
    made = instantiate(loss)
    is_formula = loss_need(canonical_name(loss)).labels is Takes.VALUE
    steps = formula_steps(labels, output) if is_formula and labels is not None and output is not None else ()
    if steps and output is not None:
        call: Callable[[Tensors, Tensors], Tensors] = made.call
        how = Adaptation("", steps, classes=output.units or 0)
        made.call = lambda y_true, y_pred: call(reduce(lambda y, step: _changed(y, step, how), steps, y_true), y_pred)
    return made


def _metrics(
    found: Sequence[Measured], experiment: Experiment, labels: Labels, outputs: Mapping[str, Output]
) -> dict[str, list[KerasObject]]:
    """New metric objects, by output."""
    made: dict[str, list[KerasObject]] = {}
    of_output = losses(experiment)
    for each in found:
        of_labels, output = labels.outputs.get(each.output), outputs.get(each.output)
        known = of_labels is not None and output is not None
        how = adaptation(each.metric, of_labels, output, of_output.get(each.output)) if known else None
        made.setdefault(each.output, []).append(_metric(each, how, of_labels))
    return made


def adaptation(
    metric: KerasComponent, labels: OutputLabels | None, output: Output | None, loss: KerasComponent | None
) -> Adaptation | None:
    """Return what adapts a metric to the labels and the output; `None` where it is taken as it is."""
    if labels is None or output is None:
        return None
    arguments = loss.arguments if isinstance(loss, KerasComponent) else {}
    found = fit_metric(
        metric.name, canonical_name(metric), metric.arguments, labels, output, (canonical_name(loss), arguments)
    )
    return found if isinstance(found, Adaptation) else None


def _metric(each: Measured, how: Adaptation | None, labels: OutputLabels | None) -> KerasObject:
    metric, several = each.metric, value_names(each.metric, labels.names if labels is not None else ())
    changes = how is not None and how.changes
    undo = labels.undo if labels is not None else ()
    if metric.is_identifier and not several and not changes and not undo:
        return instantiate(metric)
    if how is not None and changes:
        metric = _as_class(replace(metric, arguments={**metric.arguments, **how.arguments}), how.name)
    elif metric.is_identifier:
        metric = _as_class(metric, canonical_name(metric) or metric.name)
    made = instantiate(with_argument(metric, "name", metric_name(each.metric)))
    if inspect.isfunction(made):
        made = keras.metrics.MeanMetricWrapper(made, name=metric_name(each.metric))
    if undo or (how is not None and (how.labels or how.outputs)):
        _adapt(made, how or Adaptation(metric.name), undo)
    if several is not None:
        _name_values(made, each.key, several)
    return made


def _as_class(metric: KerasComponent, name: str) -> KerasComponent:
    """The metric by the name of its class, where a word such as `accuracy` was written."""
    return replace(metric, name=name) if catalog.find("metric", name) is not None else metric


def _adapt(metric: keras.metrics.Metric, how: Adaptation, undo: Sequence[Undo]) -> None:
    """Have the metric be given labels and outputs as it takes them, numbers in the label's own unit."""
    update: Callable[[Tensors, Tensors, Tensors], Tensors] = metric.update_state

    def update_state(y_true: Tensors, y_pred: Tensors, sample_weight: Tensors = None) -> Tensors:
        if Step.FLAT in how.outputs and sample_weight is not None:
            sample_weight = _flat_weight(sample_weight, y_pred)
        labels, outputs = (undone(y_true, undo), undone(y_pred, undo)) if undo else (y_true, y_pred)
        labels = reduce(lambda value, step: _changed(value, step, how), how.labels, labels)
        outputs = reduce(lambda value, step: _changed(value, step, how), how.outputs, outputs)
        mask = getattr(y_pred, "_keras_mask", None)
        if mask is not None and Step.FLAT not in how.outputs and outputs is not y_pred:
            outputs._keras_mask = mask  # noqa: SLF001  # as Keras's own layers hand it on
        return update(labels, outputs, sample_weight)

    metric.update_state = update_state


def _changed(value: Tensors, step: Step, how: Adaptation) -> Tensors:
    ops = keras.ops
    match step:
        case Step.ONE_HOT:
            return ops.one_hot(ops.cast(value, "int32"), how.classes)
        case Step.INDEX | Step.ARGMAX:
            return ops.argmax(value, axis=-1)
        case Step.UNSIGNED:
            return (ops.cast(value, "float32") + 1) / 2
        case Step.AXIS:
            return ops.expand_dims(value, -1)
        case Step.FLAT:
            return ops.reshape(value, (-1, value.shape[-1]))
        case Step.SIGMOID:
            return ops.sigmoid(value)
        case Step.SOFTMAX:
            return ops.softmax(value)
        case Step.THRESHOLD:
            return ops.cast(value > 0.5, "int32")


def _flat_weight(weight: Tensors, outputs: Tensors) -> Tensors:
    """The weight of each place, one after the other."""
    places = keras.ops.shape(outputs)[:-1]
    missing = len(places) - len(weight.shape)
    if missing > 0:
        weight = keras.ops.reshape(weight, (*keras.ops.shape(weight), *[1] * missing))
    return keras.ops.reshape(keras.ops.broadcast_to(weight, places), (-1,))


def _name_values(metric: keras.metrics.Metric, key: str, names: Sequence[str]) -> None:
    """Have a metric of several values log each under its own key, and their mean under the metric's."""
    result: Callable[[], Tensors] = metric.result

    def named() -> Tensors:
        values = result()
        if len(values.shape) == 0:
            return values
        count = values.shape[0]
        called = names if len(names) == count else [str(index) for index in range(count)]
        return {key: keras.ops.mean(values), **{f"{key}/{name}": values[i] for i, name in enumerate(called)}}

    metric.result = named
