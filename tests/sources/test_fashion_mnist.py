"""FashionMNIST: four published files, and what stands in for them."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest
from published import CONTEXT

from trainctl.sources import fashion_mnist
from trainctl.sources.digits import Digits


def test_fashion_mnist_and_what_stands_in(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hashes = {}
    for name in fashion_mnist.HASHES:
        count = 6 if name.startswith("train") else 2
        values = np.arange(count * 784, dtype=np.uint8) if "images" in name else np.arange(count, dtype=np.uint8)
        content = gzip.compress(bytes(16 if "images" in name else 8) + values.tobytes())
        (cache / "fashion-mnist" / name).write_bytes(content)
        hashes[name] = hashlib.md5(content).hexdigest()
    monkeypatch.setattr(fashion_mnist, "HASHES", hashes)
    data = fashion_mnist.FashionMNIST().load(CONTEXT)
    assert data.test is not None
    assert (data.train.x.shape, data.test.x.shape, data.train.x.dtype) == ((6, 28, 28, 1), (2, 28, 28, 1), np.uint8)
    assert data.train.y.tolist() == list(range(6))
    assert data.class_names[9] == "Ankle boot"
    assert fashion_mnist.FashionMNIST().stand_in(Digits().load(CONTEXT)).train.x.shape == (1541, 28, 28, 1)
