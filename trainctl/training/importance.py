"""How much a model depends on each column: what it loses where the column is shuffled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from trainctl.aliases import Array, KerasObject, Value
from trainctl.backend import tf
from trainctl.components.dataset import Samples, read
from trainctl.data.encoder import inference_model
from trainctl.data.rows import columns_of
from trainctl.errors import DataError
from trainctl.training.built import Built

_ROWS = 2000
_REPEATS = 5
_SEED_OFFSET = 1


def permutation_importance(built: Built, samples: Samples, seed: int) -> dict[str, Value]:
    """Return how much the score falls where each column is shuffled, on at most 2,000 rows, the most important first.

    Args:
        built: The experiment, with trained weights.
        samples: Rows of a table.
        seed: Decides the rows and the order.

    Raises:
        DataError: The data is not a table, or has several outputs.
    """
    labels, columns = built.data.labels.only, _columns(built, samples)
    if labels is None or not can_be_shuffled(built, samples):
        raise DataError("--importance needs a table with one output", hint="evaluate without --importance")
    rows = np.sort(np.random.default_rng([seed, _SEED_OFFSET]).permutation(len(samples))[:_ROWS])
    names = tuple(columns)
    table = np.empty((len(rows), len(names)), object)
    for place, name in enumerate(names):
        table[:, place] = np.asarray(columns[name])[rows].ravel()
    y = np.asarray(read(samples.y, rows))
    model = _Predictor(_whole(built), names, {name: np.asarray(columns[name]).dtype for name in names}, built)
    score, measure = ("accuracy", _accuracy) if labels.are_classes else ("r2", _r2)
    found = _shuffled(model, table, y, measure, seed)
    order = np.argsort(-found.importances_mean, kind="stable")
    return {
        "score": score,
        "rows": len(rows),
        "columns": [
            {"column": names[i], "mean": float(found.importances_mean[i]), "deviation": float(found.importances_std[i])}
            for i in order
        ],
    }


def can_be_shuffled(built: Built, samples: Samples) -> bool:
    """Return whether the data is a table whose labels have one output."""
    return built.data.labels.only is not None and bool(_columns(built, samples))


def _shuffled(
    model: Value, table: Array, y: Array, measure: Callable[[Value, Array, Array], float], seed: int
) -> Value:
    from sklearn.inspection import permutation_importance as of_columns

    return of_columns(model, table, y, scoring=measure, n_repeats=_REPEATS, random_state=seed % 2**32)


def _columns(built: Built, samples: Samples) -> Mapping[str, Array]:
    """The raw columns where an encoder takes them, else the inputs that are columns."""
    if built.data.encoder is not None:
        return columns_of(samples)
    is_table = bool(built.data.columns) and isinstance(samples.x, Mapping)
    return samples.x if is_table and samples.in_memory else {}


def _whole(built: Built) -> KerasObject:
    encoder = built.data.encoder
    return built.model if encoder is None else inference_model(encoder, built.model)


@dataclass(frozen=True)
class _Predictor:
    """The model, as scikit-learn calls it: rows of raw cells in, predictions out."""

    model: KerasObject
    names: Sequence[str]
    dtypes: Mapping[str, Value]
    built: Built

    def fit(self, *_: Value) -> None:
        """Do nothing: it is trained."""

    def predict(self, table: Array) -> Array:
        """Return the model's output for raw cells (rows, columns)."""
        encoder = self.built.data.encoder
        cells = {name: table[:, place].astype(self.dtypes[name]) for place, name in enumerate(self.names)}
        if encoder is not None:
            inputs: Value = encoder.rows(Samples(cells, np.zeros(len(table))))
        else:
            inputs = {name: tf.constant(each[:, np.newaxis]) for name, each in cells.items()}
        return np.asarray(self.model.predict_on_batch(inputs))


def _accuracy(model: _Predictor, table: Array, y: Array) -> float:
    values = model.predict(table)
    middle = 0.0 if model.built.gives_logits("") else 0.5
    said = values.argmax(axis=-1) if values.shape[-1] > 1 else (values > middle).ravel()
    return float((said == y).mean())


def _r2(model: _Predictor, table: Array, y: Array) -> float:
    from sklearn.metrics import r2_score

    return float(r2_score(y.reshape(len(y), -1), model.predict(table).reshape(len(y), -1)))
