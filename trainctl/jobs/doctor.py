"""What this installation has: versions, optional packages, caches. No TensorFlow."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from trainctl.components.extras import Extra
from trainctl.components.spec import REGISTRIES
from trainctl.files import is_regular
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
        "keras.json": _keras_settings(),
    }


def missing(found: Mapping[str, str]) -> list[str]:
    """Return what is missing among the facts and how to get it, what is needed before what is optional."""
    needed = [
        f"{name}: {said.removeprefix('missing: ')}" for name, said in found.items() if said.startswith("missing: ")
    ]
    extras = [f"{name} (optional): {said}" for name, said in found.items() if said.startswith("pip install ")]
    return needed + extras


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return f'missing: pip install "{package}"'


def _extras() -> list[Extra]:
    return [spec.extra for registry in REGISTRIES.values() for _, spec in registry if spec.extra is not None]


def _keras_settings() -> str:
    """Return what Keras's own settings file says, of which a run takes nothing."""
    path = _keras_home() / "keras.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8")) if is_regular(path) else {}
    except (OSError, ValueError):
        return f"{path} cannot be read"
    said = [f"{key} {found[key]}" for key in ("floatx", "epsilon", "image_data_format") if key in found]
    return f"{path}: {', '.join(said) or 'nothing set'}; a run takes these from its execution section"


def _keras_home() -> Path:
    return Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser()


def _cache() -> str:
    """Keras's folder of downloaded data sets, and what is in it."""
    home = _keras_home() / "datasets"
    names = sorted(entry.name for entry in home.iterdir()) if home.is_dir() else []
    return f"{home}: {', '.join(names) or 'empty'}"
