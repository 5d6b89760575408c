"""Notices: the events that a data source may emit, apart from those of a run, which `validate` has no use for."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import ClassVar

from trainctl.aliases import Value

SCHEMA_VERSION = 2
"""2 writes times as ISO text, and expectations as values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One fact. `time` is seconds since the epoch. A transient event is for displays only and is not recorded."""

    transient: ClassVar[bool] = False
    time: float = field(default_factory=time.time)

    def as_dict(self) -> dict[str, Value]:
        """Return the event for machines: its name, the schema version and its fields."""
        facts = {"event": type(self).__name__, "schema": SCHEMA_VERSION, **dataclasses.asdict(self)}
        return {**facts, "time": iso(self.time)}


def iso(seconds: float) -> str:
    """Return a time in seconds since the epoch as ISO text in UTC: `2026-01-31T12:00:00.000Z`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Phase(StrEnum):
    """What the user waits for while no steps are taken."""

    IMPORTING = "importing TensorFlow"
    DOWNLOADING = "downloading"
    READING = "reading"
    SCANNING = "scanning"
    LOADING_DATA = "loading data"
    BOOSTING = "training gradient boosting"
    BUILDING_MODEL = "building the model"
    BUILDING_GRAPH = "building the graph"
    TESTING = "testing"
    VALIDATING_AGAIN = "validating the final weights"
    SAVING = "saving the model"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseStarted(Event):
    """What the user waits for now; `subject` says what is downloaded, read or scanned."""

    phase: Phase
    subject: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(Event):
    """Something to see: a stand-in for the data (`loud`), a warning of the data, an ignored setting.

    `path` is the setting of the experiment that it is about, where that is not the source of the data.
    """

    message: str
    loud: bool = False
    path: str | None = None
