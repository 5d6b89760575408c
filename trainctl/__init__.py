"""trainctl: train Keras models from a YAML file.

In a module of your own, register what a config may name: `@trainctl.callback`, `@trainctl.function`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trainctl.components.user import callback as callback
    from trainctl.components.user import function as function

__version__ = "0.1.0"
__all__ = ["__version__", "callback", "function"]


def __getattr__(name: str) -> Any:
    """The decorators, imported when they are asked for, so that `trainctl --help` need not."""
    if name in __all__:
        from trainctl.components import user

        return getattr(user, name)
    raise AttributeError(f"module 'trainctl' has no attribute {name!r}")
