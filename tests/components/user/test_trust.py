"""What this user has trusted: paths with the content that they had."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from trainctl.components.user import trust
from trainctl.user_folders import state_folder


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def a_file(folder: Path, name: str = "own.py", text: str = "x = 1\n") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text)
    return path


def test_nothing_is_trusted_at_first(tmp_path: Path) -> None:
    path = a_file(tmp_path)
    assert trust.trusted() == {}
    assert list(trust.distrusted([path])) == [(path, False)]
    assert not state_folder().exists()


def test_a_change_asks_again_and_the_old_content_does_not(tmp_path: Path) -> None:
    path = a_file(tmp_path)
    trust.remember([path])
    assert not list(trust.distrusted([path]))
    a_file(tmp_path, text="x = 2\n")
    assert list(trust.distrusted([path])) == [(path, True)]
    a_file(tmp_path)
    assert not list(trust.distrusted([path]))


def test_a_link_is_as_trusted_as_what_it_leads_to(tmp_path: Path) -> None:
    path, other = a_file(tmp_path), a_file(tmp_path, "other.py")
    link = tmp_path / "link.py"
    link.symlink_to(path)
    trust.remember([link])
    assert not list(trust.distrusted([path, link]))
    link.unlink()
    link.symlink_to(other)
    assert [file for file, _ in trust.distrusted([path, link])] == [link]


def test_a_folder_is_forgotten_with_all_in_it(tmp_path: Path) -> None:
    inside, beside = a_file(tmp_path / "a"), a_file(tmp_path / "ab")
    offered = a_file(tmp_path / "c")
    trust.remember([inside, beside])
    trust.trust(tmp_path / "a", [offered])
    removed = trust.forget(tmp_path / "a")
    assert {each.path for each in removed} == {str(inside), str(offered)}
    assert set(trust.trusted()) == {str(beside)}


def test_many_at_once_lose_nothing(tmp_path: Path) -> None:
    files = [a_file(tmp_path, f"{number}.py") for number in range(30)]
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda file: trust.trust(tmp_path, [file]), files))
    assert set(trust.trusted()) == set(map(str, files))


@pytest.mark.parametrize("mode", [0o666, 0o620, 0o602])
def test_a_store_that_others_can_write_does_not_count(tmp_path: Path, mode: int) -> None:
    trust.remember([a_file(tmp_path)])
    store = state_folder() / "trust.json"
    assert store.stat().st_mode & 0o077 in {0, 0o044}
    store.chmod(mode)
    assert trust.trusted() == {}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"files": 3}', '{"files": [{"path": "/x"}]}', "\x00"])
def test_a_store_that_cannot_be_read_trusts_nothing(tmp_path: Path, text: str) -> None:
    state_folder().mkdir(parents=True)
    store = state_folder() / "trust.json"
    store.write_text(text)
    store.chmod(0o600)
    assert trust.trusted() == {}


def test_a_state_folder_that_cannot_be_made_only_asks_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "state").write_text("in the way")
    path = a_file(tmp_path)
    trust.remember([path])
    assert list(trust.distrusted([path])) == [(path, False)]
    with pytest.raises(OSError, match="state"):
        trust.trust(tmp_path, [path])


def test_folders_of_the_environment_are_trusted_and_not_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, outside = a_file(tmp_path / "ci"), a_file(tmp_path / "ci-not")
    monkeypatch.setenv("TRAINCTL_TRUSTED_DIRS", os.pathsep.join(["", str(tmp_path / "ci")]))
    assert [file for file, _ in trust.distrusted([inside, outside])] == [outside]
    assert [file for file, _ in trust.distrusted([tmp_path / "ci" / ".." / "ci-not" / "own.py"])]
    assert not state_folder().exists()


def test_what_is_recorded_is_path_and_hash(tmp_path: Path) -> None:
    (entry,) = trust.trust(tmp_path, [a_file(tmp_path)])
    assert json.loads((state_folder() / "trust.json").read_text()) == {
        "schema": 1,
        "files": [{"path": str(tmp_path / "own.py"), "sha256": entry.sha256, "folder": str(tmp_path)}],
    }
