"""What answers in a fraction of a second imports none of the libraries that take seconds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from trainctl.runs.directory import write_json

HEAVY = ("tensorflow", "keras", "numpy", "sklearn", "scipy", "matplotlib", "pyarrow", "h5py", "tensorboard")
MAIN = f"""
import atexit, json, sys
atexit.register(lambda: print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]), file=sys.stderr))
from trainctl.__main__ import main
main()
"""
MNIST = str(Path(__file__).parents[2] / "configs" / "mnist.yaml")


def heavy_imports(arguments: list[str], directory: Path) -> tuple[int, list[str]]:
    """The exit code of `trainctl ARGUMENTS`, run in `directory`, and the heavy modules it ended with."""
    done = subprocess.run([sys.executable, "-c", MAIN, *arguments], cwd=directory, capture_output=True, text=True)
    return done.returncode, json.loads(done.stderr.splitlines()[-1])


@pytest.mark.parametrize(
    ("arguments", "exit_code"),
    [
        (["--help"], 0),
        (["--version"], 0),
        (["run", "--help"], 0),
        (["validate", MNIST], 0),
        (["validate", MNIST, "--set", "callbacks.EarlyStopping.patince=3"], 3),
        (["explain", MNIST, "fit.epochs"], 0),
        (["list"], 0),
        (["list", "layers"], 0),
        (["list", "sources"], 0),
        (["describe", "EarlyStopping"], 0),
        (["describe", "Dense"], 0),
        (["runs"], 0),
        (["runs", "show", "latest"], 0),
        (["run", MNIST, "--set", "fit.epochs=0"], 3),
    ],
    ids=lambda value: " ".join(value[:2]).replace(MNIST, "mnist.yaml") if isinstance(value, list) else None,
)
def test_light(arguments: list[str], exit_code: int, tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "mnist" / "20260101-000000-abcdef"
    folder.mkdir(parents=True)
    write_json(folder / "run.json", {"run_id": folder.name, "status": "done", "exit_code": 0})
    assert heavy_imports(arguments, tmp_path) == (exit_code, [])


def test_data_is_described_without_tensorflow(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("x,y\n1,0\n2,1\n3,0\n4,1\n5,0\n")
    code, heavy = heavy_imports(["data", "t.csv", "--label", "y"], tmp_path)
    assert code == 0
    assert not {"tensorflow", "keras", "tensorboard", "matplotlib", "sklearn"} & set(heavy)
