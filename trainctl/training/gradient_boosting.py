"""A quick model of another kind as a baseline: scikit-learn's histogram gradient boosting on the rows of a table.

It is trained on the samples of the training split and says its answers in the form of the model's output, so that the
experiment's own losses and metrics measure it on the same samples, with the same labels.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib.util import find_spec
from math import prod
from typing import NamedTuple

import numpy as np

from trainctl.aliases import Array, Tensors, Value
from trainctl.backend import keras, tf
from trainctl.components.callbacks.shared.logs_keras import measured
from trainctl.components.dataset import ColumnKind, Samples, is_array
from trainctl.data.changed_labels import labels_by_output
from trainctl.data.prepare import Prepared
from trainctl.data.rows import columns_of
from trainctl.models.compiling import compile_model
from trainctl.models.own import has_own_methods
from trainctl.training.built import Built
from trainctl.training.prediction_kind import prediction_kind

_ROWS = 50_000
_CELLS = 2_000_000  # of a table with many columns, fewer rows
_ROUNDS = (1, 4, 12, 35, 100)  # iterations after which the time is looked at; the last is scikit-learn's default
_SECONDS = 3.0  # of the processor, so that a busy machine trains the same
_CATEGORIES = 254  # scikit-learn has 255 bins, one of them for what is missing
_BATCH = 8192  # to measure in, where no number of batches is asked for
_EPSILON = 1e-7


class Boosted(NamedTuple):
    """What gradient boosting came to.

    Args:
        metrics: Those of the experiment, by the keys of its logs with their prefix, such as `val_accuracy`.
        facts: `rows` it was trained on, `of` how many, `columns`, `iterations`, `seconds`.
    """

    metrics: Mapping[str, float]
    facts: Mapping[str, Value]


def reason_against(built: Built) -> str | None:
    """Return why gradient boosting cannot be compared with the model, in words; `None` if it can."""
    data, labels = built.data, built.data.labels.only
    train = data.splits.train
    if find_spec("sklearn") is None:
        return "scikit-learn is not installed; install it: pip install scikit-learn"
    if built.experiment.data.target == "inputs" or labels is None or has_own_methods(built.model):
        return "it needs a model with one output that predicts the labels"
    if not train.in_memory:
        return "it needs data that fits in memory"
    if next(_features(built, train), None) is None:
        return "it needs the columns of a table, or one vector of numbers for each sample"
    kind = prediction_kind(built, "")
    if kind != "classes" and (kind != "numbers" or prod(labels.shape) != 1):
        return "it needs one class or one number for each sample"
    if kind == "classes" and len(np.unique(_labels(train))) == 1:
        return "the training split has one class"
    return None


def boost(built: Built, splits: Mapping[str, tuple[Samples, int | None]], seed: int) -> Boosted:
    """Train gradient boosting on the training split, within seconds, and measure it on others.

    Args:
        built: The experiment, of which `reason_against` has nothing to say.
        splits: The samples to measure it on and how many batches of them (`None` for all), by the prefix of their keys.
        seed: Decides which rows are left out where there are too many.
    """
    began, train = time.monotonic(), built.data.splits.train
    table = _Table.learned(built, train)
    x, y = table.matrix(train), _labels(train)
    ignored = built.data.labels.outputs[""].ignored
    rows = np.arange(len(y)) if ignored is None else np.flatnonzero(y != ignored)
    count = min(len(rows), _ROWS, max(1, _CELLS // x.shape[1]))
    rows = np.sort(np.random.default_rng([seed, 2]).permutation(rows)[:count])
    weight = None if train.weight is None else np.asarray(train.weight)[rows]
    with _one_thread():
        model, iterations = _trained(built, table.is_category, x[rows], y[rows], weight, seed)
        said = {prefix: _said(built, model, table.matrix(samples)) for prefix, (samples, _) in splits.items()}
    facts = {"rows": len(rows), "of": len(y), "columns": x.shape[1], "iterations": iterations}
    metrics: dict[str, float] = {}
    judge = _judge(built)
    for prefix, (samples, steps) in splits.items():
        data = built.data.batched(_BATCH) if steps is None else built.data
        batches = _with_labels(said[prefix], data, samples)
        results = measured(judge.evaluate(batches, steps=steps, verbose=0, return_dict=True), built.data.class_names)
        metrics |= {f"{prefix}{key}": value for key, value in results.items()}
    return Boosted(metrics, {**facts, "seconds": round(time.monotonic() - began, 3)})


def _one_thread() -> AbstractContextManager[Value]:
    """Return what has scikit-learn work in one thread: several take ten times as long where the machine is busy."""
    import sklearn.ensemble  # noqa: F401  # what is imported later is not limited
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[Value] = threadpool_limits(1)
    return limits


def _features(built: Built, samples: Samples) -> Iterator[tuple[str, Array, bool]]:
    """Yield the columns of the samples: the name, the values (n,), and whether they are categories; free text is left out."""
    for name, values in columns_of(samples).items() if built.data.columns else ():
        kind = built.data.columns.get(name)
        if kind is not None and kind is not ColumnKind.TEXT:
            yield name, values, kind.is_words
    x = samples.x
    if not built.data.columns and is_array(x) and x.ndim == 2 and x.dtype.kind in "biuf":
        yield from ((str(place), x[:, place], False) for place in range(x.shape[1]))


@dataclass(frozen=True, slots=True)
class _Table:
    """What is learned of the columns of the training split.

    Args:
        built: The experiment.
        categories: The texts of each column of categories, sorted; of very many, the most frequent ones.
        is_category: For each column, whether it holds categories.
    """

    built: Built
    categories: Mapping[str, Array]
    is_category: list[bool]

    @classmethod
    def learned(cls, built: Built, train: Samples) -> _Table:
        found = list(_features(built, train))
        categories = {name: _categories(values) for name, values, is_category in found if is_category}
        return cls(built, categories, [is_category for *_, is_category in found])

    def matrix(self, samples: Samples) -> Array:
        """Return the columns side by side, float64 (n, columns): NaN for what is missing or was not seen in training."""
        return np.stack(
            [
                _codes(values, self.categories[name]) if is_category else np.asarray(values, float)
                for name, values, is_category in _features(self.built, samples)
            ],
            axis=1,
        )


def _categories(values: Array) -> Array:
    texts, counts = np.unique(values[values != ""].astype(str), return_counts=True)
    return np.sort(texts[np.argsort(-counts, kind="stable")[:_CATEGORIES]])


def _codes(values: Array, categories: Array) -> Array:
    """Return the index of each text among the categories, NaN for another one."""
    if not len(categories):
        return np.full(len(values), np.nan)
    texts = values.astype(str)
    found = np.minimum(np.searchsorted(categories, texts), len(categories) - 1)
    return np.where(categories[found] == texts, found, np.nan)


def _labels(samples: Samples) -> Array:
    """Return the label of each sample, (n,): a class index, or a number in the unit that the model learns."""
    y: Array = np.asarray(labels_by_output(samples)[""])
    if y.ndim > 1 and y.shape[-1] > 1:
        y = y.argmax(axis=-1)
    return y.reshape(len(y))


def _trained(
    built: Built, is_category: list[bool], x: Array, y: Array, weight: Array | None, seed: int
) -> tuple[Value, int]:
    """Return the trained model, and after how many iterations it was the last one that there was time for."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    kind = HistGradientBoostingClassifier if prediction_kind(built, "") == "classes" else HistGradientBoostingRegressor
    categories = is_category if any(is_category) else None
    model = kind(
        max_iter=_ROUNDS[0],
        categorical_features=categories,
        early_stopping=False,
        warm_start=True,
        random_state=seed % 2**32,
    )
    began, done = time.thread_time(), 0
    for iterations in _ROUNDS:
        before = time.thread_time()
        model.set_params(max_iter=iterations).fit(x, y, sample_weight=weight)
        now = time.thread_time()
        each = (now - before) / (iterations - done) if done else 0.0  # the first one is slow
        done, following = iterations, next((later for later in _ROUNDS if later > iterations), iterations)
        if now - began + each * (following - iterations) > _SECONDS:
            break
    return model, done


def _said(built: Built, model: Value, x: Array) -> Array:
    """Return what gradient boosting predicts, in the form of the model's output, float32 (n, …)."""
    output, is_logit = built.outputs[""], built.gives_logits("")
    if prediction_kind(built, "") == "numbers":
        return np.asarray(model.predict(x), np.float32).reshape(len(x), *(size or 1 for size in output.shape))
    units = output.units or 1
    p = np.zeros((len(x), max(2, units)), np.float32)
    classes = model.classes_.astype(int)  # of rows that hold one class, scikit-learn has a second column besides
    p[:, classes] = model.predict_proba(x)[:, : len(classes)]
    p = np.clip(p, _EPSILON, 1 - _EPSILON) if is_logit else p
    if units > 1:
        return np.log(p) if is_logit else p
    return np.log(p[:, 1:] / p[:, :1]) if is_logit else p[:, 1:]


def _judge(built: Built) -> keras.Model:
    """Return a model that gives its input, compiled as the experiment is: there is no other reading of its metrics."""
    answer = keras.Input(built.outputs[""].shape)
    judge = keras.Model(answer, keras.layers.Identity()(answer))
    compile_model(judge, built.experiment, built.data.labels, built.outputs)
    return judge


def _with_labels(said: Array, data: Prepared, samples: Samples) -> tf.data.Dataset:
    """Return batches of answers, with the labels and weights that the model is given for them."""

    def joined(said: Tensors, batch: Sequence[Tensors]) -> tuple[Tensors, ...]:
        _, *labels_and_weights = batch
        return (said, *labels_and_weights)

    answers = tf.data.Dataset.from_tensor_slices(said).batch(data.section.batch_size)
    return tf.data.Dataset.zip(answers, data.evaluation(samples)).map(joined)
