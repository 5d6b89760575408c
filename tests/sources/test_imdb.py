"""IMDB: word numbers of one length, from the published file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from published import CONTEXT, npz, publish, texts

from trainctl.sources import imdb
from trainctl.sources.reading.download import DownloadError


def test_imdb(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = np.array([0, 1, 1])
    publish(monkeypatch, imdb, cache, npz(x_train=texts(2, 5, 30), y_train=labels, x_test=texts(1), y_test=labels[:1]))
    data = imdb.IMDB(maxlen=8, num_words=9).load(CONTEXT)
    assert data.class_names == ("negative", "positive")
    assert (data.train.x.shape, data.train.x.dtype, data.train.y.dtype) == ((3, 8), np.int32, np.int64)
    rows = {tuple(row) for row in data.train.x.tolist()}
    assert rows == {(0, 0, 0, 0, 0, 1, 4, 5), (0, 0, 1, 4, 5, 6, 7, 8), (2,) * 8}
    assert data.test is not None
    assert data.test.x.tolist() == [[0, 0, 0, 0, 0, 0, 1, 4]]


@pytest.mark.usefixtures("cache")
def test_without_a_network_it_is_a_download_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(imdb, "FILE", replace(imdb.FILE, url="http://127.0.0.1:9/file"))
    with pytest.raises(DownloadError, match="connection refused"):
        imdb.IMDB().load(CONTEXT)
