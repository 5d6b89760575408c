"""What a component may use while it builds: the run directory and the way to tell, handed down so that no floor reaches up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from trainctl.events import Event


@dataclass(frozen=True, slots=True)
class CallbackContext:
    """For callbacks.

    Args:
        directory: The run directory; relative output paths start here.
        emit: Where events go.
        instantiate: Makes the Keras object that a nested component describes.
    """

    directory: Path
    emit: Callable[[Event], None]
    instantiate: Callable[[Any], Any]

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
        columns: Columns of a table to keep besides those to learn from, for splitting.
        weight: The column of a table that says how much each sample counts.
    """

    emit: Callable[[Event], None]
    patience: float = 10.0
    columns: tuple[str, ...] = ()
    weight: str | None = None
