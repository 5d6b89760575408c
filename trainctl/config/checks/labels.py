"""Losses and metrics checked against the labels and the output, as far as the file alone tells what these are."""

from __future__ import annotations

import math
from collections.abc import Iterator

from trainctl.components.labels import LabelKind, OutputLabels
from trainctl.config.checks.losses import known_output, output_place
from trainctl.config.checks.places import error, warning
from trainctl.config.component import KerasComponent
from trainctl.config.experiment import Experiment
from trainctl.config.model.fits import Misfit, Output
from trainctl.config.model.keras_names import canonical_name
from trainctl.config.model.loss_fits import constant_output, fit_loss
from trainctl.config.model.metric_fits import fit_metric
from trainctl.config.model.needs import Takes, loss_need, metric_need
from trainctl.config.model.outputs import measured, only_loss
from trainctl.config.model.soft import with_soft_losses
from trainctl.config.text.nodes import Node
from trainctl.diagnostics import Diagnostic
from trainctl.text import plural


def losses_and_metrics_fit(experiment: Experiment, _tree: Node) -> Iterator[Diagnostic]:
    """Report a loss or a metric that no labels of this experiment can fit; the rest is known once the data is loaded."""
    experiment = with_soft_losses(experiment)
    loss, output = only_loss(experiment), known_output(experiment)
    if not isinstance(loss, KerasComponent) or output is None:
        return
    name = canonical_name(loss)
    labels = _known_labels(experiment, name, output)
    if labels is None:
        constant = constant_output(output)
        if constant is not None:
            yield _error(experiment, constant, loss)
        return
    found = fit_loss(loss.name, name, loss.arguments, labels, output)
    if found is not None:
        yield _error(experiment, found, loss)
    else:
        yield from _classes_as_numbers(experiment, loss, labels)
    for each in measured(experiment):
        metric = each.metric
        fitted = fit_metric(
            metric.name, canonical_name(metric), metric.arguments, labels, output, (name, loss.arguments)
        )
        follows = found is not None and isinstance(fitted, Misfit) and (fitted.is_layers or fitted.is_of_shapes)
        compares = metric_need(canonical_name(metric)).labels is not Takes.NONE
        if compares and isinstance(fitted, Misfit) and not follows:
            yield _error(experiment, fitted, metric)


def _known_labels(experiment: Experiment, loss: str | None, output: Output) -> OutputLabels | None:
    """Return what the labels are, as far as source, `data.labels` and loss tell; `None` where only the data does."""
    data, takes = experiment.data, loss_need(loss).labels
    if data.target == "inputs":
        shape = (output.units or 0,)  # as an autoencoder's has to be
        return OutputLabels(LabelKind.NUMBER, shape, lowest=0, highest=1) if takes is Takes.NUMBER else None
    classes = data.known_classes
    if data.labels == "auto" and data.known_numbers:
        return OutputLabels(LabelKind.NUMBER, (), lowest=-math.inf, highest=math.inf)
    if data.labels == "number" and classes is not None:
        return OutputLabels(LabelKind.NUMBER, (), None, (), 0, classes - 1, is_whole=True)
    if data.labels in {"number", "multi_hot"}:
        return _vectors(LabelKind(data.labels), output) if takes is Takes.INDEX else None
    known_by_loss = takes is Takes.INDEX or (data.labels == "index" and takes is Takes.ONE_HOT)
    if data.labels != "one_hot" and classes is None and not known_by_loss:
        return None
    one_hot = data.labels == "one_hot" or (data.labels == "auto" and takes is Takes.ONE_HOT)
    return OutputLabels(LabelKind.INDEX, (), classes, (), 0, (classes or 2) - 1, is_whole=True, as_one_hot=one_hot)


def _vectors(kind: LabelKind, output: Output) -> OutputLabels:
    units = output.units or 0
    return OutputLabels(kind, (units,), units, (), 0, 1 if kind is LabelKind.MULTI_HOT else math.inf)


def _classes_as_numbers(experiment: Experiment, loss: KerasComponent, labels: OutputLabels) -> Iterator[Diagnostic]:
    """Warn where the indices of several classes are learned as numbers, which puts the classes in an order."""
    source, takes = experiment.data.source, loss_need(canonical_name(loss)).labels
    if takes is Takes.NUMBER and experiment.data.labels == "auto" and labels.are_classes and (labels.classes or 0) > 2:
        yield warning(
            "loss",
            f"{loss.name} needs numbers, but the labels of {source.name_in_yaml} are {plural(labels.classes or 0, 'class')}",
            (loss.location, loss.path),
            hint="use sparse_categorical_crossentropy with softmax, or say data.labels: number",
        )


def _error(experiment: Experiment, found: Misfit, component: KerasComponent) -> Diagnostic:
    code = "metric" if component.kind == "metric" else "output-units" if found.is_layers else "loss"
    place = output_place(experiment) if found.is_layers else (component.location, component.path)
    return error(code, found.message, place, hint=found.hint)
