"""What a component may use while it builds: the run directory and the way to tell, handed down so that no floor reaches up."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from trainctl.aliases import Value
from trainctl.files import require_own_path
from trainctl.runs.layout import ELSEWHERE

if TYPE_CHECKING:
    from trainctl.components.dataset import ColumnKind
    from trainctl.events import Event


Ending = Literal["done", "failed", "interrupted"]


@dataclass(frozen=True, slots=True)
class Endings:
    """Tells how the run ended to those who asked. Keras's `on_train_end` comes before testing and saving, or never."""

    _listeners: list[Callable[[Ending, Mapping[str, float]], None]] = field(default_factory=list)

    def ask(self, listener: Callable[[Ending, Mapping[str, float]], None]) -> None:
        """Have `listener` called with how the run ended and the metrics of the kept weights (none where it failed)."""
        self._listeners.append(listener)

    def tell(self, ending: Ending, metrics: Mapping[str, float]) -> None:
        """Call every listener, once: whoever asks later belongs to another try."""
        listeners, self._listeners[:] = list(self._listeners), []
        for listener in listeners:
            listener(ending, metrics)


@dataclass(slots=True)
class SnapshotRequests:
    """Where a callback asks for a snapshot of the run, from which `trainctl resume` continues."""

    pending: bool = False

    def ask(self) -> None:
        """Have a snapshot taken once every callback was called for this step or epoch."""
        self.pending = True


def claim_nothing(_path: Path) -> None:
    """Let anything be written."""


@dataclass(frozen=True, slots=True)
class CallbackContext:
    """For callbacks.

    Args:
        directory: The run directory; relative output paths start here.
        emit: Where events go.
        instantiate: Makes the Keras object that a nested component describes.
        name: The experiment's name.
        run_id: The run's id; `None` if nothing may be left behind: in a check, a dry run, an evaluation.
        settings: The resolved experiment for anyone's eyes, by `--set` path: secrets as they are written.
        endings: Where to ask to be told how the run ended.
        snapshots: Where to ask for a snapshot.
        resumes: Whether the run continues from a snapshot: outputs that grow are there and to be continued.
        is_trial: Whether it is a check or a dry run, which leaves alone all that lies outside the directory.
        claim: Asks whether a path outside the directory may be written, and records that it is.
    """

    directory: Path
    emit: Callable[[Event], None]
    instantiate: Callable[[Any], Any]
    name: str = ""
    run_id: str | None = None
    settings: Mapping[str, Value] = field(default_factory=dict)
    endings: Endings = field(default_factory=Endings)
    snapshots: SnapshotRequests = field(default_factory=SnapshotRequests)
    resumes: bool = False
    is_trial: bool = False
    claim: Callable[[Path], None] = claim_nothing

    def output(self, path: str) -> Path:
        """Return the absolute path for an output written as `path`, its parent folder made.

        In a trial also what would be written elsewhere lands in the directory.

        Raises:
            ValueError: A relative path leaves the directory, as one with a metric in it might.
            RunDirError: It lies outside the directory and belongs to someone else.
            OSError: The folder cannot be made, or a symbolic link in the directory leads out of it.
        """
        if Path(path).is_absolute():
            elsewhere = self.directory / ELSEWHERE / os.path.relpath(path, "/")
            absolute = elsewhere if self.is_trial else Path(path)
            if not self.is_trial:
                self.claim(absolute)
        elif Path(os.path.normpath(path)).parts[:1] in {(), ("..",)}:
            raise ValueError(
                f"the output '{path}' is outside the run directory; use a path below it, or an absolute path"
            )
        else:
            absolute = self.directory / os.path.normpath(path)
        if absolute.is_relative_to(self.directory):
            require_own_path(self.directory, absolute)
        absolute.parent.mkdir(parents=True, exist_ok=True)
        return absolute


@dataclass(frozen=True, slots=True)
class DataContext:
    """For data sources.

    Args:
        emit: Where events go.
        patience: Seconds without a byte after which a download is given up.
        columns: Columns of a table to keep besides those to learn from, for splitting, each with the setting that names it.
        weight: The column of a table that says how much each sample counts.
        kinds: Of data to validate or test on, what the columns of the table to train on hold, which may be more than its own
            cells tell; it also may lack the weights. `None` of the data to train on.
        ignored: The class indices that a loss or a metric ignores.
        learned: Of data to validate or test on, what the source learned of the data to train on.
        outputs: The labels that each output of the model learns, where the model says so; "" is the only output.
    """

    emit: Callable[[Event], None]
    patience: float = 10.0
    columns: Mapping[str, str] = field(default_factory=dict)
    weight: str | None = None
    kinds: Mapping[str, ColumnKind] | None = None
    ignored: frozenset[int] = frozenset()
    outputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    learned: Mapping[str, float] = field(default_factory=dict)
