"""trainctl: train Keras models from a YAML file.

In Python: `load` an experiment, `validate` a file, `run` an experiment, `list_runs`; a `Run` has its history and metrics,
resumes, evaluates, predicts, and gives the model. Errors are the exceptions of `trainctl.errors`.

In a module of your own, register what a config may name: `@trainctl.callback`, `@trainctl.layer`,
`@trainctl.model`, `@trainctl.loss`, `@trainctl.metric`, `@trainctl.schedule`, `@trainctl.data_source`,
`@trainctl.function`; an argument annotated `trainctl.OutputFile` lies in the run directory, one annotated
`trainctl.InputFile` beside the config. A `trainctl.GrowingFile` is an output that is appended to: when the run resumes it
is cut back to the snapshot, so open it with mode `a`, and write a header only where it is empty.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from trainctl.version import __version__ as __version__

if TYPE_CHECKING:
    from trainctl.api.experiments import Experiment as Experiment
    from trainctl.api.experiments import load as load
    from trainctl.api.experiments import validate as validate
    from trainctl.api.recorded_runs import Run as Run
    from trainctl.api.recorded_runs import find_run as find_run
    from trainctl.api.recorded_runs import list_runs as list_runs
    from trainctl.api.recorded_runs import run as run
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
    from trainctl.diagnostics import Diagnostic as Diagnostic
    from trainctl.errors import BuildError as BuildError
    from trainctl.errors import ConfigError as ConfigError
    from trainctl.errors import DataError as DataError
    from trainctl.errors import DivergedError as DivergedError
    from trainctl.errors import ExpectationError as ExpectationError
    from trainctl.errors import MissingExtraError as MissingExtraError
    from trainctl.errors import RunDirError as RunDirError
    from trainctl.errors import TrainctlError as TrainctlError
    from trainctl.errors import TrainingError as TrainingError
    from trainctl.errors import UsageError as UsageError
    from trainctl.events import Event as Event
    from trainctl.sources.user import data_source as data_source

_HOMES = {
    "trainctl.api.experiments": ("Experiment", "load", "validate"),
    "trainctl.api.recorded_runs": ("Run", "find_run", "list_runs", "run"),
    "trainctl.components.fields": ("GrowingFile", "InputFile", "OutputFile"),
    "trainctl.components.user.decorators": ("callback", "function"),
    "trainctl.components.user.parts": ("layer", "loss", "metric", "model", "schedule"),
    "trainctl.diagnostics": ("Diagnostic",),
    "trainctl.errors": (
        "BuildError",
        "ConfigError",
        "DataError",
        "DivergedError",
        "ExpectationError",
        "MissingExtraError",
        "RunDirError",
        "TrainctlError",
        "TrainingError",
        "UsageError",
    ),
    "trainctl.events": ("Event",),
    "trainctl.sources.user": ("data_source",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [  # noqa: PLE0604  # spelled out in _HOMES
    "__version__",
    *_HOME_OF,
]


def __getattr__(name: str) -> Any:
    """Return what is public, imported when it is asked for, so that `trainctl --help` need not."""
    if name in _HOME_OF:
        return getattr(importlib.import_module(_HOME_OF[name]), name)
    raise AttributeError(f"module 'trainctl' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return what is public."""
    return sorted(__all__)
