"""`validate --build` and `--step`: everything before training, and one batch of it, leaving nothing behind."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from trainctl.aliases import Data, Value
from trainctl.components.context import CallbackContext
from trainctl.config.checks.places import location_at
from trainctl.config.load import Loaded
from trainctl.config.model.own_code import loading_words, own_code
from trainctl.diagnostics import Diagnostic, Severity
from trainctl.errors import TrainctlError
from trainctl.events import Event, Notice
from trainctl.jobs.plans import first_alone, plan_of
from trainctl.models import build
from trainctl.runs.failure import name_no_folder
from trainctl.runs.layout import MODEL, RunDirectory
from trainctl.runs.signals import StopRequest
from trainctl.training.built import Built
from trainctl.training.train import prepare, train
from trainctl.ui.columns import column_lines

if TYPE_CHECKING:
    from trainctl.backend import keras

_WIDTH = 79  # characters of a line


def check(loaded: Loaded, warn: Callable[[Diagnostic], None], *, step: bool) -> str:
    """Load the data and build the model and the callbacks; with `step`, also run one batch.

    Args:
        loaded: The experiment.
        warn: Gets what a run would show of the data and the model, as warnings.
        step: Whether to run one batch of training and of validation.

    Returns:
        The data's facts and the model's summary, for people.

    Raises:
        ConfigError, DataError, BuildError, TrainingError: As a run would.
    """

    def emit(event: Event) -> None:
        if isinstance(event, Notice):
            path = event.path or "data.source"
            code = "data" if path.startswith("data") else "build"
            warn(Diagnostic(code, event.message, location_at(tree, path), path, severity=Severity.WARNING))

    tree, seed = loaded.resolved, loaded.experiment.seed or 0
    plan = plan_of(loaded, seed)
    several = "" if plan is None else f"{plan.kind:<8} {len(plan.experiments)} runs, of which this is the first\n"
    loaded = first_alone(loaded, seed)
    built = prepare(loaded, seed, emit)
    code = own_code(built.experiment)
    loading = f"\n{loading_words(MODEL, code)}" if code else ""
    text = f"{several}{data_words(built)}\n{model_summary(built.model)}{loading}"
    with tempfile.TemporaryDirectory(prefix="trainctl-check-") as name:
        folder = Path(name)
        try:
            if step:
                train(loaded, RunDirectory(folder), seed, emit, StopRequest(), dry_run=True, built=built)
            else:
                context = CallbackContext(folder, emit, build.instantiate, is_trial=True)
                build.build_callbacks(built.whole.experiment.every_callback, context)
        except TrainctlError as error:
            name_no_folder(error, folder)
            raise
    return text


def data_words(built: Built) -> str:
    """Return the data's facts, one a line."""
    data, splits = built.data, built.data.splits
    counts = [f"{len(splits.train):,} training"]
    counts += [f"{len(splits.validation):,} validation"] if splits.validation else []
    counts += [f"{len(splits.test):,} test"] if splits.test else []
    stand_in = f" (stand-in for {data.stand_in_for})" if data.stand_in_for else ""
    lines = [
        f"data     {data.source}{stand_in}: {', '.join(counts)} samples",
        *_input_lines(data.splits.train.x, data.facts["input_shape"], data.input_dtype),
        *(f"labels   {name}{_label_words(facts)}" for name, facts in _named(data.details.get("labels", {}))),
        *column_lines(data.details.get("columns", {}), width=_WIDTH),
        *(f"{word:<8} {text}" for word, text in data.details.get("about", {}).items()),
    ]
    return "\n".join(lines)


def _input_lines(x: Data, shape: Value, dtype: str) -> Iterator[str]:
    if not isinstance(shape, Mapping):
        yield f"input    shape {tuple(shape)}, {dtype}"
        return
    for name, each in shape.items():
        yield f"input    {name}: shape {tuple(each)}, {x[name].dtype}"


def _named(labels: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
    for name, facts in labels.items():
        yield ("" if len(labels) == 1 else f"{name}: "), facts


def _label_words(facts: Mapping[str, Value]) -> str:
    classes = facts.get("classes")
    if classes is None:
        return f"numbers, {facts['min']:g} to {facts['max']:g}"
    counts = ", ".join(f"{name} {count:,}" for name, count in classes.items())
    return f"{len(classes)} classes: {counts}"


def model_summary(model: keras.Model) -> str:
    """Keras's summary with shapes and parameter counts, as plain text of 79 columns."""
    lines: list[str] = []
    model.summary(line_length=_WIDTH, print_fn=lambda text, **_: lines.append(text))
    return "\n".join(lines).rstrip()
