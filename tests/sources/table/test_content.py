"""The bytes of a file from any place on, compressed or not."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from trainctl.errors import DataError
from trainctl.sources.table import content
from trainctl.sources.table.content import Content

TEXT = b"a,b\n1,2\n3,4\n"


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz"])
def test_any_place(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "_PIECE", 5)
    (tmp_path / name).write_bytes(gzip.compress(TEXT) if name.endswith("gz") else TEXT)
    found = Content(tmp_path / name)
    assert (found.read(4, 3), found.read(8, 99), found.read(50, 1)) == (b"1,2", b"3,4\n", b"")
    assert [found.after(lines) for lines in (0, 1, 2, 9)] == [0, 4, 8, 12]


def test_what_is_not_what_its_name_says(tmp_path: Path) -> None:
    (tmp_path / "t.csv.gz").write_bytes(TEXT)
    with pytest.raises(DataError, match=r"t\.csv\.gz cannot be unpacked"):
        Content(tmp_path / "t.csv.gz")
