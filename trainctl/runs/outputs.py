"""What callbacks write outside the run directory, where another run may have written it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from trainctl.components.spec import CallbackSpec
from trainctl.config.compose.paths import PathError, find
from trainctl.config.experiment import Experiment
from trainctl.config.load import Loaded
from trainctl.errors import RunDirError
from trainctl.runs.layout import ELSEWHERE


def apart(loaded: Loaded) -> list[str]:
    """`--set` arguments that send into the run directory what the experiment would write elsewhere.

    The path is taken as it is written, so that what comes from the environment stays `${env:…}`.
    """
    found = []
    for spec, field, path in _elsewhere(loaded.experiment):
        setting = f"{spec.setting}.{field}"
        written = (_written(loaded, setting) or path).lstrip("/")
        found.append(f"{setting}={json.dumps(f'{ELSEWHERE}/{written}')}")
    return found


def require_others(old: Experiment, new: Experiment, run_id: str) -> None:
    """A fork writes nothing over what the other run wrote; what is shared on purpose stays so.

    Args:
        old: The other run's experiment.
        new: The fork's.
        run_id: The other run.

    Raises:
        RunDirError: It would; says what to change.
    """
    taken = {path for spec, _, path in _elsewhere(old) if not spec.shares}
    for spec, field, path in _elsewhere(new):
        if path in taken and not spec.shares:
            raise RunDirError(
                f"the fork would write over {path}, which the run {run_id} writes",
                hint=f"--set {spec.setting}.{field}=… gives it another, in its own directory where it is relative",
            )


def _elsewhere(experiment: Experiment) -> Iterator[tuple[CallbackSpec, str, str]]:
    for spec in experiment.callbacks:
        for field, path in spec.outputs():
            if path.startswith("/"):
                yield spec, field, path


def _written(loaded: Loaded, setting: str) -> str | None:
    try:
        value = find(loaded.tree, setting.split(".")).value
    except PathError:
        return None
    return value if isinstance(value, str) else None
