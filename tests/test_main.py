"""A signal while the program begins, before any run listens: told in one line, with the exit code that means it."""

from __future__ import annotations

import signal
import subprocess
import sys

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
