"""The golden cases: folders with a broken experiment, and the exact words and exit code that a person gets for it.

A case holds `experiment.yaml` and what that needs; `command` says what is run on it, one argument a line (default:
`validate`), and `args` what follows the file's name. `expected.txt` is stderr and, as its last line, the exit code. A
case with a file `needs_tf` imports TensorFlow.
"""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

from typer.testing import CliRunner

from trainctl.cli.app import app

HERE = Path(__file__).parent
ENVIRONMENT = {"COLUMNS": "100", "NO_COLOR": "1", "TRAINCTL_GOLDEN_SECRET": "hunter2"}


def cases() -> list[Path]:
    """Every case's folder, in the order of their names."""
    return sorted(path for path in HERE.iterdir() if path.is_dir() and path.name != "__pycache__")


def needs_tf(case: Path) -> bool:
    """Whether the case imports TensorFlow."""
    return (case / "needs_tf").exists()


def outcome(case: Path, scratch: Path) -> str:
    """What the command prints on stderr for a copy of `case` in `scratch`, and its exit code."""
    shutil.copytree(case, scratch, dirs_exist_ok=True, ignore=shutil.ignore_patterns("expected.txt", "needs_tf"))
    arguments = [*_lines(case / "command", "validate"), "experiment.yaml", *_lines(case / "args")]
    with contextlib.chdir(scratch):
        result = CliRunner().invoke(app, arguments, env=ENVIRONMENT)
    return f"{result.stderr.replace(str(scratch), '<here>')}exit {result.exit_code}\n"


def _lines(file: Path, default: str = "") -> list[str]:
    text = file.read_text(encoding="utf-8") if file.exists() else default
    return text.splitlines()
