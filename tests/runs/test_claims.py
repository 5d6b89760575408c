"""What runs wrote outside their directories, as the user's state folder remembers it."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from trainctl.runs.claims import claim, claims_of, place_of
from trainctl.user_folders import state_folder


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def test_a_claim_is_its_owners(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    assert claims_of(path, ["/a"]) == []
    claim(path, ["/a", "/b"])
    (found,) = claims_of(path, ["/b", "/c"])
    assert (found.owners, found.pid, found.began) == (("/a", "/b"), os.getpid(), True)
    assert claims_of(path, ["/c"]) == []
    path.touch()
    claim(path, ["/c"])
    assert [each.began for each in claims_of(path, ["/c"])] == [False]
    claim(path, ["/c"])
    assert len(claims_of(path, ["/a", "/c"])) == 2


def test_a_folder_may_be_reached_by_a_link_but_a_link_at_the_end_is_another_thing(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "real" / "x").symlink_to("y")
    claim(tmp_path / "link" / "y", ["/a"])
    assert claims_of(tmp_path / "real" / "y", ["/a"])
    assert not claims_of(tmp_path / "real" / "x", ["/a"])
    assert place_of(tmp_path / "link" / "x") == tmp_path / "real" / "x"


def test_many_at_once_lose_nothing(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: claim(tmp_path / "x", [str(number)]), range(20)))
    assert all(claims_of(tmp_path / "x", [str(number)]) for number in range(20))


@pytest.mark.parametrize("text", ["", "[]", '{"path": "/x", "claims": []}', '{"claims": [{"owners": 1}]}'])
def test_a_record_that_cannot_be_read_gives_nothing(tmp_path: Path, text: str) -> None:
    claim(tmp_path / "x", ["/a"])
    (record,) = (state_folder() / "outputs").iterdir()
    assert json.loads(record.read_text())["path"] == str(tmp_path / "x")
    record.write_text(text)
    assert claims_of(tmp_path / "x", ["/a"]) == []


def test_a_state_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    claim(tmp_path / "x", ["/a"])
    assert claims_of(tmp_path / "x", ["/a"]) == []
