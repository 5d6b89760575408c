"""TextFolder: texts as they are, in any encoding that is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from trainctl.components.context import DataContext
from trainctl.errors import DataError
from trainctl.sources.text_folder import TextFolder

CONTEXT = DataContext(emit=print)


def text(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def test_texts_come_as_they_are(tmp_path: Path) -> None:
    text(tmp_path / "pos" / "1.txt", "schön\n")
    text(tmp_path / "neg" / "1.txt", "naja")
    data = TextFolder(path=str(tmp_path)).load(CONTEXT)
    assert (data.train.x.tolist(), data.train.x.dtype) == (["naja", "schön\n"], object)
    assert (data.train.y.tolist(), data.class_names) == ([0, 1], ("neg", "pos"))
    (tmp_path / "pos" / "2.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(DataError, match=r"2\.txt is not UTF-8 text"):
        TextFolder(path=str(tmp_path)).load(CONTEXT)


def test_texts_in_another_encoding(tmp_path: Path) -> None:
    (tmp_path / "pos").mkdir()
    (tmp_path / "pos" / "1.txt").write_text("schön", encoding="latin-1")
    with pytest.raises(DataError, match=r"1\.txt is not UTF-8 text") as caught:
        TextFolder(path=str(tmp_path)).load(CONTEXT)
    assert "encoding: latin-1" in str(caught.value.hint)
    spec = TextFolder.model_validate({"path": str(tmp_path), "encoding": "latin-1"})
    assert spec.load(CONTEXT).train.x.tolist() == ["schön"]
    with pytest.raises(ValidationError, match="unknown encoding 'latin-99'"):
        TextFolder.model_validate({"path": str(tmp_path), "encoding": "latin-99"})
