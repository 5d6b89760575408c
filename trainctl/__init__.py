"""trainctl: train Keras models from a YAML file.

In a module of your own, register what a config may name: `@trainctl.callback`, `@trainctl.data_source`,
`@trainctl.function`; an argument annotated `trainctl.OutputFile` lies in the run directory, one annotated
`trainctl.InputFile` beside the config.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trainctl.components.fields import InputFile as InputFile
    from trainctl.components.fields import OutputFile as OutputFile
    from trainctl.components.user import callback as callback
    from trainctl.components.user import function as function
    from trainctl.components.user_sources import data_source as data_source

__version__ = "0.1.0"
__all__ = ["InputFile", "OutputFile", "__version__", "callback", "data_source", "function"]


def __getattr__(name: str) -> Any:
    """The decorators, imported when they are asked for, so that `trainctl --help` need not."""
    if name in __all__:
        from trainctl.components import fields, user, user_sources

        homes = {"InputFile": fields, "OutputFile": fields, "data_source": user_sources}
        return getattr(homes.get(name, user), name)
    raise AttributeError(f"module 'trainctl' has no attribute {name!r}")
