"""Packages that only some data sources need."""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from typing import Any

from trainctl.errors import ConfigError


def require_extra(package: str, extra: str, what: str) -> None:
    """See that the package is installed, without importing it.

    Args:
        package: The module's name.
        extra: The extra of trainctl that brings it.
        what: What needs it, for the message.

    Raises:
        ConfigError: It is not; the hint has the line to install it with.
    """
    if find_spec(package) is None:
        raise ConfigError(f"{what} needs the package {package}, which is not installed",
                          hint=f'pip install "trainctl[{extra}]"')  # fmt: skip


def imported(package: str, extra: str, what: str) -> Any:
    """The package, imported.

    Raises:
        ConfigError: It is not installed; the hint has the line to install it with.
    """
    require_extra(package, extra, what)
    return importlib.import_module(package)
