"""What a run directory holds: every name in it, once. Plain names and paths, so that every floor may know them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

EXPERIMENT = "experiment.yaml"
"""The input, byte for byte."""
RESOLVED = "resolved.yaml"
"""The experiment with everything filled in."""
INPUTS = "inputs"
"""The folder of the files that the experiment extends."""
RECORD = "run.json"
"""Status, exit code, seed, times, versions …"""
METRICS = "metrics.jsonl"
"""One line an epoch."""
EVENTS = "events.jsonl"
"""Every event."""
CONSOLE = "console.log"
"""All that TensorFlow and others printed."""
MODEL = "model.keras"
"""The final model."""
INFERENCE = "inference.keras"
"""The final model with the preprocessing that sits outside of it."""
PREDICTIONS = "predictions.csv"
"""What the model of each fold says of the samples that were held out from it."""
FOLDS = "folds"
"""The folder of the runs of cross-validation, one for each fold."""
HISTORY_PLOT = "history.png"
"""The metrics as curves; `history.svg` where the run was asked for that."""
EVALUATIONS = "evaluations"
"""The folder of what evaluations found, one file for each."""
EVALUATION_PLOT = "evaluation.png"
"""What the last evaluation found, as a picture; or `evaluation.svg`."""
REPORT = "report.html"
"""All that is known of the run, as a page."""
EXPORTS = "exports"
"""The folder of the model in other formats, a folder for each."""
SNAPSHOTS = "snapshots"
"""The folder of what resume needs."""
NOTES = "notes.json"
"""The tags and the note that a person gave the run."""
RESERVE = ".reserve"
"""Space kept aside for the end of a run on a full disk."""
ELSEWHERE = "elsewhere"
"""The folder that takes the place of `/` for absolute outputs in a trial or a reproduction."""

PLOT_FORMATS = ("png", "svg")
"""The formats of the pictures that have names of ours."""
PLOTS = tuple(name.replace(".png", f".{form}") for name in (HISTORY_PLOT, EVALUATION_PLOT) for form in PLOT_FORMATS)
"""Their names."""

RESERVED = frozenset(
    {
        EXPERIMENT,
        RESOLVED,
        INPUTS,
        RECORD,
        METRICS,
        EVENTS,
        CONSOLE,
        MODEL,
        INFERENCE,
        PREDICTIONS,
        FOLDS,
        *PLOTS,
        EVALUATIONS,
        REPORT,
        EXPORTS,
        SNAPSHOTS,
        NOTES,
        RESERVE,
    }
)
"""The names that no callback may write to."""

LATEST = "latest"
"""The link beside the runs of a name that leads to the newest one."""

RUN_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6}")
"""The name of a run's directory, `<UTC yyyymmdd-hhmmss>-<6 random hex>`, unless the user chose another."""

REMOVED = ".removed-"
"""How the name of a directory begins that is being removed: it is not a run any longer."""

CHILDREN = (FOLDS,)
"""The folders of runs that are part of another run: `folds/2/`."""

SNAPSHOT_PATTERN = "step-*.npz"
"""The files in the folder of snapshots."""
STAGE_END_PATTERN = "stage-*.npz"
"""The files beside them that hold the end of a stage each."""
DAMAGED = ".damaged"
"""What is added to the name of a snapshot that cannot be read."""


def snapshot_name(steps: int) -> str:
    """Return the file name of the snapshot taken after `steps` optimizer steps; names sort by steps."""
    return f"step-{steps:09d}.npz"


def stage_end_name(number: int) -> str:
    """Return the file name of the snapshot of the end of a stage (from 0), which the display counts from 1."""
    return STAGE_END_PATTERN.replace("*", str(number + 1))


def in_format(picture: Path, name: str | None) -> Path:
    """Return the picture as it is called in the format `name`; as it is, where that is none of `PLOT_FORMATS`."""
    return picture.with_suffix(f".{name}") if name in PLOT_FORMATS else picture


def _drawn(picture: Path) -> Path:
    """Return the picture in the format in which it is there, PNG where it is not."""
    return next((other for form in PLOT_FORMATS if (other := picture.with_suffix(f".{form}")).is_file()), picture)


@dataclass(frozen=True, slots=True)
class RunDirectory:
    """`runs/<name>/<id>/`. Relative output paths of a run start at `path`."""

    path: Path

    @property
    def run_id(self) -> str:
        """`<UTC yyyymmdd-hhmmss>-<6 random hex>`; of a run that is part of another, that with `-folds-2` behind it."""
        parent = self.parent
        if parent is None:
            return str(self.path).rpartition(os.sep)[2]  # a list asks 10,000 times, and no path is made
        return f"{parent.run_id}-{self.path.parent.name}-{self.path.name}"

    @property
    def parent(self) -> RunDirectory | None:
        """The directory of the run that this one is part of; `None` if it stands alone."""
        above, _, name = str(self.path).rpartition(os.sep)  # no path is made: a list asks 10,000 times
        is_part = above.rpartition(os.sep)[2] in CHILDREN and name.isdecimal()  # else a run that is called folds
        return RunDirectory(self.path.parent.parent) if is_part else None

    @property
    def runs_dir(self) -> Path:
        """The folder of all runs."""
        return self.path.parent.parent if self.parent is None else self.parent.runs_dir

    def child(self, kind: str, name: str) -> RunDirectory:
        """The directory of a run that is part of this one: `folds/2/`."""
        return RunDirectory(self.path / kind / name)

    @property
    def shown(self) -> str:
        """The path for people: relative to the working directory where it lies below it; below `/` everything lies."""
        here = Path.cwd()
        below = self.path.is_relative_to(here) and here != here.parent
        return str(self.path.relative_to(here) if below else self.path)

    @property
    def experiment(self) -> Path:
        """The input, byte for byte."""
        return self.path / EXPERIMENT

    @property
    def resolved(self) -> Path:
        """The experiment with everything filled in."""
        return self.path / RESOLVED

    @property
    def inputs(self) -> Path:
        """The folder of the files that the experiment extends."""
        return self.path / INPUTS

    @property
    def record(self) -> Path:
        """Status, exit code, seed, times, versions …"""
        return self.path / RECORD

    @property
    def metrics(self) -> Path:
        """One line an epoch."""
        return self.path / METRICS

    @property
    def events(self) -> Path:
        """Every event."""
        return self.path / EVENTS

    @property
    def console(self) -> Path:
        """All that TensorFlow and others printed."""
        return self.path / CONSOLE

    @property
    def model(self) -> Path:
        """The final model."""
        return self.path / MODEL

    @property
    def inference(self) -> Path:
        """The final model with the preprocessing that sits outside of it."""
        return self.path / INFERENCE

    @property
    def predictions(self) -> Path:
        """What the model of each fold says of the samples that were held out from it."""
        return self.path / PREDICTIONS

    @property
    def history_plot(self) -> Path:
        """The metrics as curves, in the format in which they were drawn."""
        return _drawn(self.path / HISTORY_PLOT)

    @property
    def evaluations(self) -> Path:
        """The folder of what evaluations found, one file for each."""
        return self.path / EVALUATIONS

    @property
    def evaluation_plot(self) -> Path:
        """What the last evaluation found, as a picture, in the format in which it was drawn."""
        return _drawn(self.path / EVALUATION_PLOT)

    @property
    def report(self) -> Path:
        """All that is known of the run, as a page."""
        return self.path / REPORT

    @property
    def exports(self) -> Path:
        """The folder of the model in other formats, a folder for each."""
        return self.path / EXPORTS

    @property
    def snapshots(self) -> Path:
        """The folder of what resume needs."""
        return self.path / SNAPSHOTS

    @property
    def notes(self) -> Path:
        """The tags and the note that a person gave the run."""
        return self.path / NOTES

    @property
    def reserve(self) -> Path:
        """Space kept aside for the end of a run on a full disk."""
        return self.path / RESERVE
