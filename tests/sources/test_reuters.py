"""Reuters: 46 topics, a fifth of them to test on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from published import CONTEXT, npz, publish, texts

from trainctl.sources import reuters
from trainctl.sources.reading.download import DownloadError


def test_reuters_tests_on_a_fifth(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(monkeypatch, reuters, cache, npz(x=texts(*[3] * 10), y=np.arange(10)))
    data = reuters.Reuters(maxlen=4, num_words=None).load(CONTEXT)
    assert data.test is not None
    assert (len(data.train), len(data.test), len(data.class_names)) == (8, 2, 46)
    assert sorted([*data.train.y, *data.test.y]) == list(range(10))
    assert data.train.x[0].tolist() == [1, 4, 5, 6]


@pytest.mark.usefixtures("cache")
def test_without_a_network_it_is_a_download_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(reuters, "FILE", replace(reuters.FILE, url="http://127.0.0.1:9/file"))
    with pytest.raises(DownloadError, match="connection refused"):
        reuters.Reuters().load(CONTEXT)
