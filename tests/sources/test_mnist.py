"""MNIST: its file, and what stands in for it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from trainctl.components.context import DataContext
from trainctl.components.dataset import ColumnKind, Dataset, Samples
from trainctl.errors import DataError
from trainctl.sources import mnist
from trainctl.sources.digits import Digits
from trainctl.sources.reading.download import DownloadError

if TYPE_CHECKING:
    from pathlib import Path

CONTEXT = DataContext(emit=lambda event: None, patience=5)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "datasets").mkdir()
    return tmp_path / "datasets"


def test_the_cached_file_is_read(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images = np.arange(2 * 28 * 28, dtype=np.uint8).reshape(2, 28, 28)
    np.savez(cache / "mnist.npz", x_train=images, y_train=np.uint8([3, 4]), x_test=images[:1], y_test=np.uint8([5]))
    digest = hashlib.sha256((cache / "mnist.npz").read_bytes()).hexdigest()
    monkeypatch.setattr(mnist, "FILE", replace(mnist.FILE, sha256=digest, url="http://127.0.0.1:9/never-asked"))

    data = mnist.MNIST().load(CONTEXT)

    assert data.train.x.shape == (2, 28, 28, 1)
    assert data.train.x.dtype == np.uint8
    assert data.train.y.tolist() == [3, 4]
    assert data.train.y.dtype == np.int64
    assert data.test is not None
    assert data.test.y.tolist() == [5]
    assert data.class_names[7] == "7"


@pytest.mark.usefixtures("cache")
def test_without_a_network_it_is_a_download_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(mnist, "FILE", replace(mnist.FILE, url="http://127.0.0.1:9/mnist.npz"))
    with pytest.raises(DownloadError, match="connection refused"):
        mnist.MNIST().load(CONTEXT)


def test_digits_stand_in_with_the_same_shape_and_range() -> None:
    digits = Digits().load(CONTEXT)
    data = mnist.MNIST().stand_in(digits)

    assert data.test is not None
    assert (len(data.train), len(data.test)) == (1541, 256)
    for part in (data.train, data.test):
        assert part.x.shape[1:] == (28, 28, 1)
        assert part.x.dtype == np.uint8
        assert (part.x.min(), part.x.max()) == (0, 255)
        assert set(part.y.tolist()) == set(range(10))
    small = digits.train.x[0, :, :, 0]
    large = data.train.x[0, :, :, 0].astype(float)
    centres = np.rint((np.arange(8) + 0.5) * 3.5 - 0.5).astype(int)
    assert np.corrcoef(large[centres][:, centres].ravel(), small.ravel())[0, 1] > 0.95


@pytest.mark.parametrize("shape", [(28, 28, 1), (28, 28), (32, 32, 1), (56, 14, 1), (1, 1, 1), (5, 9)])
def test_any_size_of_grey_image_can_stand_in(shape: tuple[int, ...]) -> None:
    images = np.full((8, *shape), 200, np.uint8)
    data = mnist.MNIST().stand_in(Dataset(Samples(images, np.arange(8))))
    assert data.train.x.shape == (7, 28, 28, 1)
    assert data.train.x.max() == 200  # uint8 keeps its range
    assert data.train.x[:, 14, 14].min() == 200


def test_images_of_the_right_size_are_left_as_they_are() -> None:
    images = np.random.default_rng(0).integers(0, 256, (7, 28, 28, 1), np.uint8)
    own_test = Samples(images[:2], np.arange(2))
    data = mnist.MNIST().stand_in(Dataset(Samples(images, np.arange(7)), test=own_test))
    np.testing.assert_array_equal(data.train.x, images)
    assert data.test is not None
    np.testing.assert_array_equal(data.test.x, images[:2])


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (
            Dataset(Samples(np.zeros((3, 32, 32, 3)), np.arange(3))),
            r"not arrays of shape \(32, 32, 3\)",
        ),
        (Dataset(Samples(np.zeros((3, 4)), np.arange(3))), r"not arrays of shape \(4,\)"),
        (
            Dataset(Samples({"a": np.zeros(3)}, np.arange(3)), columns={"a": ColumnKind.NUMERIC}),
            "not a table",
        ),
        (Dataset(Samples(np.zeros((3, 8, 8, 1)), np.arange(3) + 8)), "at most 10 classes"),
        (Dataset(Samples(np.zeros((3, 8, 8, 1)), np.ones(3))), "at most 10 classes"),
    ],
)
def test_what_cannot_stand_in(other: Dataset, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        mnist.MNIST().stand_in(other)
    assert "offline" in str(caught.value.hint)
