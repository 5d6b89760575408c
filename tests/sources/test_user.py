"""The user's data sources: whatever a function may return becomes samples, and what it does wrong is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from deciding import decided
from pydantic import ValidationError
from workplace import Workplace

import trainctl
from trainctl.components.context import DataContext
from trainctl.components.dataset import Dataset
from trainctl.components.spec import SOURCES
from trainctl.errors import ConfigError, DataError

X, Y = np.arange(12.0).reshape(6, 2), np.arange(6) % 2


@pytest.fixture
def load() -> Callable[..., Dataset]:
    """Register a function that returns `returned`, and load it."""

    def register(returned: Any, **arguments: Any) -> Dataset:
        @trainctl.data_source
        def my_data(samples: int = 3) -> Any:
            return returned(samples) if callable(returned) else returned

        spec = SOURCES.get("MyData")
        assert spec is not None
        return spec.model_validate(arguments).load(DataContext(emit=print))

    return register


def pairs(count: int) -> Iterator[Any]:
    yield from zip(X[:count], Y[:count], strict=True)


def test_arrays_and_a_test_part(load: Callable[..., Dataset]) -> None:
    data = load(((X, Y), (X[:2], Y[:2])))
    assert data.train.y.dtype == np.int64
    assert data.test is not None
    assert (len(data.train), len(data.test)) == (6, 2)


def test_a_generator_and_its_arguments(load: Callable[..., Dataset]) -> None:
    data = load(pairs, samples=4)
    np.testing.assert_array_equal(data.train.x, X[:4])
    assert data.train.y.tolist() == [0, 1, 0, 1]


def test_bytes_that_are_no_text_are_told(load: Callable[..., Dataset]) -> None:
    with pytest.raises(DataError, match="the data source: bytes that are not UTF-8 text"):
        load((np.array([b"\xff", b"a"]), Y[:2]))


def test_arguments_are_checked(load: Callable[..., Dataset]) -> None:
    with pytest.raises(ValidationError):
        load(pairs, samples="many")


def test_text_and_mappings(load: Callable[..., Dataset]) -> None:
    data = decided(load(({"text": ["ja", "nein"], "n": [1, 2]}, {"a": ["x", "y"], "b": [0.5, 1.5]})))
    assert data.train.x["text"].dtype == object
    assert (data.train.y["a"].tolist(), data.train.y["b"].dtype) == ([0, 1], np.float32)


WEIGHTS = np.arange(6) / 2


@pytest.mark.parametrize("returned", [(X, Y, WEIGHTS), list(zip(X, Y, WEIGHTS, strict=True))])
def test_weights(load: Callable[..., Dataset], returned: Any) -> None:
    train = load(returned).train
    assert train.weight.dtype == np.float32
    assert train.weight.tolist() == WEIGHTS.tolist()
    assert train.y.tolist() == Y.tolist()


@pytest.mark.tf
def test_a_pydataset(load: Callable[..., Dataset]) -> None:
    import keras

    class Batches(keras.utils.PyDataset):
        def __len__(self) -> int:
            return 3

        def __getitem__(self, index: int) -> Any:
            return tuple(each[2 * index : 2 * index + 2] for each in (X, Y, WEIGHTS))

    train = load(lambda _: Batches()).train
    np.testing.assert_array_equal(train.x, X)
    assert train.weight.tolist() == WEIGHTS.tolist()


@pytest.mark.tf
def test_a_tf_data_pipeline(load: Callable[..., Dataset]) -> None:
    import tensorflow as tf

    pipeline = tf.data.Dataset.from_tensor_slices((X, Y, WEIGHTS))
    train = load(lambda _: pipeline.batch(4)).train
    np.testing.assert_array_equal(train.x, X)
    assert train.weight.tolist() == WEIGHTS.tolist()


@pytest.mark.tf
def test_a_pipeline_that_is_not_batched(load: Callable[..., Dataset]) -> None:
    import tensorflow as tf

    with pytest.raises(DataError, match="yields single samples, expected batches"):
        load(lambda _: tf.data.Dataset.from_tensor_slices((X, Y)))


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        ((X, Y, Y, Y), "returned a tuple of 4"),
        (X, r"returned one array \(6, 2\); the labels are missing"),
        (lambda _: None, "returned None; add a return or a yield"),
        ((X[:0], Y[:0]), "returned 0 inputs and 0 labels"),
        ([(X[0], 0), (X[0, :1], 1)], r"sample 1 has shape \(1,\), earlier ones have \(2,\)"),
        ([({"a": 1, "b": 2}, 0), ({"a": 1}, 1)], "sample 1 has 'a', earlier ones have 'a' and 'b'"),
        ([(X[0], 0, 1.0), (X[0], 0)], "a weight with some samples but not with others"),
        ((X, Y, np.array([1, 1, -1, 1, 1, 1])), r"MyData: weight\[2\] is -1"),
        ((X, Y, np.ones(2)), r"float64 of shape \(2,\) as weights of 6 samples"),
        ((X, np.array([0.5, np.nan, 1, 1, 1, 1])), r"MyData: y\[1\] is nan \(1 in all\)"),
        ((X + 1j, Y), "MyData: x holds complex128"),
        ((X, Y[:3]), "returned 6 inputs and 3 labels"),
        ([], "returned no samples"),
        ([1, 2], "yielded a int at 0, expected a pair"),
        (lambda _: 1 / 0, "MyData failed: ZeroDivisionError"),
    ],
)
def test_what_is_wrong_is_told(load: Callable[..., Dataset], returned: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        load(returned)


def test_a_name_that_is_taken(load: Callable[..., Dataset]) -> None:
    load((X, Y))
    with pytest.raises(ConfigError, match="'MyData' already exists"):
        load((X, Y))
    with pytest.raises(ConfigError, match="'MNIST' already exists"):
        trainctl.data_source(name="MNIST")(pairs)


MODULE = """
import numpy as np
import trainctl

@trainctl.data_source
def two_rows(samples: int = 10, factor: float = 1.0):
    \"\"\"Points in two rows.

    Args:
        samples: How many points.
        factor: How far apart.
    \"\"\"
    y = np.arange(samples) % 2
    return np.stack([y * factor, np.arange(samples)], axis=1), y
"""


@pytest.mark.tf
def test_a_run_with_a_source_of_ones_own(workplace: Workplace) -> None:
    (workplace.folder / "rows.py").write_text(MODULE)
    run = workplace.train(
        "--import",
        "rows.py",
        data={"source": {"TwoRows": {"samples": 40, "factor": 2}}, "validation_split": 0.25, "batch_size": 8},
    )
    assert run.record["data"]["source"] == "TwoRows"
    assert run.record["data"]["train_samples"] == 30
    assert run.record["data"]["details"]["labels"] == {"y": {"classes": {"0": 15, "1": 15}}}


@pytest.mark.parametrize("returned", [([[1, 2, 3], [4]], [0, 1]), [([1, 2, 3], 0), ([4], 1)]])
def test_sequences_of_different_lengths(load: Callable[..., Dataset], returned: Any) -> None:
    data = load(returned)
    assert data.train.x.shape == (2, None)
    assert data.train.x[np.arange(2)].tolist() == [[1, 2, 3], [4, 0, 0]]


def test_labels_of_different_lengths(load: Callable[..., Dataset]) -> None:
    with pytest.raises(DataError, match="returned labels of different lengths"):
        load(([[1, 2, 3], [4]], [[0, 1], [1]]))
