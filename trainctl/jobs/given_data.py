"""A run on data given in Python: what takes the place of its source, and what it needs to continue."""

from __future__ import annotations

from dataclasses import replace

from trainctl.config.load import Loaded
from trainctl.errors import DataError
from trainctl.runs.store import Run
from trainctl.sources.given import GivenData


def with_given_data(loaded: Loaded, given: GivenData | None) -> Loaded:
    """Return the experiment on the given data; as it is where none is given.

    Raises:
        UsageError: It is no such data.
    """
    if given is None:
        return loaded
    source = given.source(loaded.experiment.data.source)
    label = list(given.label) if isinstance(given.label, list | tuple) else given.label
    return loaded.with_source(source, {"kind": source.name_in_yaml, "label": label})


def with_recorded_data(loaded: Loaded, run: Run, given: GivenData | None) -> Loaded:
    """Return the experiment of `run` on its data: that of its source, or the given one.

    Raises:
        DataError: It was trained on data given in Python, which is not given again.
        UsageError: It is no such data.
    """
    recorded = run.record.get("given_data")
    if given is None and recorded:
        kind = recorded.get("kind") if isinstance(recorded, dict) else None
        raise DataError(
            f"the run {run.directory.run_id} was trained on data given in Python ({kind}), and needs it again",
            hint=f"in Python: trainctl.find_run({run.directory.run_id!r}).resume(data=…), or evaluate(data=…)",
        )
    if given is not None and given.label is None and isinstance(recorded, dict):
        given = replace(given, label=recorded.get("label"))
    return with_given_data(loaded, given)
