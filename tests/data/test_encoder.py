"""Encoding tables: what the features are, and that a saved model agrees with them."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pytest

from trainctl.components.dataset import ColumnKind, Samples
from trainctl.data.encoder import MAX_CATEGORIES, TableEncoder, inference_model
from trainctl.data.profile import Profile

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.tf

NUMERIC, CATEGORICAL = ColumnKind.NUMERIC, ColumnKind.CATEGORICAL
NAN = np.nan


def samples(**columns: list[Any]) -> Samples:
    x = {
        name: np.array(values, object if any(isinstance(value, str) for value in values) else np.float64)
        for name, values in columns.items()
    }
    return Samples(x, np.zeros(len(next(iter(x.values())))))


def encoded(columns: dict[str, ColumnKind], train: Samples, other: Samples | None = None) -> list[list[float]]:
    result = TableEncoder.fit(Profile.of(columns, train).columns).encode(other or train)
    assert result.dtype == np.float32
    return np.round(result, 4).tolist()


def test_numbers_are_normalized_by_the_training_split() -> None:
    train = samples(a=[1, 3, 1, 3], b=[0, 0, 10, 10])
    assert encoded({"a": NUMERIC, "b": NUMERIC}, train, samples(a=[2, 5], b=[15, 5])) == [[0, 2], [3, 0]]


def test_a_missing_number_becomes_the_mean_and_is_told_where_training_had_one() -> None:
    train = samples(a=[1, 3, NAN], b=[4, 6, 5])
    result = encoded({"a": NUMERIC, "b": NUMERIC}, train, samples(a=[NAN, 3], b=[NAN, 5]))
    assert result == [[0, 0, 1], [1, 0, 0]]


@pytest.mark.parametrize("value", [0, 7, 0.1, 1e9, NAN])
def test_a_column_without_variance_is_harmless(value: float) -> None:
    result = np.array(encoded({"a": NUMERIC}, samples(a=[value] * 30), samples(a=[value, 8])))
    assert result[0, 0] == 0
    assert np.isfinite(result).all()
    assert np.abs(result).max() <= 1e9


@pytest.mark.parametrize(
    "column",
    [1.7e12 + np.arange(0, 400_000, 1000.0), 1e10 + np.arange(50.0), -1e12 + np.arange(40.0), np.arange(40) * 1e-9],
)
def test_numbers_that_are_close_together_for_their_size_are_normalized(column: Any) -> None:
    table = Samples({"a": column}, np.zeros(len(column)))
    result = TableEncoder.fit(Profile.of({"a": NUMERIC}, table).columns).encode(table)
    np.testing.assert_allclose(result[:, 0], (column - column.mean()) / column.std(), atol=1e-3)


def test_noise_of_rounding_is_not_blown_up() -> None:
    result = np.array(encoded({"a": NUMERIC}, samples(a=[0.3, 0.1 + 0.2, 0.3]), samples(a=[0.3, 1.3])))
    assert result.tolist() == [[0], [1]]


def test_categories_are_one_hot_with_a_place_for_the_unknown() -> None:
    train = samples(town=["b", "a", "b", ""])
    result = encoded({"town": CATEGORICAL}, train, samples(town=["a", "b", "c", ""]))
    assert result == [[0, 1, 0], [0, 0, 1], [1, 0, 0], [1, 0, 0]]


def test_a_column_of_missing_texts_alone() -> None:
    assert np.isfinite(encoded({"town": CATEGORICAL}, samples(town=["", ""]), samples(town=["", "a"]))).all()


def test_rare_texts_of_a_column_with_very_many_share_a_place() -> None:
    texts = [f"t{index:04}" for index in range(MAX_CATEGORIES + 50)]
    train = samples(name=texts + texts[50:])
    encoder = TableEncoder.fit(Profile.of({"name": CATEGORICAL}, train).columns)
    assert encoder.shortened == {"name": MAX_CATEGORIES + 50}
    result = encoder.encode(train)
    assert result.shape[1] == MAX_CATEGORIES + 1
    assert (result[:50, 0] == 1).all()
    assert (result[50:, 0] == 0).all()


def test_many_rows_are_encoded_as_one_by_one() -> None:
    rng = np.random.default_rng(0)
    table = Samples({"a": rng.random(20_000), "b": rng.choice(["x", "y", ""], 20_000).astype(object)}, np.zeros(20_000))
    encoder = TableEncoder.fit(Profile.of({"a": NUMERIC, "b": CATEGORICAL}, table).columns)
    some = np.array([0, 8191, 8192, 19_999])
    np.testing.assert_array_equal(encoder.encode(table)[some], encoder.encode(table.take(some)))


def test_the_inference_model_loads_in_a_fresh_process_and_agrees(tmp_path: Path) -> None:
    columns = {"age": NUMERIC, "bill length (mm)": NUMERIC, "sex/größe": CATEGORICAL, "sex_größe": CATEGORICAL}
    rng = np.random.default_rng(0)
    table = Samples(
        {
            "age": np.where(rng.random(50) < 0.2, NAN, rng.normal(30, 10, 50)),
            "bill length (mm)": rng.normal(5, 1, 50),
            "sex/größe": rng.choice(["männlich", "weiblich", ""], 50).astype(object),
            "sex_größe": rng.choice(["S", "M"], 50).astype(object),
        },
        np.zeros(50),
    )
    encoder = TableEncoder.fit(Profile.of(columns, table).columns)
    features = encoder.encode(table)
    trained = keras.Sequential([keras.Input((features.shape[1],)), keras.layers.Dense(3, activation="softmax")])
    whole = inference_model(encoder, trained)
    whole.save(tmp_path / "inference.keras")
    arrays = {f"column:{encoder.input_names[name]}": values for name, values in table.x.items()}
    texts = {key: values.astype(str) if values.dtype == object else values for key, values in arrays.items()}
    np.savez(tmp_path / "rows.npz", **texts, expected=trained(features).numpy())
    program = textwrap.dedent("""
        import sys, numpy as np, keras, tensorflow as tf
        data = np.load(sys.argv[1] + "/rows.npz")
        model = keras.models.load_model(sys.argv[1] + "/inference.keras")
        rows = {key.removeprefix("column:"): data[key][:, None] for key in data if key != "expected"}
        rows = {name: tf.constant(v, tf.string if v.dtype.kind == "U" else tf.float32) for name, v in rows.items()}
        np.testing.assert_allclose(model.predict(rows, verbose=0), data["expected"], rtol=1e-5)
        np.testing.assert_allclose(model(rows), data["expected"], rtol=1e-5)
        print(sorted(tensor.name for tensor in model.inputs))
    """)
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "['age', 'bill length (mm)', 'sex_größe', 'sex_größe_']"


def test_a_text_beside_a_number() -> None:
    kinds = {"a": NUMERIC, "review": ColumnKind.TEXT}
    result = encoded(kinds, samples(a=[1, 3, 2], review=["good", "good good", "bad"]), samples(a=[2], review=["good"]))
    assert result == [[0, 0, 1, 0]]  # the number, then no word, good, bad


def test_a_column_may_be_called_as_anything_within(tmp_path: Path) -> None:
    names = [
        "cast",
        "sin",
        "concatenate",
        "string_lookup",
        "rescaling",
        "isnan",
        "encoder",
        "encoder_",
        "mine",
        "column_1",
    ]
    kinds = dict.fromkeys(names, NUMERIC) | {
        "string_lookup": CATEGORICAL,
        "sin": ColumnKind.DATE,
        "cast": ColumnKind.TEXT,
    }
    words = {"cast": ["a b", "b c", ""], "string_lookup": ["a", "b", "a"]}
    table = samples(**{name: words.get(name, [number, 7, NAN]) for number, name in enumerate(names)})
    encoder = TableEncoder.fit(Profile.of(kinds, table).columns)
    features = encoder.encode(table)
    vector = keras.Input((features.shape[1],))
    trained = keras.Model(vector, keras.layers.Dense(1)(vector), name="mine")
    inference_model(encoder, trained).save(tmp_path / "inference.keras")
    loaded = keras.saving.load_model(tmp_path / "inference.keras")
    assert sorted(tensor.name for tensor in loaded.inputs) == sorted(names)
    np.testing.assert_allclose(loaded(encoder.rows(table)), trained(features), rtol=1e-5)


def test_the_inference_model_keeps_large_numbers_apart(tmp_path: Path) -> None:
    table = samples(ms=[1.7e12, 1.7e12 + 1000, 1.7e12 + 2000])
    encoder = TableEncoder.fit(Profile.of({"ms": NUMERIC}, table).columns)
    trained = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")])
    inference_model(encoder, trained).save(tmp_path / "inference.keras")
    loaded = keras.saving.load_model(tmp_path / "inference.keras")
    np.testing.assert_allclose(loaded(encoder.rows(table))[:, 0], [-1.2247, 0, 1.2247], atol=1e-3)


def test_the_encoding_stays_float32_under_another_precision() -> None:
    table = samples(a=[1, 3, NAN], town=["a", "b", "a"])
    columns = {"a": NUMERIC, "town": CATEGORICAL}
    expected = TableEncoder.fit(Profile.of(columns, table).columns).encode(table)
    keras.config.set_dtype_policy("mixed_float16")
    try:
        result = TableEncoder.fit(Profile.of(columns, table).columns).encode(table)
    finally:
        keras.config.set_dtype_policy("float32")
    assert result.dtype == np.float32
    np.testing.assert_array_equal(result, expected)


def test_a_category_may_be_called_as_keras_calls_unknown_ones() -> None:
    train = samples(a=["[UNK]", "b", "[UNK]"])
    assert encoded({"a": CATEGORICAL}, train, samples(a=["[UNK]", "c"])) == [[0, 1, 0], [1, 0, 0]]
