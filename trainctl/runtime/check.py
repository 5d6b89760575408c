"""`validate --build` and `--step`: everything before training, and one batch of it, leaving nothing behind."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from trainctl.components.context import CallbackContext
from trainctl.config.load import Loaded
from trainctl.events import Event
from trainctl.runs.directory import RunDirectory
from trainctl.runs.signals import StopRequest
from trainctl.runtime import build
from trainctl.runtime.train import Built, prepare, train


def check(loaded: Loaded, *, step: bool) -> str:
    """Load the data and build the model and the callbacks; with `step`, also run one batch.

    Returns:
        The data's facts and the model's summary, for people.

    Raises:
        ConfigError, DataError, BuildError, TrainingError: As a run would.
    """
    seed = loaded.experiment.seed or 0
    with tempfile.TemporaryDirectory(prefix="trainctl-check-") as folder:
        built = prepare(loaded, seed, _ignore)
        build.build_callbacks(built.experiment.callbacks, CallbackContext(Path(folder), _ignore, build.instantiate))
        text = f"{data_words(built)}\n{model_summary(built.model)}"
        if step:
            train(loaded, RunDirectory(Path(folder)), seed, _ignore, StopRequest(), dry_run=True)
    return text


def _ignore(_event: Event) -> None:
    """Nobody watches a check."""


def data_words(built: Built) -> str:
    """The data's facts, one a line."""
    data, splits = built.data, built.data.splits
    counts = [f"{len(splits.train):,} training"]
    counts += [f"{len(splits.validation):,} validation"] if splits.validation else []
    counts += [f"{len(splits.test):,} test"] if splits.test else []
    stand_in = f" (stand-in for {data.stand_in_for})" if data.stand_in_for else ""
    lines = [
        f"data     {data.source}{stand_in}: {', '.join(counts)} samples",
        f"input    shape {tuple(data.facts['input_shape'])}, {data.input_dtype}",
        f"labels   {data.facts['num_classes']} classes" if data.facts["num_classes"] else "labels   numbers",
    ]
    lines += [f"column   {name}: {kind.value}" for name, kind in data.columns.items()]
    return "\n".join(lines)


def model_summary(model: Any) -> str:
    """Keras's summary with shapes and parameter counts, as plain text of 79 columns."""
    lines: list[str] = []
    model.summary(line_length=79, print_fn=lambda text, **_: lines.append(text))
    return "\n".join(lines).rstrip()
