"""console.log gets what others print, also past `sys.stdout`; we keep the real streams."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from trainctl.runs.console import captured


def test_others_go_to_the_log_and_we_to_the_screen(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "console.log"
    with captured(log) as streams:
        print("from Python", flush=True)
        os.write(2, b"from C\n")
        subprocess.run([sys.executable, "-c", "print('from a child')"], check=True)
        print("on stdout", file=streams.stdout)
        print("on stderr", file=streams.stderr)
    print("afterwards")
    assert "from C\nfrom a child\n" in log.read_text()
    out, err = capfd.readouterr()
    assert out.endswith("on stdout\nafterwards\n")
    assert err == "on stderr\n"


def test_nothing_is_kept_without_a_log(capfd: pytest.CaptureFixture[str]) -> None:
    with captured(None):
        os.write(1, b"noise")
        os.write(2, b"noise")
    assert capfd.readouterr() == ("", "")


def test_the_streams_come_back_after_an_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    before = os.dup(0)
    os.close(before)
    with pytest.raises(RuntimeError, match="boom"), captured(tmp_path / "log"):
        raise RuntimeError("boom")
    os.write(1, b"back")
    assert capfd.readouterr().out == "back"
    after = os.dup(0)
    os.close(after)
    assert after == before, "a file descriptor was left open"


def test_the_log_is_appended_to(tmp_path: Path) -> None:
    log = tmp_path / "console.log"
    for word in (b"one ", b"two"):
        with captured(log):
            os.write(1, word)
    assert log.read_text() == "one two"
