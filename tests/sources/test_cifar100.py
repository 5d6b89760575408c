"""CIFAR100: small photographs with two kinds of labels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from published import CONTEXT, archive, photographs, publish

from trainctl.sources import cifar100
from trainctl.sources.reading.download import DownloadError


def test_cifar100_has_two_kinds_of_labels(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = {**photographs([5, 7], b"fine_labels"), b"coarse_labels": [1, 0]}
    meta = {b"fine_label_names": [b"apple"], b"coarse_label_names": [b"fruit", b"fish"]}
    folder = "cifar-100-python"
    publish(
        monkeypatch,
        cifar100,
        cache,
        archive({f"{folder}/train": batch, f"{folder}/test": batch, f"{folder}/meta": meta}),
    )
    assert cifar100.CIFAR100().load(CONTEXT).train.y.tolist() == [5, 7]
    coarse = cifar100.CIFAR100(label_mode="coarse").load(CONTEXT)
    assert (coarse.train.y.tolist(), coarse.class_names) == ([1, 0], ("fruit", "fish"))


@pytest.mark.usefixtures("cache")
def test_without_a_network_it_is_a_download_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(cifar100, "FILE", replace(cifar100.FILE, url="http://127.0.0.1:9/file"))
    with pytest.raises(DownloadError, match="connection refused"):
        cifar100.CIFAR100().load(CONTEXT)
