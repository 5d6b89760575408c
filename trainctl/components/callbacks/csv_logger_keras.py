"""CSVLogger that goes on in a file under the columns that it has."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import ClassVar

from trainctl.aliases import Logs
from trainctl.backend import keras
from trainctl.components.callbacks.csv_logger import CSVLogger
from trainctl.components.context import CallbackContext
from trainctl.events import CallbackNotice
from trainctl.text import one_of


class AligningCSVLogger(keras.callbacks.CSVLogger):
    """Keras's CSVLogger; where a file is there already, as after the first stage, its columns stay what its first line says.

    Args:
        context: For notices.
        shown: The file, as it is written in the experiment.
        path: The file.
        separator: The separator between two columns.
        append: Whether to go on in a file that is there.
    """

    called: ClassVar[str] = "CSVLogger"

    def __init__(self, context: CallbackContext, shown: str, path: Path, *, separator: str, append: bool) -> None:
        super().__init__(str(path), separator=separator, append=append)
        self._context = context
        self._shown = shown
        self._told = False

    def on_train_begin(self, logs: Logs = None) -> None:
        """Open the file, and take the columns that it has."""
        known = self._columns() if self.append else []
        super().on_train_begin(logs)
        self.keys = known[1:] or None

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Write a line; say once what has no column."""
        super().on_epoch_end(epoch, logs)
        missing = [key for key in logs or {} if key not in (self.keys or ())]
        if missing and not self._told:
            self._told = True
            message = f"{self._shown} has no column for {one_of(missing, 'and')}; give it another file in this stage"
            self._context.emit(CallbackNotice(callback=self.called, message=message))

    def _columns(self) -> list[str]:
        path = Path(self.filename)
        if not path.is_file():
            return []
        with path.open(encoding="utf-8", newline="") as file:
            return next(csv.reader(file, delimiter=self.sep), [])


def build(spec: CSVLogger, context: CallbackContext) -> AligningCSVLogger:
    """Return the logger, writing into the run directory."""
    append = spec.append or context.resumes
    path = context.output(spec.filename)
    return AligningCSVLogger(context, spec.filename, path, separator=spec.separator, append=append)
