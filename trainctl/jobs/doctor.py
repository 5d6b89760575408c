"""What this installation has: versions, optional packages, caches. No TensorFlow."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from trainctl.components.extras import Extra
from trainctl.components.spec import REGISTRIES
from trainctl.version import __version__

_NEEDED = (
    "tensorflow",
    "keras",
    "tensorboard",
    "pydantic",
    "pyyaml",
    "typer",
    "rich",
    "pyarrow",
    "scikit-learn",
    "matplotlib",
)


def facts() -> dict[str, str]:
    """Labels and values, for people and for bug reports."""
    return {
        "trainctl": __version__,
        "python": f"{platform.python_version()} ({sys.executable})",
        "platform": platform.platform(),
        "cores": str(os.cpu_count()),
        **{name: _version(name) for name in _NEEDED},
        **{f"extra {extra.name}": "installed" if extra.is_installed else extra.command for extra in _extras()},
        "data cache": _cache(),
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return f'missing: pip install "{package}"'


def _extras() -> list[Extra]:
    return [spec.extra for registry in REGISTRIES.values() for _, spec in registry if spec.extra is not None]


def _cache() -> str:
    """Keras's folder of downloaded data sets, and what is in it."""
    home = Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser() / "datasets"
    names = sorted(entry.name for entry in home.iterdir()) if home.is_dir() else []
    return f"{home}: {', '.join(names) or 'empty'}"
