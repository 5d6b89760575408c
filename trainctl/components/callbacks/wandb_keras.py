"""Weights & Biases' tracking."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import wandb

from trainctl.components.callbacks.shared.tracker_keras import FILES, MODELS, Tracker
from trainctl.components.context import CallbackContext, Ending
from trainctl.errors import TrainingError
from trainctl.files import is_own_file, own_folder
from trainctl.masking import mask

_EXIT_CODES: Mapping[Ending, int] = {"done": 0, "failed": 1, "interrupted": 255}  # 255 is W&B's own for Ctrl-C


class WandbTracker(Tracker):
    """A run in Weights & Biases.

    Args:
        context: The run's.
        project: The project; `None` = the config's name.
        entity: The user or team; `None` = the one who is logged in.
        mode: online or offline.
        name: The run's name; `None` = the run's id.
        tags: The run's tags.
        log_model: Whether the model is uploaded.
        timeout: Seconds to wait for W&B at the beginning, and for uploads at the end.
    """

    called = "Wandb"

    def __init__(
        self,
        context: CallbackContext,
        *,
        project: str | None,
        entity: str | None,
        mode: str,
        name: str | None,
        tags: Sequence[str],
        log_model: bool,
        timeout: int,
    ) -> None:
        super().__init__(context)
        self._mode = mode
        self._named = {
            "project": project or context.name,
            "entity": entity,
            "name": name or context.run_id,
            "id": context.run_id,
        }
        self._tags = tuple(tags)
        self._log_model = log_model
        self._timeout = timeout
        self._run: Any = None

    def begin(self) -> None:
        """Open the run with its settings and files, or continue it where an earlier session opened it."""
        # Asked here, since W&B would ask for the key on a terminal that no one sees: the streams lead to console.log.
        if self._mode == "online" and not wandb.login(prompt=False, verify=False):
            raise TrainingError("Wandb: not logged in", hint="run wandb login, set WANDB_API_KEY, or set mode: offline")
        settings = wandb.Settings(
            console="off",
            silent=True,
            save_code=False,
            disable_git=True,  # it would ask a stranger's repository
            init_timeout=float(self._timeout),
            finish_timeout=float(self._timeout),
            finish_timeout_raises=True,
        )
        arguments, sys.argv = sys.argv, [mask(each) for each in sys.argv]  # W&B keeps them
        try:
            self._run = self._init(settings)
        finally:
            sys.argv = arguments
        for name in FILES:
            self._save(name)

    def _init(self, settings: wandb.Settings) -> Any:
        return wandb.init(
            **self._named,
            tags=self._tags,
            mode=self._mode,
            resume="allow" if self._mode == "online" else None,
            dir=str(own_folder(self._context.directory / "wandb").parent),
            settings=settings,
            config={**self._context.settings, "trainctl.run_id": self._context.run_id},
            reinit="create_new",
        )

    def log(self, epoch: int, metrics: Mapping[str, float]) -> None:
        """Hand the metrics to W&B, which sends them beside training."""
        self._run.log(dict(metrics), step=epoch)

    def end(self, ending: Ending, metrics: Mapping[str, float]) -> None:
        """Add the metrics of the kept weights and the model; then close the run."""
        self.trying(lambda: self._run.summary.update(dict(metrics)))
        if self._log_model and ending == "done":
            for name in MODELS:
                self.trying(lambda name=name: self._save(name))  # type: ignore[misc]  # mypy infers no default's type
        self.trying(lambda: self._run.finish(exit_code=_EXIT_CODES[ending]))

    def _save(self, name: str) -> None:
        path = self._context.directory / name
        if is_own_file(path):
            self._run.save(str(path), base_path=str(self._context.directory), policy="now")
