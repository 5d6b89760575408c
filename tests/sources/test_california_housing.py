"""CaliforniaHousing: eight numbers a district, and its price."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from published import CONTEXT, npz, publish

from trainctl.sources import california_housing
from trainctl.sources.reading.download import DownloadError


def test_california_housing(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(monkeypatch, california_housing, cache, npz(x=np.ones((4, 8)), y=np.arange(4.0)))
    data = california_housing.CaliforniaHousing().load(CONTEXT)
    assert data.train.y.dtype == np.float32
    assert (data.train.x.dtype, data.train.y.dtype, data.train.x.shape) == (np.float32, np.float32, (4, 8))


@pytest.mark.usefixtures("cache")
def test_without_a_network_it_is_a_download_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(california_housing, "FILE", replace(california_housing.FILE, url="http://127.0.0.1:9/file"))
    with pytest.raises(DownloadError, match="connection refused"):
        california_housing.CaliforniaHousing().load(CONTEXT)
