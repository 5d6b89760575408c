"""What a component may use while it builds: the run directory and the way to tell, handed down so that no floor reaches up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from trainctl.events import Event


@dataclass(slots=True)
class SnapshotRequests:
    """Where a callback asks for a snapshot of the run, from which `trainctl resume` goes on."""

    pending: bool = False

    def ask(self) -> None:
        """Have a snapshot taken once every callback was called for this step or epoch."""
        self.pending = True


@dataclass(frozen=True, slots=True)
class CallbackContext:
    """For callbacks.

    Args:
        directory: The run directory; relative output paths start here.
        emit: Where events go.
        instantiate: Makes the Keras object that a nested component describes.
        snapshots: Where to ask for a snapshot.
        resumes: Whether the run goes on from a snapshot: outputs that grow are there and to be continued.
    """

    directory: Path
    emit: Callable[[Event], None]
    instantiate: Callable[[Any], Any]
    snapshots: SnapshotRequests = field(default_factory=SnapshotRequests)
    resumes: bool = False

    def output(self, path: str) -> Path:
        """The absolute path for an output written as `path`, its parent folder made.

        Raises:
            OSError: The folder cannot be made.
        """
        absolute = self.directory / path
        absolute.parent.mkdir(parents=True, exist_ok=True)
        return absolute


@dataclass(frozen=True, slots=True)
class DataContext:
    """For data sources.

    Args:
        emit: Where events go.
        patience: Seconds without a byte after which a download is given up.
    """

    emit: Callable[[Event], None]
    patience: float = 10.0
