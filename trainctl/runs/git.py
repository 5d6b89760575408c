"""The git commit of the working directory, found without running what a stranger's repository asks for.

`git status` runs programs that the repository's own configuration names: a file system monitor, hooks, filters, and
the transport of a partial clone.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping
from typing import Any

_TIMEOUT = 5
_HARMLESS = {"core.fsmonitor": "false", "core.hooksPath": os.devnull}
_ENVIRONMENT = {
    "GIT_OPTIONAL_LOCKS": "0",  # the index is not written, which would run a hook
    "GIT_ALLOW_PROTOCOL": "none",  # a partial clone fetches what it lacks, by a command of its choice
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
}
_OWN_SCOPES = ("local", "worktree")


def git_state() -> dict[str, Any] | None:
    """Return the commit of the working directory, and whether there are changes on top of it; `None` without one."""
    try:
        commit = _git(["rev-parse", "HEAD"], _HARMLESS)
        if commit is None:
            return None
        settings = {**_HARMLESS, **_without_filters()}
        status = _git(["status", "--porcelain", "--untracked-files=no", "--ignore-submodules=all"], settings)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return {"commit": commit.strip(), "dirty": bool(status and status.strip())}


def _without_filters() -> dict[str, str]:
    """Settings that turn off each filter that the repository itself configures; the user's own, as for LFS, stay."""
    found = _git(["config", "--null", "--show-scope", "--name-only", "--get-regexp", r"^filter\."], _HARMLESS) or ""
    fields = found.split("\0")
    own = [name for scope, name in zip(fields[::2], fields[1::2], strict=False) if scope in _OWN_SCOPES]
    return {name: "false" if name.endswith(".required") else "" for name in own}


def _git(arguments: Iterable[str], settings: Mapping[str, str]) -> str | None:
    """Return the output of a git command under `settings`, which go before the repository's own; `None` if it fails."""
    numbered = {"GIT_CONFIG_COUNT": str(len(settings))}
    for index, (key, value) in enumerate(settings.items()):
        numbered |= {f"GIT_CONFIG_KEY_{index}": key, f"GIT_CONFIG_VALUE_{index}": value}
    done = subprocess.run(
        ["git", *arguments],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        stdin=subprocess.DEVNULL,
        timeout=_TIMEOUT,
        check=False,
        env={**os.environ, **_ENVIRONMENT, **numbered},
    )
    return done.stdout if done.returncode == 0 else None
