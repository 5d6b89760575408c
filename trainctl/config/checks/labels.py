"""Losses and metrics checked against the labels and the output, as far as the file alone tells what these are."""

from __future__ import annotations

from collections.abc import Iterator

from trainctl.components.labels import LabelKind, OutputLabels
from trainctl.config.checks.losses import known_output, output_place
from trainctl.config.checks.places import error
from trainctl.config.component import KerasComponent
from trainctl.config.experiment import Experiment
from trainctl.config.model.fits import Misfit, Output
from trainctl.config.model.keras_names import TWO_CLASSES, canonical_name
from trainctl.config.model.loss_fits import fit_loss
from trainctl.config.model.metric_fits import fit_metric
from trainctl.config.model.needs import Takes, loss_need, metric_need
from trainctl.config.model.outputs import measured, only_loss
from trainctl.config.text.nodes import Node
from trainctl.diagnostics import Diagnostic


def losses_and_metrics_fit(experiment: Experiment, _tree: Node) -> Iterator[Diagnostic]:
    """Report a loss or a metric that no labels of this experiment can fit; the rest is known once the data is loaded."""
    loss, output = only_loss(experiment), known_output(experiment)
    if not isinstance(loss, KerasComponent) or output is None:
        return
    name = canonical_name(loss)
    labels = _known_labels(experiment, name, output)
    if labels is None or loss_need(name).labels is Takes.NUMBER:  # numbers are told by a warning, and when it is built
        return
    found = fit_loss(loss.name, name, loss.arguments, labels, output)
    if found is not None and not _is_reported(experiment, name, labels, output):
        yield _error(experiment, found, loss)
    for each in measured(experiment):
        metric = each.metric
        fitted = fit_metric(
            metric.name, canonical_name(metric), metric.arguments, labels, output, (name, loss.arguments)
        )
        compares = metric_need(canonical_name(metric)).labels is not Takes.NONE
        if (
            compares
            and isinstance(fitted, Misfit)
            and not (found is not None and (fitted.is_layers or fitted.is_of_shapes))
        ):
            yield _error(experiment, fitted, metric)


def _known_labels(experiment: Experiment, loss: str | None, output: Output) -> OutputLabels | None:
    """Return what the labels are: those of a known source, or class indices where the loss takes nothing else."""
    data, takes = experiment.data, loss_need(loss).labels
    if data.target == "inputs" or data.labels not in {"auto", "one_hot"}:
        return None
    one_hot = data.labels == "one_hot" or takes is Takes.ONE_HOT
    classes = data.source.known_classes
    if classes is not None:
        return _indices(classes, one_hot=one_hot)
    if takes is Takes.INDEX and data.labels == "auto" and (output.units or 0) > 0:
        return _indices(None, one_hot=False)
    return None


def _indices(classes: int | None, *, one_hot: bool) -> OutputLabels:
    return OutputLabels(
        LabelKind.INDEX, (), classes, (), 0, (classes or 2) - 1, is_whole=True, is_one_hot=False, as_one_hot=one_hot
    )


def _is_reported(experiment: Experiment, loss: str | None, labels: OutputLabels, output: Output) -> bool:
    """Whether `outputs_fit_classes` reports it."""
    classes = labels.classes or 0
    if experiment.data.source.known_classes is None:
        return False
    if loss in TWO_CLASSES:
        return classes > 2
    return loss == "SparseCategoricalCrossentropy" and (output.units or 0) < classes


def _error(experiment: Experiment, found: Misfit, component: KerasComponent) -> Diagnostic:
    place = output_place(experiment) if found.is_layers else (component.location, component.path)
    return error("metric" if component.kind == "metric" else "loss", found.message, place, hint=found.hint)
