"""Text files are read as in training."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainctl.errors import DataError
from trainctl.sources.files.texts import read_texts


def test_texts(tmp_path: Path) -> None:
    for name, content in (("a.txt", b"\xef\xbb\xbfgood"), ("b.txt", "schön".encode())):
        (tmp_path / name).write_bytes(content)
    assert read_texts([tmp_path / "a.txt", tmp_path / "b.txt"], "utf-8").tolist() == ["good", "schön"]
    (tmp_path / "b.txt").write_bytes("schön".encode("latin-1"))
    with pytest.raises(DataError, match=r"b.txt is not UTF-8 text"):
        read_texts([tmp_path / "b.txt"], "utf-8")
