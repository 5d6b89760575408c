"""What the model's outputs learn: labels by their names. Knows no TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from trainctl.components.dataset import Dataset, Samples
from trainctl.errors import DataError
from trainctl.text import one_of

if TYPE_CHECKING:
    from trainctl.components.context import DataContext


def with_outputs(dataset: Dataset, context: DataContext) -> Dataset:
    """Return the data with named arrays of labels under the names of the outputs that learn them.

    Args:
        dataset: As its source gave it.
        context: Says which labels each output learns.

    Raises:
        DataError: There are no labels of that name.
    """
    y, outputs = dataset.train.y, context.outputs
    wanted = {output: names[0] for output, names in outputs.items() if names != (output,)}
    is_done = set(outputs) == set(y) if isinstance(y, Mapping) else outputs.get("") == dataset.label_names
    if not wanted or is_done:  # as by a table, which reads the columns of each output
        return dataset
    for output, name in wanted.items():
        if not isinstance(y, Mapping) or name not in y:
            known = f"it has {one_of(map(repr, y), 'and')}" if isinstance(y, Mapping) else "its labels have no name"
            raise DataError(
                f"the output {output or 'of the model'} learns {name!r}, which the data does not have; {known}",
                path=f"model.outputs.{output}" if output else "model.outputs",
            )

    def of(samples: Samples) -> Samples:
        labels = {output: samples.y[names[0]] for output, names in outputs.items()}
        return replace(samples, y=labels.get("", labels))

    test, validation = dataset.test, dataset.validation
    return replace(dataset, train=of(dataset.train), test=test and of(test), validation=validation and of(validation))
