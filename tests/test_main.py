"""A signal while the program begins, before any run listens: told in one line, with the exit code that means it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

EARLY = """
import os, signal, sys

class Sender:
    def find_spec(self, name, *_):
        if name == "trainctl.cli.app":
            os.kill(os.getpid(), {number})

signal.signal(signal.SIGTERM, signal.{before})
sys.meta_path.insert(0, Sender())
sys.argv[1:] = ["--version"]
from trainctl.__main__ import main
main()
"""


@pytest.mark.parametrize(
    ("number", "before", "exit_code", "said"),
    [
        (signal.SIGINT, "SIG_DFL", 130, "interrupted\n"),
        (signal.SIGTERM, "SIG_DFL", 143, "terminated by SIGTERM\n"),
        (signal.SIGTERM, "SIG_IGN", 0, ""),
    ],
)
def test_a_signal_while_it_begins(number: int, before: str, exit_code: int, said: str) -> None:
    code = EARLY.format(number=int(number), before=before)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (exit_code, said)


CAUGHT = """
import sys
import trainctl.cli.app as cli

def app():
    try:
        exec("raise KeyboardInterrupt")
    except KeyboardInterrupt:
        sys.exit(130)

cli.app = app
from trainctl.__main__ import main
main()
"""


def test_an_interrupt_that_was_caught_decides_no_exit_code(tmp_path: Path) -> None:
    """Python would end a module by SIGINT that it was told of once, in code made from text."""
    (tmp_path / "caught.py").write_text(CAUGHT)
    done = subprocess.run([sys.executable, "-m", "caught"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 130, done.stderr
