"""Optional packages: what a component needs beyond trainctl's own dependencies."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec


@dataclass(frozen=True, slots=True)
class Extra:
    """A package that is not installed with trainctl itself.

    Args:
        name: The extra's name: `pip install "trainctl[NAME]"`.
        module: The module that it brings.
    """

    name: str
    module: str

    @property
    def is_installed(self) -> bool:
        """Whether the module is there; it is looked for, not imported."""
        try:
            return find_spec(self.module) is not None
        except ModuleNotFoundError:  # the package that holds it is missing
            return False

    @property
    def command(self) -> str:
        """What installs it."""
        return f'pip install "trainctl[{self.name}]"'
