"""Models from short texts, for tests: what stands under `model:`, and the data it is built for."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trainctl.config.experiment import Experiment
from trainctl.config.load import load

REST = """
data: {source: Synthetic}
compile: {loss: mse}
"""


def experiment(folder: Path, model: str, rest: str = REST) -> Experiment:
    """The experiment whose section `model:` is the text `model`."""
    file = folder / "experiment.yaml"
    file.write_text(f"model:\n{textwrap.indent(textwrap.dedent(model), '  ')}\n{rest}")
    return load(str(file)).experiment


def built(folder: Path, model: str, x: Any, *, seed: int = 1, rest: str = REST, events: list[Any] | None = None) -> Any:
    """The Keras model, frozen as it says, for the training inputs `x`: an array, or a mapping of names to arrays."""
    import tensorflow as tf

    from trainctl.models.freezing import freeze, trained_layers
    from trainctl.models.graph import build_model
    from trainctl.models.inputs import facts

    def batches() -> Any:
        tensors = {name: tf.constant(each) for name, each in x.items()} if isinstance(x, Mapping) else tf.constant(x)
        return tf.data.Dataset.from_tensor_slices(tensors).batch(4)

    emit = (events if events is not None else []).append
    section = experiment(folder, model, rest).model
    model = build_model(section, "my-run", facts(batches().element_spec), seed, batches, emit, folder / "runs")
    freeze(model, section, trained_layers(model), None, (None, ""))
    return model
