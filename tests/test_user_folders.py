"""Where the person's state and settings are."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainctl.user_folders import read_own, settings_folder, state_folder


@pytest.mark.parametrize(
    ("environ", "state", "settings"),
    [
        ({"HOME": "/h"}, "/h/.local/state/trainctl", "/h/.config/trainctl"),
        ({"HOME": "/h", "XDG_STATE_HOME": "/s", "XDG_CONFIG_HOME": "/c"}, "/s/trainctl", "/c/trainctl"),
        (
            {"HOME": "/h", "XDG_STATE_HOME": "s", "XDG_CONFIG_HOME": "."},
            "/h/.local/state/trainctl",
            "/h/.config/trainctl",
        ),
        (
            {"HOME": "/h", "XDG_STATE_HOME": "", "XDG_CONFIG_HOME": ""},
            "/h/.local/state/trainctl",
            "/h/.config/trainctl",
        ),
    ],
)
def test_the_folders(environ: dict[str, str], state: str, settings: str) -> None:
    assert (str(state_folder(environ)), str(settings_folder(environ))) == (state, settings)


@pytest.mark.parametrize("home", ["", ".", "here"])
def test_a_home_that_is_no_absolute_path_is_not_the_working_directory(home: str) -> None:
    assert state_folder({"HOME": home}).is_absolute()


def test_only_a_file_of_this_user_is_read(tmp_path: Path) -> None:
    path = tmp_path / "own"
    assert read_own(path) is None
    path.write_text("x")
    path.chmod(0o600)
    assert read_own(path) == b"x"
    path.chmod(0o622)
    assert read_own(path) is None
