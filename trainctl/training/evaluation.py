"""Evaluate a run's model on one split of its data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from trainctl.components.callbacks.shared.logs_keras import measured
from trainctl.components.context import CallbackContext
from trainctl.config.load import Loaded
from trainctl.errors import DataError
from trainctl.events import ignore
from trainctl.models import build
from trainctl.models.own import require_losses
from trainctl.runs.layout import RunDirectory
from trainctl.runs.outputs import OutputGuard
from trainctl.text import one_of
from trainctl.training import state
from trainctl.training.model_file import existing, readable
from trainctl.training.train import prepare


def evaluate(
    loaded: Loaded, directory: RunDirectory, seed: int, split: str | None, scratch: Path, known_data: str | None = None
) -> tuple[str, Mapping[str, float], bool]:
    """The metrics of the run's model on one split of its data; the experiment's callbacks are called.

    Args:
        loaded: The run's experiment.
        directory: The run directory, with model.keras.
        seed: The run's seed, which decides the splits.
        split: train, validation or test; `None` takes test where there is one, else validation, else train.
        scratch: Where callbacks write.
        known_data: The fingerprint of the data that the run was trained on.

    Returns:
        The split, its metrics, and whether the data has changed since.

    Raises:
        BuildError: It is a model of the user's own that cannot be evaluated.
        DataError: The data is gone, or has no such split.
        RunDirError: The run has no model.
    """
    model_file = existing(directory.model)
    built = prepare(loaded, seed, ignore)
    require_losses(built.model, built.experiment, is_validated=True)
    changed = known_data not in {None, "", built.data.fingerprint}
    state.build_optimizer(built.model)  # the file holds its state too
    with readable(model_file, "the data has changed since the run, and so has the model" if changed else None):
        built.model.load_weights(model_file)
    splits = built.data.splits
    found = {name: part for name in ("test", "validation", "train") if (part := getattr(splits, name)) is not None}
    name = split or next(iter(found))
    if name not in found:
        raise DataError(f"the data has no {name} split", hint=f"it has {one_of(found, 'and')}")
    claim = OutputGuard.of(loaded, directory).claim
    context = CallbackContext(scratch, ignore, build.instantiate, claim=claim)
    callbacks = build.build_callbacks(built.experiment.callbacks, context)
    with built.data.reading():
        results = built.model.evaluate(
            built.data.evaluation(found[name]), callbacks=callbacks, verbose=0, return_dict=True
        )
    return name, dict(sorted(measured(results, built.data.class_names or ()).items())), changed
