"""The runs that an experiment builds on, found once, since a later run may have the same name."""

from __future__ import annotations

from collections.abc import Mapping

from trainctl.config.load import Loaded
from trainctl.config.model.run_places import named_runs
from trainctl.diagnostics import Diagnostic
from trainctl.errors import RunDirError
from trainctl.runs.store import find_run


def pin_base_runs(loaded: Loaded, known: Mapping[str, str] | None = None) -> Loaded:
    """Replace each `Saved: {run: …}` by a path, so that resolved.yaml always means the same run.

    Args:
        loaded: The experiment, whose own run directory is not made yet: `latest` is not to be that.
        known: The places of runs by what they were called when the run began.

    Raises:
        RunDirError: There is no such run; points at the line that names it.
    """
    places = dict(known or {})
    for node in named_runs(loaded.resolved):
        try:
            places[node.value] = places.get(node.value) or str(find_run(loaded.runs_dir, node.value).directory.path)
        except RunDirError as error:
            problem = Diagnostic("run-directory", error.message, node.location, hint=error.hint)
            raise RunDirError(error.message, hint=error.hint, diagnostics=[problem]) from None
    return loaded.with_places(places)
