"""trainctl: train Keras models from a YAML file.

In a module of your own, register what a config may name: `@trainctl.callback`, `@trainctl.layer`,
`@trainctl.model`, `@trainctl.loss`, `@trainctl.metric`, `@trainctl.schedule`, `@trainctl.data_source`,
`@trainctl.function`; an argument annotated `trainctl.OutputFile` lies in the run directory, one annotated
`trainctl.InputFile` beside the config. A `trainctl.GrowingFile` is an output that is appended to: when the run resumes it
is cut back to the snapshot, so open it with mode `a`, and write a header only where it is empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trainctl.components.fields import GrowingFile as GrowingFile
    from trainctl.components.fields import InputFile as InputFile
    from trainctl.components.fields import OutputFile as OutputFile
    from trainctl.components.user.decorators import callback as callback
    from trainctl.components.user.decorators import function as function
    from trainctl.components.user.parts import layer as layer
    from trainctl.components.user.parts import loss as loss
    from trainctl.components.user.parts import metric as metric
    from trainctl.components.user.parts import model as model
    from trainctl.components.user.parts import schedule as schedule
    from trainctl.sources.user import data_source as data_source

__version__ = "0.1.0"
__all__ = [
    "GrowingFile",
    "InputFile",
    "OutputFile",
    "__version__",
    "callback",
    "data_source",
    "function",
    "layer",
    "loss",
    "metric",
    "model",
    "schedule",
]


def __getattr__(name: str) -> Any:
    """The decorators, imported when they are asked for, so that `trainctl --help` need not."""
    if name in __all__:
        from trainctl.components import fields
        from trainctl.components.user import decorators, parts
        from trainctl.sources import user as sources

        homes = (fields, decorators, parts, sources)
        return next(getattr(home, name) for home in homes if hasattr(home, name))
    raise AttributeError(f"module 'trainctl' has no attribute {name!r}")
