"""`import trainctl`: what it offers, and what it does not import."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import trainctl
from trainctl import errors


def test_no_public_name_is_a_module() -> None:
    modules = {each.name for each in pkgutil.iter_modules(trainctl.__path__)}
    assert modules.isdisjoint(trainctl.__all__)


def test_every_public_name_is_there() -> None:
    missing = [name for name in trainctl.__all__ if not hasattr(trainctl, name)]
    assert missing == []


def test_every_error_is_public() -> None:
    own = {name for name, each in vars(errors).items() if isinstance(each, type) and issubclass(each, Exception)}
    assert own <= set(trainctl.__all__)
    assert trainctl.ConfigError is errors.ConfigError


def test_importing_it_and_loading_an_experiment_imports_nothing_heavy() -> None:
    script = (
        "import sys, trainctl, trainctl.api.recorded_runs\n"
        "trainctl.load, trainctl.run, trainctl.list_runs()\n"
        "print([name for name in ('tensorflow', 'keras', 'numpy', 'pandas', 'pyarrow', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
