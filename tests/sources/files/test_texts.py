"""Text files are read as in training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from trainctl.errors import DataError
from trainctl.sources.files import texts
from trainctl.sources.files.texts import examine_texts, read_texts, texts_of


def test_texts(tmp_path: Path) -> None:
    for name, content in (("a.txt", b"\xef\xbb\xbfgood"), ("b.txt", "schön".encode())):
        (tmp_path / name).write_bytes(content)
    assert read_texts([tmp_path / "a.txt", tmp_path / "b.txt"], "utf-8").tolist() == ["good", "schön"]
    (tmp_path / "b.txt").write_bytes("schön".encode("latin-1"))
    with pytest.raises(DataError, match=r"b.txt is not UTF-8 text"):
        read_texts([tmp_path / "b.txt"], "utf-8")


def test_large_folders_are_read_on_demand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [tmp_path / "a.txt", tmp_path / "b.txt"]
    for file, content in zip(files, ("good", "bad\n"), strict=True):
        file.write_text(content)
    assert isinstance(texts_of(files, "utf-8"), np.ndarray)
    monkeypatch.setattr(texts, "IN_MEMORY", 3)
    rows = texts_of(files, "utf-8")
    assert (rows.shape, rows[np.array([1])].tolist()) == ((2,), ["bad\n"])
    files[1].write_text("longer")
    assert rows.lengths(np.array([1, 0])).tolist() == [6, 4]
    files[1].write_bytes(b"\xff\xff")
    assert examine_texts(files, "utf-8").unreadable == {files[1]: "is not UTF-8 text"}
    files[1].write_text(" ")
    assert examine_texts(files, "utf-8").notes == ("1 text is empty",)
