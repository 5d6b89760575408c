"""Whether the model's outputs, its losses and its metrics fit the labels: what Keras would find out late, or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from trainctl.aliases import Tensors
from trainctl.components.labels import LabelKind, Labels, OutputLabels
from trainctl.config.component import KerasComponent
from trainctl.config.experiment import Experiment
from trainctl.config.model.fits import Misfit, Output
from trainctl.config.model.graph import GraphNode, last_output
from trainctl.config.model.keras_names import canonical_name
from trainctl.config.model.loss_fits import fit_loss
from trainctl.config.model.metric_fits import fit_metric
from trainctl.config.model.outputs import losses, measured, output_names
from trainctl.diagnostics import Diagnostic
from trainctl.errors import BuildError
from trainctl.events import Notice
from trainctl.models.compiling import describe_outputs
from trainctl.text import one_of

if TYPE_CHECKING:
    from trainctl.backend import keras


def inputs_as_labels(spec: Tensors) -> Labels:
    """Return what an autoencoder's labels are: numbers of the shapes of its inputs.

    Args:
        spec: The TensorSpec of a batch of them, or a mapping of the names of several to such.
    """
    several = spec if isinstance(spec, Mapping) else {"": spec}
    return Labels(
        {
            name: OutputLabels(LabelKind.NUMBER, tuple(each.shape[1:]), lowest=0, highest=1)
            for name, each in several.items()
        }
    )


def check_fit(experiment: Experiment, model: keras.Model, labels: Labels) -> tuple[Mapping[str, Output], list[Notice]]:
    """Refuse a model, losses and metrics that do not fit the labels, all problems at once.

    Args:
        experiment: Its losses and metrics, and the places to point at.
        model: The model.
        labels: What the labels in a batch are.

    Returns:
        What each output gives, and what the user should know of the metrics.

    Raises:
        BuildError: Each problem points at the layer, the loss or the metric that is wrong.
    """
    _require_names(experiment, model, labels)
    nodes = {name: _node(experiment, name) for name in (output_names(experiment) or ("",))}
    outputs = describe_outputs(model, experiment, {name: _word(node) for name, node in nodes.items()})
    of_losses = dict(_of_losses(experiment, labels, outputs, nodes))
    problems, notes = list(of_losses.values()), list[Notice]()
    for each in measured(experiment):
        of_labels, loss = labels.outputs.get(each.output), losses(experiment).get(each.output)
        if of_labels is None:
            continue
        arguments = loss.arguments if isinstance(loss, KerasComponent) else {}
        metric, of_loss = each.metric, (canonical_name(loss), arguments)
        found = fit_metric(
            metric.name, canonical_name(metric), metric.arguments, of_labels, outputs[each.output], of_loss
        )
        if not isinstance(found, Misfit):
            if found.note is not None:
                notes.append(Notice(message=found.note, loud=True, path=metric.path))
        elif not (each.output in of_losses and (found.is_layers or found.is_of_shapes)):
            problems.append(_diagnostic(found, metric, nodes[each.output]))
    if problems:
        raise BuildError(diagnostics=problems)
    return outputs, notes


def _of_losses(
    experiment: Experiment, labels: Labels, outputs: Mapping[str, Output], nodes: Mapping[str, GraphNode]
) -> Iterator[tuple[str, Diagnostic]]:
    """Yield the problem of each output's loss."""
    for name, loss in losses(experiment).items():
        if not isinstance(loss, KerasComponent) or name not in labels.outputs:
            continue
        found = fit_loss(loss.name, canonical_name(loss), loss.arguments, labels.outputs[name], outputs[name])
        if found is not None:
            yield name, _diagnostic(found, loss, nodes[name])


def _diagnostic(found: Misfit, component: KerasComponent, node: GraphNode) -> Diagnostic:
    at = node if found.is_layers else component
    return Diagnostic("build", found.message, at.location, at.path, hint=found.hint)


def _require_names(experiment: Experiment, model: keras.Model, labels: Labels) -> None:
    names = output_names(experiment)
    for name in losses(experiment):
        node = _node(experiment, name)
        if ("" in labels.outputs) == bool(names) or (names and name not in labels.outputs):
            raise _names_differ(node, names, labels)
        output = model.output[name] if names else model.output
        if isinstance(output, list | tuple | dict):
            raise _error(node, f"{_word(node)} has several outputs; name the ones to train under model.outputs")


def _node(experiment: Experiment, output: str) -> GraphNode:
    """Return the node that makes an output."""
    model = experiment.model
    ref = model.outputs[output] if output else last_output(model)
    nodes: dict[str, GraphNode] = {node.name: node for node in model.layers}
    last: GraphNode = model.layers[-1]
    return last if ref is None else nodes.get(ref.node, last)


def _names_differ(node: GraphNode, names: tuple[str, ...], labels: Labels) -> BuildError:
    have = "one array of labels" if "" in labels.outputs else f"the labels {one_of(labels.outputs, 'and')}"
    want = f"the outputs {one_of(names, 'and')}" if names else "one output"
    return _error(
        node,
        f"the model has {want}, but the data has {have}",
        "name the outputs after the labels: model.outputs: {label: node}",
    )


def _word(node: GraphNode) -> str:
    return getattr(node.component, "name", None) or node.name


def _error(node: GraphNode, message: str, hint: str | None = None) -> BuildError:
    return BuildError(diagnostics=[Diagnostic("build", message, node.location, node.path, hint=hint)])
