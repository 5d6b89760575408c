"""Published files of data sets, made up: put into Keras's cache, so that nothing is downloaded."""

from __future__ import annotations

import hashlib
import io
import pickle
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trainctl.components.context import DataContext
from trainctl.sources.reading.download import RemoteFile

CONTEXT = DataContext(emit=lambda event: None, patience=5)


def publish(monkeypatch: pytest.MonkeyPatch, module: Any, cache: Path, content: bytes) -> None:
    """Make `content` the published file of the module's data set, and put it into the cache."""
    file: RemoteFile = replace(
        module.FILE, sha256=hashlib.sha256(content).hexdigest(), url="http://127.0.0.1:9/never-asked"
    )
    monkeypatch.setattr(module, "FILE", file)
    (cache / file.name).write_bytes(content)


def npz(**arrays: Any) -> bytes:
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


def texts(*lengths: int) -> Any:
    array = np.empty(len(lengths), object)
    array[:] = [list(range(1, length + 1)) for length in lengths]
    return array


def archive(members: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, value in members.items():
            content = pickle.dumps(value)
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def photographs(labels: list[int], key: bytes = b"labels") -> dict[bytes, Any]:
    pixels = np.arange(len(labels) * 3072, dtype=np.uint8).reshape(len(labels), 3072)
    return {b"data": pixels, key: labels}
