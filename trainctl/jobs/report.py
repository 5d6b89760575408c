"""`report`: all that is known of runs as one HTML file. A run directory is read as data; nothing of it is run to tell of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from string import ascii_uppercase

from trainctl.aliases import Value
from trainctl.config.explain import Line, explain_recorded
from trainctl.config.text.document import parse as parse_yaml
from trainctl.config.text.source import read_source
from trainctl.errors import ConfigError, RunDirError, TrainctlError, UsageError
from trainctl.events import Notice
from trainctl.files import is_own_file, require_replaceable, write_whole
from trainctl.jobs.compare import compare_results, compare_settings
from trainctl.jobs.evaluate import as_recorded, evaluate, record
from trainctl.jobs.thumbnails import data_urls
from trainctl.runs.checkpoints import model_file
from trainctl.runs.children import kind_of_children
from trainctl.runs.directory import read_json_lines
from trainctl.runs.evaluations import RecordedEvaluation, recorded_evaluations
from trainctl.runs.experiment_files import is_resolved_edited, read_composed
from trainctl.runs.failure import in_directory
from trainctl.runs.layout import REPORT, RESOLVED
from trainctl.runs.notes import read_notes
from trainctl.runs.selection import metrics_of
from trainctl.runs.store import Run, children, stages_of
from trainctl.strict_json import without_nan
from trainctl.text import literal
from trainctl.ui.facts import format_fact, format_setting
from trainctl.ui.page.facts import (
    Child,
    Compared,
    ComparedRow,
    Details,
    Evaluated,
    Model,
    RunFacts,
    Setting,
    parse,
)
from trainctl.ui.page.page import make_page
from trainctl.version import __version__

_NOTICES = 20
_MOST_RUNS = len(ascii_uppercase)  # which have a letter each


@dataclass(frozen=True, slots=True)
class Report:
    """A report that was written.

    Args:
        path: Its file.
        runs: The ids of the runs that it tells of.
        evaluations: For each of them where its evaluation comes from, or why there is none.
        bytes: How large it is.
    """

    path: Path
    runs: tuple[str, ...]
    evaluations: tuple[str, ...]
    bytes: int


def report(
    runs: Sequence[Run],
    output: Path | None = None,
    imports: Sequence[str] = (),
    runs_dir: Path = Path("runs"),
    *,
    evaluates: bool = True,
    overwrites: bool = False,
) -> Report:
    """Write what is known of runs into one HTML file.

    Args:
        runs: The runs; of several, the report begins with how they differ.
        output: The file; `None` for `report.html` of the run, which is replaced.
        imports: `--import` arguments, for the evaluation; where there are none, the recorded modules are loaded.
        runs_dir: Where the runs are whose models they may build on.
        evaluates: Whether a run that was not evaluated since it ended is evaluated now, and that is recorded.
        overwrites: Whether a file that is there already is replaced.

    Raises:
        UsageError: There are too many runs, several and no file, or the file is there already.
        RunDirError: The file cannot be written.
    """
    if len(runs) > _MOST_RUNS:
        raise UsageError(f"a report tells of {_MOST_RUNS} runs at most, received {len(runs)}")
    path = _place(runs, output, overwrites=overwrites)
    facts = [_facts_of(run, imports, runs_dir, evaluates=evaluates) for run in runs]
    made = f"Made by trainctl {__version__} on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC."
    page = make_page(facts, _compared(runs) if len(runs) > 1 else None, made).encode()
    with _written(path):
        write_whole(path, page)
    return Report(path, tuple(each.run_id for each in facts), tuple(each.evaluation_note for each in facts), len(page))


def _place(runs: Sequence[Run], output: Path | None, *, overwrites: bool) -> Path:
    """Return the file to write, which can be written as far as that is known before the runs are evaluated."""
    if output is None and len(runs) > 1:
        raise UsageError("a report of several runs needs a file", hint="name it: -o comparison.html")
    path = runs[0].directory.report if output is None else output.absolute()
    if output is not None and output.is_dir():
        raise UsageError(f"{output} is a folder", hint=f"name a file in it: -o {output / REPORT}")
    with _written(path):
        require_replaceable(path)
    if output is not None and output.exists() and not overwrites:
        raise UsageError(f"{output} exists already", hint="name another file, or replace it with --overwrite")
    return path


def _written(path: Path) -> AbstractContextManager[None]:
    return in_directory(path, "write the report", "choose another file with -o FILE")


def _facts_of(run: Run, imports: Sequence[str], runs_dir: Path, *, evaluates: bool) -> RunFacts:
    evaluation, told = _evaluation(run, imports, runs_dir, evaluates=evaluates)
    settings, remark = _settings(run)
    data, notes, kind = run.record.get("data") or {}, read_notes(run.directory), kind_of_children(run.record)
    parts = children(run)
    return RunFacts(
        run_id=run.directory.run_id,
        name=run.name,
        status=_status(run),
        directory=run.directory.shown,
        record=run.record,
        metrics=metrics_of(run),
        deviations={}
        if kind is None
        else {key: each["deviation"] for key, each in run.record[kind]["metrics"].items()},
        history=[rows for each in (parts or [run]) if (rows := _history(each))],
        stages={} if parts else stages_of(run.record),
        details=parse(Details, data.get("details")),
        model=parse(Model, run.record.get("model")),
        evaluation=evaluation,
        evaluation_note=told,
        images=data_urls(evaluation.images) if evaluation is not None else (),
        settings=settings,
        settings_note=remark,
        kind=kind or "",
        children=[_child(each) for each in parts],
        notices=_notices(run),
        tags=notes.tags,
        note=notes.note,
    )


def _status(run: Run) -> str:
    code = run.record.get("exit_code")
    return run.shown_status if code is None else f"{run.shown_status}, exit code {code}"


def _child(run: Run) -> Child:
    return Child(run.directory.path.name, run.shown_status, run.epochs, metrics_of(run))


def _history(run: Run) -> list[Mapping[str, Value]]:
    """Return the lines of metrics.jsonl that are such: a stranger's may hold anything."""
    rows = read_json_lines(run.directory.metrics)
    return [row for row in rows if type(row.get("epoch")) is int and all(_is_value(each) for each in row.values())]


def _is_value(value: Value) -> bool:
    return value is None or isinstance(value, float | str) or (isinstance(value, int) and value.bit_length() < 64)


def _notices(run: Run) -> list[str]:
    """Return what was said aloud while the run trained, each once."""
    said = (
        str(event.get("message"))
        for event in read_json_lines(run.directory.events)
        if event.get("event") == Notice.__name__
    )
    return list(dict.fromkeys(said))[:_NOTICES]


def _evaluation(run: Run, imports: Sequence[str], runs_dir: Path, *, evaluates: bool) -> tuple[Evaluated | None, str]:
    """Return the newest evaluation, or one that is made now, and where it comes from; `None` with the reason."""
    if kind_of_children(run.record) is not None:
        return (
            None,
            f"the metrics of its {kind_of_children(run.record)} are in the summary; report one of them to see its evaluation",
        )
    command = f"trainctl evaluate {run.directory.run_id}"
    found = _newest_evaluation(run)
    if found is not None and (found[0].is_current or not evaluates):
        recorded, evaluated = found
        old = "" if recorded.is_current else f"; the run went on since, so make it anew: {command}"
        return evaluated, f"from {recorded.name}, made {evaluated.time}{_changed(evaluated)}{old}"
    if not evaluates:
        return None, f"no evaluation: {command}"
    if run.checkpoint is None and not run.directory.model.is_file():
        return None, "no evaluation: the run has no final model"
    try:
        result = evaluate(run, None, imports, runs_dir, importance=None, boosting=True)
    except TrainctlError as error:
        return None, f"no evaluation: {error.message}"
    with suppress(RunDirError):  # where nothing can be written there, the report has it
        record(run, result)
    now = parse(Evaluated, without_nan(as_recorded(result)))
    return now, f"evaluated for this report{_changed(now)}"


def _newest_evaluation(run: Run) -> tuple[RecordedEvaluation, Evaluated] | None:
    """Return the newest evaluation, of the model that is meant where one is named: `RUN/best`."""
    wanted = None if run.checkpoint is None else str(model_file(run, None).relative_to(run.directory.path))
    for each in recorded_evaluations(run):
        found = parse(Evaluated, each.facts)
        if found is not None and found.metrics and wanted in {None, found.checkpoint}:
            return each, found
    return None


def _changed(evaluated: Evaluated | None) -> str:
    is_changed = evaluated is not None and evaluated.data_changed
    return "; the data had changed since the run, so splits and classes may differ" if is_changed else ""


def _settings(run: Run) -> tuple[list[Setting], str]:
    """Return the configuration with the origin of each value, and what is to be said of it."""
    directory = run.directory
    if not is_own_file(directory.resolved):
        return [], f"there is no {RESOLVED}: the run may have been killed before it started"
    try:
        resolved = parse_yaml(read_source(RESOLVED, directory.resolved))
    except (OSError, TrainctlError) as error:
        return [], f"{RESOLVED} cannot be read: {error}"
    remark = f"{RESOLVED} was edited since the run" if is_resolved_edited(directory) else ""
    try:
        composed = read_composed(directory, run.record.get("overrides") or ())
        remark = remark or (
            "" if composed is not None else "the experiment was given in Python, so its values have no places"
        )
    except (OSError, TrainctlError, RecursionError) as error:
        composed, remark = None, f"where the values come from is not known: {error}"
    lines = explain_recorded(resolved, composed)
    return [Setting(line.text, *_origin(line)) for line in lines], remark


def _origin(line: Line) -> tuple[str, str]:
    if not line.origins:
        return "", ""
    if line.text.startswith("seed:") and line.origins[0].place == "default":
        return "drawn for this run", ""
    return str(line.origins[0]), "; ".join(f"{literal(each.value)} from {each.place}" for each in line.origins[1:])


def _compared(runs: Sequence[Run]) -> Compared:
    """Return how the runs differ; of runs without an experiment, in their results alone."""
    results = [
        ComparedRow(each.key, [format_fact(each.key, value) for value in each.values], each.best)
        for each in compare_results(runs)
    ]
    try:
        settings = compare_settings(runs)
    except (RunDirError, ConfigError) as error:
        return Compared((), results, f"the settings are not compared: {error.message}")
    return Compared([ComparedRow(each.key, [*map(format_setting, each.values)]) for each in settings], results)
