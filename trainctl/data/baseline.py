"""What a model that looks at no input would come to: one that always says the majority class, the mean, or the last value.

The constants are learned on the training split and measured on the splits that a run reports, so that a metric can be
compared with them. What a metric means is decided in `config/model/`; here is only the arithmetic, in NumPy.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from trainctl.aliases import Array, Data, Value
from trainctl.components.dataset import Samples
from trainctl.components.labels import LabelKind, OutputLabels
from trainctl.config.component import KerasComponent
from trainctl.config.experiment import Experiment
from trainctl.config.model.fits import Adaptation, Output, one_each, resolved_name, several_each
from trainctl.config.model.keras_names import canonical_name, value_names
from trainctl.config.model.metric_fits import fit_metric
from trainctl.config.model.outputs import loss_weights, losses, measured
from trainctl.data.baseline_metrics import LAST, MAJORITY, MEAN, MEDIAN, OF_CLASSES, OF_NUMBERS, Arguments, Rule
from trainctl.data.changed_labels import labels_by_output
from trainctl.data.prepare import Prepared
from trainctl.data.profile import LabelProfile, chunks
from trainctl.events import Baseline

_AT_ONCE = 2**20  # values of labels that are compared at a time
_HARMLESS = frozenset(
    {"name", "dtype", "from_logits", "axis", "num_classes", "ignore_class", "k", "threshold", "delta"}
    | {"sparse_y_true", "sparse_y_pred"}
)
"""Arguments with which a metric still means what is computed here."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A metric, or a loss, that is to be measured for a constant.

    Args:
        key: Its key in the logs.
        name: Its canonical name.
        arguments: Its arguments.
        in_own_unit: Whether it compares numbers in the label's own unit: a metric does, a loss does not.
        weighted: Whether sample weights count.
        is_loss: Whether it is a loss, which Keras divides by the number of samples also where they are weighted.
    """

    key: str
    name: str
    arguments: Arguments
    in_own_unit: bool
    weighted: bool
    is_loss: bool = False


def measure_baseline(experiment: Experiment, data: Prepared, outputs: Mapping[str, Output]) -> Baseline:
    """Return what constants come to in each metric that has such a value, by the keys of the logs.

    Args:
        experiment: Its losses and metrics.
        data: The data.
        outputs: What each output of the model gives; none of a model of the user's own class.

    Returns:
        For each key, such as `val_accuracy`, the value for each kind of constant: `majority`, `mean` (of classes, their
        frequencies as probabilities), `median`, and for time series `last`.
    """
    if experiment.data.target == "inputs" or data.change.moves_labels:  # what is learned exists only in a batch
        return {}
    reported: Mapping[str, tuple[Samples, int | None]] = held_out_splits(experiment, data)
    if not reported and experiment.fit.class_weight is None:
        reported = {"": (data.splits.train, None)}
    found: dict[str, Mapping[str, float]] = {}
    for prefix, (samples, steps) in reported.items():
        limit = None if steps is None else steps * data.section.batch_size
        every = _of_split(experiment, data, outputs, samples, limit)
        found |= {prefix + key: _as_measured(kinds) for key, kinds in every.items() if kinds}
    return found


def held_out_splits(experiment: Experiment, data: Prepared) -> dict[str, tuple[Samples, int | None]]:
    """Return the splits that a run measures and does not train on, by the prefix of their keys.

    With each, how many batches of it are measured; `None` for all.
    """
    splits = data.splits
    found = {"val_": (splits.validation, experiment.fit.validation_steps), "test_": (splits.test, None)}
    return {prefix: (samples, steps) for prefix, (samples, steps) in found.items() if samples is not None}


def _as_measured(kinds: Mapping[str, float]) -> Mapping[str, float]:
    """Return the values as precise as those of Keras, so that the same share is the same number."""
    return {kind: float(np.float32(value)) for kind, value in kinds.items()}


def best_baseline(kinds: Mapping[str, float], *, higher: bool) -> float:
    """Return the value of the constant that does best."""
    return (max if higher else min)(kinds.values())


def _of_split(
    experiment: Experiment, data: Prepared, outputs: Mapping[str, Output], samples: Samples, limit: int | None
) -> dict[str, Mapping[str, float]]:
    found: dict[str, Mapping[str, float]] = {}
    of_losses: dict[str, Mapping[str, float]] = {}
    for name, output in outputs.items():
        labels, profile = data.labels.outputs.get(name), data.label_profiles.get(name)
        if labels is None or profile is None:
            continue
        loss = losses(experiment).get(name)
        wanted = list(_wanted(experiment, name, labels, output, loss))
        latest = data.latest if name == "" else ()
        values = _OfOutput(labels, output, profile, latest).measure(wanted, name, samples, limit)
        of_losses[name] = values.pop("loss", {})
        found |= values
    return {**_total(experiment, of_losses), **found}


def _total(experiment: Experiment, of_losses: Mapping[str, Mapping[str, float]]) -> dict[str, Mapping[str, float]]:
    """Return the loss, and that of each output where there are several, whose weighted sum it is."""
    weights = loss_weights(experiment)
    if "" in of_losses:
        return {"loss": {kind: weights[""] * value for kind, value in of_losses[""].items()}}
    each = {f"{name}_loss": kinds for name, kinds in of_losses.items()}
    common = set.intersection(*map(set, of_losses.values())) if len(of_losses) == len(losses(experiment)) else set()
    whole = {kind: sum(weights[name] * kinds[kind] for name, kinds in of_losses.items()) for kind in sorted(common)}
    return {"loss": whole, **each}


def _wanted(
    experiment: Experiment, output_name: str, labels: OutputLabels, output: Output, loss: Value
) -> Iterator[_Wanted]:
    """Yield what an output's logs hold and a constant has a value for."""
    if isinstance(loss, KerasComponent):
        name = resolved_name(canonical_name(loss), labels, output) or ""
        yield _Wanted("loss", name, loss.arguments, in_own_unit=False, weighted=True, is_loss=True)
    arguments = loss.arguments if isinstance(loss, KerasComponent) else {}
    for each in measured(experiment):
        if each.output != output_name or value_names(each.metric) is not None:
            continue
        metric = each.metric
        found = fit_metric(
            metric.name, canonical_name(metric), metric.arguments, labels, output, (canonical_name(loss), arguments)
        )
        if isinstance(found, Adaptation):
            yield _Wanted(each.key, found.name, metric.arguments, in_own_unit=True, weighted=each.weighted)


@dataclass(frozen=True, slots=True)
class _OfOutput:
    """The constants of one output.

    Args:
        labels: What its labels are.
        output: What the model gives.
        profile: What is known of the training labels.
        latest: Of time series, which features of the last step are the latest values of the labels.
    """

    labels: OutputLabels
    output: Output
    profile: LabelProfile
    latest: tuple[int, ...]

    def measure(
        self, wanted: Sequence[_Wanted], name: str, samples: Samples, limit: int | None
    ) -> dict[str, Mapping[str, float]]:
        """Return the value of each kind of constant in each metric, by the metric's key, on the first `limit` samples."""
        wanted = [each for each in wanted if all(v is None or k in _HARMLESS for k, v in each.arguments.items())]
        y = labels_by_output(samples)[name]
        pieces = _pieces(y, samples, self.latest, limit)
        if self.output.units != 1 and (several_each(self.labels, self.output) or self.labels.kind is LabelKind.ONE_HOT):
            return self._of_classes([each for each in wanted if each.name in OF_CLASSES], pieces)
        if not one_each(self.labels, self.output):
            return {}
        alone = math.prod(self.labels.shape) == 1
        known = [each for each in wanted if each.name in OF_NUMBERS and (alone or each.name != "R2Score")]
        return self._of_numbers(known, pieces)

    # ---- classes, of which one is right

    def _of_classes(self, wanted: Sequence[_Wanted], pieces: Iterator[_Piece]) -> dict[str, Mapping[str, float]]:
        depth = self.output.units or self.labels.classes or 0
        frequencies = self._frequencies(depth)
        if not wanted or not frequencies.sum():
            return {}
        counts, weights = _Tally(depth), _Tally(depth)
        for piece in pieces:
            indices = piece.y.argmax(axis=-1) if self.labels.kind is LabelKind.ONE_HOT else piece.y
            counts.add(indices, None)
            weights.add(indices, piece.weight)
        found: dict[str, Mapping[str, float]] = {}
        for each in wanted:
            constant, measure = OF_CLASSES[each.name]
            tally = weights if each.weighted else counts
            kept = tally if each.arguments.get("ignore_class") is None else tally.without(self.labels.ignored)
            total = (counts if each.is_loss else tally).total if kept is tally else kept.total
            if total:
                found[each.key] = {constant: measure(kept.counts, frequencies, each.arguments, total)}
        return found

    def _frequencies(self, depth: int) -> Array:
        """The share of each class among the training labels, (classes,)."""
        counts = np.zeros(depth)
        if self.profile.counts:
            for index, count in self.profile.counts.items():
                if index != self.labels.ignored and 0 <= index < depth:
                    counts[index] = count
        elif self.profile.spread.kept:
            rows = np.concatenate(self.profile.spread.kept)
            counts = rows.reshape(-1, rows.shape[-1]).sum(axis=0, dtype=float)
        return np.asarray(counts / max(counts.sum(), 1))

    # ---- numbers, and 0 or 1

    def _of_numbers(self, wanted: Sequence[_Wanted], pieces: Iterator[_Piece]) -> dict[str, Mapping[str, float]]:
        sums: dict[tuple[str, str], list[float]] = {}
        samples = weights = 0.0
        constants = {own: self._constants(in_own_unit=own) for own in {each.in_own_unit for each in wanted}}
        for piece in pieces:
            weight = np.ones(len(piece.y)) if piece.weight is None else piece.weight
            samples, weights = samples + len(piece.y), weights + float(weight.sum())
            for each in wanted:
                rule, y = OF_NUMBERS[each.name], self._label(piece.y, each)
                for kind, constant in self._predictions(piece, each, rule, constants[each.in_own_unit]):
                    errors = rule.errors(y, constant, each.arguments)
                    counting = weight if each.weighted else np.ones(len(y))
                    here = [float(error.reshape(len(y), -1).mean(axis=1) @ counting) for error in errors]
                    before = sums.get((each.key, kind), [0.0] * len(here))
                    sums[each.key, kind] = [one + other for one, other in zip(before, here, strict=True)]
        found: dict[str, dict[str, float]] = {}
        for each in wanted:
            total = weights if each.weighted and not each.is_loss else samples
            for (key, kind), values in sums.items():
                if key == each.key and total:
                    finish = OF_NUMBERS[each.name].finish
                    found.setdefault(key, {})[kind] = finish(*(value / total for value in values))
        return {name: _finite(kinds) for name, kinds in found.items()}

    def _label(self, y: Array, wanted: _Wanted) -> Array:
        y = y.astype(float)
        if self.labels.are_signs and wanted.name.startswith("Binary"):
            return (y + 1) / 2
        return self._own(y) if wanted.in_own_unit else y

    def _own(self, y: Array) -> Array:
        for kind, factor, offset in self.labels.undo:
            y = np.asarray(np.exp(y) if kind == "exp" else y * factor + offset)
        return y

    def _constants(self, *, in_own_unit: bool) -> Mapping[str, Array]:
        """Return the constants of the training labels, each of the shape of one label."""
        if self.profile.counts:
            y = np.repeat(*(np.array(each) for each in zip(*_thinned(self.profile.counts).items(), strict=True)))
            rows = np.asarray(y, float)
            shape: tuple[int, ...] = self.labels.shape
        elif self.profile.spread.kept:
            rows, shape = np.concatenate(self.profile.spread.kept).astype(float), ()
        else:
            return {}
        rows = (rows + 1) / 2 if self.labels.are_signs else self._own(rows) if in_own_unit else rows
        mean, median = rows.mean(axis=0), np.median(rows, axis=0)
        found = {MEAN: mean, MEDIAN: median, MAJORITY: (mean > 0.5).astype(float)}
        return {kind: np.broadcast_to(each, shape or each.shape) for kind, each in found.items()}

    def _predictions(
        self, piece: _Piece, wanted: _Wanted, rule: Rule, constants: Mapping[str, Array]
    ) -> Iterator[tuple[str, Array]]:
        """Yield the kinds of constants that are measured, and what each predicts for the samples of a piece."""
        if rule.constant in constants:
            yield rule.constant, constants[rule.constant]
        if piece.latest is not None and self.labels.kind is LabelKind.NUMBER:
            change = self.labels.change
            latest = piece.latest if change is None else change(piece.latest).astype(float)
            latest = self._own(latest) if wanted.in_own_unit else latest
            between = [1] * (piece.y.ndim - 2)  # what is predicted for several steps ahead
            yield LAST, latest.reshape(len(latest), *between, -1) if piece.y.ndim > 1 else latest[:, 0]


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some samples.

    Args:
        y: Their labels, (n, …).
        weight: How much each counts, (n,); `None` where all count the same.
        latest: Of time series, the latest values of what is predicted, (n, values).
    """

    y: Array
    weight: Array | None
    latest: Array | None


def _pieces(y: Data, samples: Samples, latest: tuple[int, ...], limit: int | None) -> Iterator[_Piece]:
    """Yield the samples, so many at a time as are quickly compared."""
    rows = {"y": y}
    rows |= {} if samples.weight is None else {"weight": samples.weight}
    rows |= {"x": samples.x} if latest else {}
    left = len(samples) if limit is None else limit
    for chunk in chunks(rows):
        count = min(len(chunk["y"]), left)
        step = max(1, _AT_ONCE // max(1, chunk["y"][:1].size))
        for begin in range(0, count, step):
            part = {name: each[begin : min(begin + step, count)] for name, each in chunk.items()}
            yield _Piece(
                part["y"],
                part["weight"].astype(float) if "weight" in part else None,
                part["x"][:, -1, list(latest)].astype(float) if latest else None,
            )
        left -= count
        if left <= 0:
            return


class _Tally:
    """How often each class occurs, by weight.

    Args:
        depth: How many classes there are.
    """

    def __init__(self, depth: int) -> None:
        self.counts = np.zeros(depth)
        self.total = 0.0

    def add(self, indices: Array, weight: Array | None) -> None:
        """Count class indices (n, …), each with the weight (n,) of its sample; those that are no class only in the total."""
        flat = indices.ravel()
        each = None if weight is None else np.repeat(weight, flat.size // max(1, len(indices)))
        self.total += flat.size if each is None else float(each.sum())
        valid = (flat >= 0) & (flat < len(self.counts))
        each = each if each is None else each[valid]
        self.counts += np.bincount(flat[valid], each, minlength=len(self.counts))

    def without(self, ignored: int | None) -> _Tally:
        """Return the tally of the classes that are not ignored."""
        kept = _Tally(len(self.counts))
        kept.counts = self.counts.copy()
        if ignored is not None and 0 <= ignored < len(self.counts):
            kept.counts[ignored] = 0
        kept.total = float(kept.counts.sum())
        return kept


def _finite(kinds: Mapping[str, float]) -> Mapping[str, float]:
    return {kind: value for kind, value in kinds.items() if math.isfinite(value)}


def _thinned(counts: Mapping[int, int]) -> Mapping[int, int]:
    """Return counts in the same proportion, of which there are not too many."""
    by = max(1, sum(counts.values()) // 100_000)
    return {index: max(1, count // by) for index, count in sorted(counts.items())}
