"""A file is written whole, or left as it was."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from trainctl.files import replacing


def test_it_is_replaced_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "a.keras"
    path.write_text("old")
    with replacing(path) as aside:
        aside.write_text("new")
        assert (path.read_text(), aside.parent, aside.suffix) == ("old", tmp_path, ".keras")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("written", [True, False])
def test_a_failure_leaves_the_old_one(tmp_path: Path, written: bool) -> None:
    path = tmp_path / "a.keras"
    path.write_text("old")
    with suppress(KeyError), replacing(path) as aside:
        if written:
            aside.write_text("half")
        raise KeyError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
