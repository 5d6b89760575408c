"""CIFAR10: small photographs of ten classes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from published import CONTEXT, archive, photographs, publish

from trainctl.sources import cifar10
from trainctl.sources.reading.download import DownloadError


def test_cifar10(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = "cifar-10-batches-py"
    members = {
        f"{folder}/batches.meta": {b"label_names": [b"airplane", b"cat"]},
        f"{folder}/test_batch": photographs([1]),
    }
    members |= {f"{folder}/data_batch_{number}": photographs([0, 1]) for number in range(1, 6)}
    publish(monkeypatch, cifar10, cache, archive(members))
    data = cifar10.CIFAR10().load(CONTEXT)
    assert data.test is not None
    assert (data.train.x.shape, data.test.y.tolist(), data.class_names) == ((10, 32, 32, 3), [1], ("airplane", "cat"))
    assert data.train.x[0, 0, 1].tolist() == [
        1,
        (1024 + 1) % 256,
        (2048 + 1) % 256,
    ]  # stored one color after the other


@pytest.mark.usefixtures("cache")
def test_without_a_network_it_is_a_download_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(cifar10, "FILE", replace(cifar10.FILE, url="http://127.0.0.1:9/file"))
    with pytest.raises(DownloadError, match="connection refused"):
        cifar10.CIFAR10().load(CONTEXT)
