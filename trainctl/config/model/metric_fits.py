"""Whether a metric fits the labels and the output, and what adapts it where it does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from trainctl.aliases import Value
from trainctl.components.labels import LabelKind, OutputLabels
from trainctl.config.component import KerasComponent
from trainctl.config.model.fits import (
    RIGHT_OR_WRONG,
    Adaptation,
    Misfit,
    Output,
    Step,
    are_exclusive,
    are_indices,
    kind_noun,
    one_each,
    range_words,
    resolved_name,
    same_shape,
    several_each,
)
from trainctl.config.model.keras_names import canonical_name
from trainctl.config.model.needs import Gives, Need, Takes, loss_need, metric_need
from trainctl.text import plural

_MARGINS = frozenset({"Hinge", "SquaredHinge", "CategoricalHinge"})


def fit_metric(
    called: str,
    name: str | None,
    arguments: Mapping[str, Value],
    labels: OutputLabels,
    output: Output,
    loss: tuple[str | None, Mapping[str, Value]],
) -> Adaptation | Misfit:
    """Return what adapts a metric to the labels and the output, or why nothing does.

    Args:
        called: What the file calls it.
        name: Its canonical name, or `accuracy`.
        arguments: Its arguments.
        labels: The labels of its output.
        output: The output.
        loss: The canonical name and the arguments of the loss of the same output.
    """
    loss_name, loss_arguments = resolved_name(loss[0], labels, output), loss[1]
    if name in {*RIGHT_OR_WRONG, "Accuracy"} and (misfit := _not_right_or_wrong(called, labels, loss_need(loss_name))):
        return misfit
    resolved = resolved_name(name, labels, output) or ""
    need = metric_need(resolved)
    if need.labels is Takes.ANY:
        return Adaptation(resolved)
    if need.labels is Takes.NONE and isinstance(wrapped := arguments.get("fn"), KerasComponent):
        fitted = fit_metric(called, canonical_name(wrapped), {}, labels, output, loss)
        return fitted if isinstance(fitted, Misfit) else replace(fitted, name=resolved)
    if need.labels is Takes.NONE:
        return Misfit(f"{called} averages values and compares nothing with the labels", "use another metric")
    found = _fitted_labels(called, resolved, need, arguments, labels, output)
    if isinstance(found, Misfit):
        return found
    misfit = _wrong_argument(called, resolved, arguments, labels, output)
    if misfit is not None:
        return misfit
    is_logit = gives_logits(loss_name, loss_arguments, output)
    adapted = _fitted_outputs(replace(found, name=resolved), need, arguments, labels, output, is_logit=is_logit)
    return replace(adapted, note=_note(called, resolved, arguments, labels, output))


def _not_right_or_wrong(called: str, labels: OutputLabels, loss: Need) -> Misfit | None:
    """Why nothing can be right or wrong: the labels are numbers."""
    if labels.kind is not LabelKind.NUMBER or labels.are_binary or labels.are_signs or labels.is_one_hot:
        return None
    is_vector = len(labels.shape) > 0
    if loss.labels is Takes.BINARY or (loss.labels not in {Takes.NUMBER, Takes.VECTOR} and is_vector):
        return None
    if loss.labels is Takes.VECTOR and is_vector and labels.lowest >= 0 and labels.highest <= 1:
        return None  # a distribution over classes, of which one is the likeliest
    return Misfit(
        f"{called} counts correct classes, but the labels are numbers", "use mae, or another metric for numbers"
    )


def _fitted_labels(
    called: str, name: str, need: Need, arguments: Mapping[str, Value], labels: OutputLabels, output: Output
) -> Adaptation | Misfit:
    """What makes the labels those that the metric takes."""
    depth = output.units or labels.classes or 0
    plain, one_hot = Adaptation(name), Adaptation(name, (Step.ONE_HOT,), classes=depth)
    indices, several = are_indices(labels), several_each(labels, output)
    hot = labels.as_one_hot and several
    match need.labels:
        case Takes.INDEX:
            return _index_metric(called, name, need, arguments, labels, output)
        case Takes.ONE_HOT:
            if hot or _are_vectors(labels, output):
                return plain
            return one_hot if indices and several else _metric_per_class(called, labels, output)
        case Takes.BINARY:
            return _binary_metric(called, name, labels, output, plain, one_hot)
        case _:
            if hot or one_each(labels, output):
                return plain
            return one_hot if indices and several else _metric_shapes(called, labels, output)


def _metric_per_class(called: str, labels: OutputLabels, output: Output) -> Misfit:
    if output.units == 1 and one_each(labels, output):
        return Misfit(
            f"{called} compares one output for each class, but {output.layer} has 1 output",
            "use accuracy, or a metric of two classes such as AUC",
        )
    return _metric_shapes(called, labels, output)


def _metric_shapes(called: str, labels: OutputLabels, output: Output) -> Misfit:
    return Misfit(
        f"{called} cannot compare labels ({kind_noun(labels)}) of shape {labels.shape} with outputs of shape {output.shape}",
        "remove it, or use a metric that fits the loss",
        is_of_shapes=True,
    )


def _index_metric(
    called: str, name: str, need: Need, arguments: Mapping[str, Value], labels: OutputLabels, output: Output
) -> Adaptation | Misfit:
    """A metric of class indices: one of classes that are compared, or one whose outputs have an order."""
    several, one = several_each(labels, output), one_each(labels, output)
    is_hot = labels.kind is LabelKind.ONE_HOT or (labels.kind is LabelKind.NUMBER and labels.is_one_hot)
    if need.outputs is Gives.CLASS and one and output.units == 1 and _are_two(labels):
        return Adaptation(name, (Step.UNSIGNED,) if labels.are_signs else ())
    if is_hot and same_shape(output.shape, labels.shape):
        return Adaptation(name, () if arguments.get("sparse_y_true") is False else (Step.INDEX,))
    if several:
        return Adaptation(name, (Step.INDEX,) if labels.as_one_hot else ())
    return _metric_per_class(called, labels, output)


def _are_two(labels: OutputLabels) -> bool:
    """Whether each label is one of two."""
    return labels.are_binary or labels.are_signs


def _binary_metric(
    called: str, name: str, labels: OutputLabels, output: Output, plain: Adaptation, one_hot: Adaptation
) -> Adaptation | Misfit:
    if several_each(labels, output):
        if name.startswith("Binary"):
            return Misfit(
                f"{called} needs one output for each label, but {output.layer} has {output.units}",
                "use accuracy" if name == "BinaryAccuracy" else "use a metric of several classes",
            )
        return plain if labels.as_one_hot else one_hot
    if not one_each(labels, output):
        return _metric_shapes(called, labels, output)
    if labels.are_signs:
        return replace(plain, labels=(Step.UNSIGNED,))
    if labels.lowest < 0 or labels.highest > 1:
        return Misfit(
            f"{called} needs labels of 0 and 1, but they {range_words(labels)}",
            "use a metric for numbers, such as mae"
            if labels.kind is LabelKind.NUMBER
            else "use one output for each class",
        )
    return plain


_COUNTED = frozenset({"IoU", "MeanIoU", "OneHotIoU", "OneHotMeanIoU"})


def _wrong_argument(
    called: str, name: str, arguments: Mapping[str, Value], labels: OutputLabels, output: Output
) -> Misfit | None:
    """An argument that the labels or the output contradict."""
    count = arguments.get("num_classes")
    classes = labels.classes or (2 if _are_two(labels) else 0)
    if name in _COUNTED and isinstance(count, int) and count < classes:
        return Misfit(
            f"{called} has num_classes: {count}, but the labels have {plural(classes, 'class')}",
            f"set num_classes: {classes}, or ${{data.num_classes}}",
        )
    number = arguments.get("class_id")
    if isinstance(number, int) and output.units is not None and number >= output.units:
        return Misfit(
            f"{called} has class_id: {number}, but {output.layer} has {plural(output.units, 'output')}",
            f"choose a class_id from 0 to {output.units - 1}",
        )
    ignores = arguments.get("ignore_class") == labels.ignored
    if labels.ignored is not None and name == "SparseCategoricalCrossentropy" and not ignores:
        return Misfit(
            f"{called} does not ignore the label {labels.ignored}", f"also set ignore_class: {labels.ignored} on it"
        )
    return None


def gives_logits(loss: str | None, arguments: Mapping[str, Value], output: Output) -> bool:
    """Whether the output is what a sigmoid or a softmax would make a probability of."""
    if output.activation in {"sigmoid", "softmax"}:
        return False
    return arguments.get("from_logits") is True or loss in _MARGINS


def _fitted_outputs(
    adapted: Adaptation,
    need: Need,
    arguments: Mapping[str, Value],
    labels: OutputLabels,
    output: Output,
    *,
    is_logit: bool,
) -> Adaptation:
    """What makes the outputs those that the metric takes, and both of the same rank where it wants that."""
    steps: tuple[Step, ...] = ()
    given: dict[str, Value] = {}
    alone = output.units == 1 or not (are_exclusive(labels) or labels.is_one_hot)
    if is_logit and _needs_probability(need, alone=alone):
        if need.logits_argument and (alone or adapted.name != "AUC"):
            given |= {} if "from_logits" in arguments else {"from_logits": True}
        else:
            steps = (Step.SIGMOID if alone else Step.SOFTMAX,)
    if need.outputs is Gives.CLASS:
        if output.units == 1:
            steps = (*steps, Step.THRESHOLD)
        elif adapted.name == "Accuracy":
            steps = (Step.ARGMAX,)
        elif arguments.get("sparse_y_pred") is not False:
            steps, given = (), {"sparse_y_pred": False}
    if adapted.name in {"F1Score", "FBetaScore"} and output.units == 1 and arguments.get("threshold") is None:
        given["threshold"] = 0.5
    return _with_same_rank(replace(adapted, outputs=steps, arguments=given), need, labels, output)


def _needs_probability(need: Need, *, alone: bool) -> bool:
    return need.outputs is Gives.PROBABILITY or (need.outputs is Gives.CLASS and alone)


def _with_same_rank(adapted: Adaptation, need: Need, labels: OutputLabels, output: Output) -> Adaptation:
    """Labels and outputs of the same rank, or both flat, where the metric wants that."""
    steps = adapted.labels
    is_deeper = one_each(labels, output) and len(output.shape) == len(labels.shape) + 1
    if (need.flat or need.same_rank) and is_deeper:
        steps = (*steps, Step.AXIS)
    if need.flat and len(output.shape) > 1:
        return replace(adapted, labels=(*steps, Step.FLAT), outputs=(*adapted.outputs, Step.FLAT))
    return replace(adapted, labels=steps)


def _are_vectors(labels: OutputLabels, output: Output) -> bool:
    return not labels.are_classes and output.units != 1 and same_shape(output.shape, labels.shape)


def _note(called: str, name: str, arguments: Mapping[str, Value], labels: OutputLabels, output: Output) -> str | None:
    """What the number does not say, though Keras means it so."""
    several = output.units != 1
    if labels.ignored is not None and name in {"SparseCategoricalAccuracy", "SparseTopKCategoricalAccuracy"}:
        return f"{called} counts labels of {labels.ignored} as wrong; MeanIoU with ignore_class ignores them"
    if labels.kind is LabelKind.MULTI_HOT and several:
        return _note_of_multi_hot(called, name, arguments)
    two = are_exclusive(labels) and several and labels.classes == 2 and output.units == 2
    if two and name in {"Precision", "Recall"} and arguments.get("class_id") is None:
        return f"{called} counts both classes, so it is the accuracy; set class_id: 1 for the second class alone"
    return None


def _note_of_multi_hot(called: str, name: str, arguments: Mapping[str, Value]) -> str | None:
    if name == "CategoricalAccuracy":
        return f"{called} compares only the highest output with multi-hot labels; use binary_accuracy"
    if name in {"F1Score", "FBetaScore"} and arguments.get("threshold") is None:
        return f"{called} counts only the highest output of each sample; set threshold: 0.5 for multi-hot labels"
    return None
