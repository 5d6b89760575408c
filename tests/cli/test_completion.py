"""`trainctl completion`: the scripts, in the shells themselves, at a terminal of their own."""

from __future__ import annotations

import os
import pty
import shlex
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from workplace import Workplace

HOSTILE = "x$(touch pwned)`touch pwned`;touch 'pwned"
RUN = "20260101-120000-a1b2c3"

SHELLS = {
    # How it starts; then, for a key, how it writes what stands on its line.
    "bash": (
        ["bash", "--norc", "--noprofile", "-i"],
        """bind -x '"\\C-o": printf "%s" "$READLINE_LINE" > line; mv line shown'""",
    ),
    "zsh": (
        ["zsh", "-f", "-i"],
        'autoload -U compinit; compinit -u -D; show() { print -rn -- "$BUFFER" > line; mv line shown }; zle -N show; '
        "bindkey '^O' show",
    ),
    "fish": (["fish", "--no-config", "-i"], "bind \\co 'commandline > line; mv line shown'"),
}
SOURCES = {
    "bash": 'eval "$(trainctl completion bash)"',
    "zsh": 'eval "$(trainctl completion zsh)"',
    "fish": "trainctl completion fish | source",
}

AT_ITS_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execvp(sys.argv[1], sys.argv[1:])"
)
"""Makes its terminal the one that controls it, without which fish does not start."""


class Terminal:
    """A shell at a terminal, in a folder, with `trainctl` on its search path."""

    def __init__(self, shell: str, folder: Path) -> None:
        program, show = SHELLS[shell]
        (folder / "bin").mkdir()
        (folder / "bin" / "trainctl").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m trainctl "$@"\n')
        (folder / "bin" / "trainctl").chmod(0o755)
        self._shown, self._ready = folder / "shown", folder / "ready"
        self._terminal, inner = pty.openpty()
        environ = {
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "HOME": str(folder),
            "TERM": "dumb",
            "LC_ALL": "C.UTF-8",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-c", AT_ITS_TERMINAL, *program],
            cwd=folder,
            env=environ,
            stdin=inner,
            stdout=inner,
            stderr=inner,
            start_new_session=True,
        )
        os.close(inner)
        self._type(f"{show}\n{SOURCES[shell]}\ntouch ready\n")
        self._wait(self._ready)

    def complete(self, typed: str) -> str:
        """What stands on the line after the Tab key."""
        self._type(f"\x15{typed}\t\x0f")  # the last key is read when the shell has done with the Tab key
        self._wait(self._shown)
        line = self._shown.read_text(encoding="utf-8").rstrip("\n")
        self._shown.unlink()
        return line

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._terminal)

    def _type(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def _wait(self, file: Path) -> None:
        os.set_blocking(self._terminal, False)
        for _ in range(600):
            with suppress(OSError):
                os.read(self._terminal, 65536)  # what nobody reads would stop the shell
            if file.exists():
                return
            time.sleep(0.05)
        pytest.fail(f"the shell made no {file.name}")


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_in_the_shell(shell: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    (tmp_path / "mnist.yaml").write_text("fit: {epochs: 3}\n")
    for name in ("mnist", HOSTILE, "my run"):
        (tmp_path / "runs" / name / RUN).mkdir(parents=True)
        (tmp_path / "runs" / name / RUN / "run.json").touch()
    terminal = Terminal(shell, tmp_path)
    try:
        assert terminal.complete("trainctl vali") == "trainctl validate "
        assert terminal.complete("trainctl run --dry") == "trainctl run --dry-run "
        assert terminal.complete("trainctl describe EarlySt") == "trainctl describe EarlyStopping "
        assert terminal.complete("trainctl run mni") == "trainctl run mnist.yaml "
        assert terminal.complete("trainctl run mnist.yaml --set fit.epo") == "trainctl run mnist.yaml --set fit.epochs="
        assert terminal.complete("trainctl runs show lat") == "trainctl runs show latest "
        assert terminal.complete("trainctl predict latest run") == "trainctl predict latest runs/"
        assert shlex.split(terminal.complete("trainctl evaluate my")) == ["trainctl", "evaluate", "my run"]
        assert shlex.split(terminal.complete("trainctl evaluate x")) == ["trainctl", "evaluate", HOSTILE]
    finally:
        terminal.close()
    assert not (tmp_path / "pwned").exists()


def test_only_the_script_is_on_stdout(workplace: Workplace) -> None:
    ended = workplace.call("completion", "bash")
    assert (ended.exit_code, ended.stderr) == (0, "")
    assert "complete -F _trainctl trainctl" in ended.stdout
    assert workplace.call("completion", "tcsh").exit_code == 2
