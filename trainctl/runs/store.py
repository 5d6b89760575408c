"""All runs under a folder: finding one, listing them."""

from __future__ import annotations

import gc
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from trainctl.aliases import Value
from trainctl.errors import RunDirError
from trainctl.files import is_own_file
from trainctl.runs.directory import read_json_lines
from trainctl.runs.index import read_summaries, run_paths
from trainctl.runs.latest import without_latest
from trainctl.runs.layout import CHILDREN, LATEST, RECORD, RunDirectory
from trainctl.runs.lock import is_held
from trainctl.runs.notes import read_notes
from trainctl.runs.record import read_record
from trainctl.text import literal, nearest, one_of

_SHORTEST_START = 4  # characters of a run id that are enough to mean it


@dataclass(frozen=True, slots=True)
class Run:
    """A recorded run: its directory and what run.json says.

    Args:
        directory: Its directory.
        record: What run.json says.
        checkpoint: Which of its models is meant: `best` or `last`; `None` if the user did not say.
    """

    directory: RunDirectory
    record: Mapping[str, Value]
    checkpoint: str | None = None

    @property
    def name(self) -> str:
        """The experiment's name."""
        return str(self.record.get("name") or self.directory.path.parent.name)

    @property
    def seed(self) -> int:
        """The seed with which it began.

        Raises:
            RunDirError: run.json does not say.
        """
        seed: int | None = self.record.get("seed")
        if seed is None:
            raise RunDirError(f"{self.directory.record} is damaged: seed is missing", hint="restore the file")
        return seed

    @property
    def status(self) -> str:
        """done, failed, interrupted, terminated, paused, running; died where the process of a running one is gone."""
        status = str(self.record.get("status", "unknown"))
        return "died" if status == "running" and self._is_alive() is False else status

    @property
    def shown_status(self) -> str:
        """The status for people: `running on HOST?` where no one here can tell whether it still does."""
        doubtful = self.record.get("status") == "running" and self._is_alive() is None
        return f"running on {self.record.get('host')}?" if doubtful else self.status

    @property
    def stand_in_for(self) -> str | None:
        """The data source that could not be reached, where the run trained on a stand-in."""
        stand_in: str | None = (self.record.get("data") or {}).get("stand_in_for")
        return stand_in

    @property
    def epochs(self) -> int:
        """The epochs that it has trained."""
        epochs: int | None = self.record.get("epochs_run")
        return len(self.history()) if epochs is None else epochs

    def history(self) -> list[dict[str, Value]]:
        """Return the lines of metrics.jsonl; of a run that consists of several, those of each, told apart: `fold: "2"`."""
        return read_json_lines(self.directory.metrics) or [
            {one.directory.path.parent.name.removesuffix("s"): one.directory.path.name, **line}
            for one in children(self)
            for line in one.history()
        ]

    def again(self) -> Run:
        """Return the run as it is recorded now.

        Raises:
            RunDirError: It is not a run any longer.
        """
        return replace(read_run(self.directory.path), checkpoint=self.checkpoint)

    def as_dict(self) -> dict[str, Value]:
        """run.json, with the status as it is now, the directory, and the person's tags and note."""
        now = {"name": self.name, "status": self.status, "directory": str(self.directory.path)}
        return {**self.record, **now, **asdict(read_notes(self.directory))}

    def _is_alive(self) -> bool | None:
        """Return whether its process runs; `None` if that is on another host and the file system has no locks."""
        held = is_held(self.directory)
        if held is not None:
            return held
        if self.record.get("host") != socket.gethostname():
            return None
        try:
            os.kill(int(self.record["pid"]), 0)
        except (ProcessLookupError, KeyError, TypeError, ValueError, OverflowError):
            return False
        except PermissionError:
            return True
        return True


def children(run: Run) -> list[Run]:
    """Return the runs that a run consists of, as far as they have begun, in their order."""
    found = []
    for kind in CHILDREN:
        for path in run.directory.path.glob(f"{kind}/*/{RECORD}"):
            try:
                found.append(read_run(path.parent))
            except RunDirError:
                continue
    return sorted(found, key=lambda each: (len(each.directory.path.name), each.directory.path.name))


def stages_of(record: Mapping[str, Value]) -> dict[int, str]:
    """Return what each stage of a recorded run is called, by the number of its first epoch (from 1)."""
    return {each["first_epoch"]: each.get("name") or f"stage {each['number']}" for each in record.get("stages") or ()}


def all_runs(runs_dir: Path) -> list[Run]:
    """Return the runs under `runs_dir`, newest first; folders without a run.json are none."""
    return sorted(_found(runs_dir), key=_age, reverse=True)


def listed_runs(runs_dir: Path) -> list[Run]:
    """Return the same runs as `all_runs`, each with what a list needs of its record alone, tags and note included."""
    parents: dict[str, Path] = {}  # a path that begins with a known one is made in a third of the time
    runs = []
    with _without_collection():
        for path, summary in read_summaries(runs_dir.absolute()).items():
            folder, _, name = path.rpartition(os.sep)
            parent = parents.get(folder) or parents.setdefault(folder, Path(folder))
            runs.append(Run(RunDirectory(parent / name), summary))
        return sorted(runs, key=_age, reverse=True)


@contextmanager
def _without_collection() -> Iterator[None]:
    """What is made inside stays; to look through 10,000 new records for garbage costs as much as to read them."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.freeze()
            gc.enable()


def _age(run: Run) -> tuple[str, str]:
    return str(run.record.get("started")), run.directory.path.name


def find_run(runs_dir: Path, wanted: str) -> Run:
    """Return the run that the user means: a path, a run id, a name (its newest run), or `latest`.

    Behind each of these may be what leads to one of the runs that it consists of, as in `latest/folds/2`; and `/best` or
    `/last`, which says which of its models is meant.

    Raises:
        RunDirError: There is none, or more than one.
    """
    path = without_latest(Path(wanted))
    wanted = wanted if path == Path(wanted) else str(path)
    is_run = is_own_file(path / RECORD) and not (path.parts[:1] == (LATEST,) and Path(LATEST).is_symlink())
    whole, _, last = wanted.rstrip(os.sep).rpartition(os.sep)
    if whole and last in {"best", "last"} and not is_run:
        return replace(find_run(runs_dir, whole), checkpoint=last)
    if is_run:
        return read_run(path)
    whole, kind, name = ["", "", *wanted.rsplit(os.sep, 2)][-3:]
    if whole and kind in CHILDREN:
        return _child(find_run(runs_dir, whole), kind, name)
    if os.sep in wanted and Path(wanted).is_dir():
        raise RunDirError(f"{literal(wanted)} is not a run: it has no {RECORD}", hint="see: trainctl runs")
    runs = listed_runs(runs_dir)
    if not runs:
        raise RunDirError(f"no runs in {literal(str(runs_dir))}", hint="choose the folder with --runs-dir")
    part = _by_id_of_child(wanted, runs)
    if part is not None:
        return part
    matches = runs[:1] if wanted == LATEST else _called(runs, wanted)
    if len(matches) == 1:
        return read_run(matches[0].directory.path)
    if matches:
        raise RunDirError(
            f"{len(matches)} runs start with {literal(wanted)}", hint="use the full id; see: trainctl runs"
        )
    close = nearest(wanted, {name for run in runs for name in (run.name, run.directory.run_id)})
    hint = f"did you mean '{close}'? See: trainctl runs" if close else "see: trainctl runs"
    raise RunDirError(f"no run {literal(wanted)} in {literal(str(runs_dir))}", hint=hint)


def _child(run: Run, kind: str, name: str) -> Run:
    known = [each.directory.path.name for each in children(run) if each.directory.path.parent.name == kind]
    if name not in known:
        has = f"it has {one_of(known, 'and')}" if known else "it has none"
        raise RunDirError(
            f"the run {run.directory.run_id} has no {literal(f'{kind}/{name}')}", hint=f"{has} in {kind}/"
        )
    return read_run(run.directory.child(kind, name).path)


def _by_id_of_child(wanted: str, runs: Sequence[Run]) -> Run | None:
    """Return the run that is part of another and has this id."""
    whole, kind, name = ["", "", *wanted.rsplit("-", 2)][-3:]
    owner = next((run for run in runs if run.directory.run_id == whole), None)
    return _child(owner, kind, name) if owner is not None and kind in CHILDREN else None


def _called(runs: Sequence[Run], wanted: str) -> list[Run]:
    """The runs that `wanted` means: one of this id, else the newest of this name, else those whose id starts so."""
    by_id = [run for run in runs if run.directory.run_id == wanted]
    by_name = [run for run in runs if run.name == wanted][:1]
    by_start = [run for run in runs if run.directory.run_id.startswith(wanted)]
    return by_id or by_name or (by_start if len(wanted) >= _SHORTEST_START else [])


def _found(runs_dir: Path) -> Iterator[Run]:
    for path in run_paths(runs_dir):
        try:
            yield read_run(Path(path))
        except RunDirError:
            continue  # a folder that is not a run does not hide the others


def read_run(path: Path) -> Run:
    """Return the run in the directory `path`.

    Raises:
        RunDirError: It is not a run, or its record is damaged.
    """
    return Run(RunDirectory(path.absolute()), read_record(path))
