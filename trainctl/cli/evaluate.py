"""`trainctl evaluate`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Annotated

import typer

from trainctl.aliases import Value
from trainctl.cli import options
from trainctl.cli.output import print_json, table
from trainctl.cli.pictures import drawn, require_picture
from trainctl.errors import RunDirError
from trainctl.jobs import evaluate as job
from trainctl.runs.console import captured
from trainctl.runs.layout import in_format
from trainctl.runs.store import Run, find_run
from trainctl.text import format_number, plural
from trainctl.ui.evaluation_plot import write_evaluation_plot
from trainctl.ui.facts import format_beside, format_statistics

_MOST = 12  # classes whose confusion matrix fits on a screen
_CELLS = 3  # raw cells of a mistake
_ROWS = 20


def evaluate(
    run: options.RunName,
    data: Annotated[
        str | None,
        typer.Option(
            "--data",
            metavar="FILE|CONFIG",
            show_default=False,
            help="Evaluate on other labelled data: a file or folder like that of training, or an experiment file.",
        ),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(
            "--split",
            metavar="train|validation|test",
            show_default=False,
            help="The split to evaluate on; by default test, else validation, else train.",
        ),
    ] = None,
    checkpoint: options.Checkpoint = None,
    importance: Annotated[
        bool,
        typer.Option("--importance", help="Shuffle each column of a table, to see how much the model depends on it."),
    ] = False,
    baseline: Annotated[
        bool,
        typer.Option(
            "--baseline/--no-baseline", help="Compare with gradient boosting, where the data is a table in memory."
        ),
    ] = True,
    plot: Annotated[bool, typer.Option("--plot", help="Draw evaluation.png in the run directory.")] = False,
    plot_format: options.PlotFormat = None,
    imports: options.ImportNames = None,
    runs_dir: options.RunsDir = options.DEFAULT_RUNS_DIR,
    json: options.Json = False,
) -> None:
    """Evaluate a run's model: metrics, confusion matrix, worst mistakes."""
    found = find_run(runs_dir, run)
    before = found.directory.evaluation_plot
    picture = None
    if plot or plot_format is not None:
        picture = in_format(before, found.record.get("plot_format") if plot_format is None else plot_format.value)
        job.require_one_model(found, "--plot")
        require_picture(picture)
    with captured(None):
        result = job.evaluate(
            found,
            split,
            imports or (),
            runs_dir,
            data=data,
            checkpoint=checkpoint,
            importance=importance,
            boosting=baseline,
        )
    if result.data_changed:
        sys.stderr.write("warning: the data has changed since the run; splits and classes may differ\n")
    if picture is not None:
        with drawn(picture), captured(None):
            write_evaluation_plot(result.as_dict(), picture, f"{found.name}: {result.split}", result.images)
        if before != picture:  # of an earlier evaluation
            before.unlink(missing_ok=True)
    _record(found, result)
    if json:
        print_json({**result.as_dict(), **({} if picture is None else {"plot": str(picture)})})
        return
    _show(found, result)
    if picture is not None:
        typer.echo(f"\npicture {picture}")


def _record(run: Run, result: job.Evaluation) -> None:
    """Write the evaluation beside the run; where nothing can be written there, what is printed is all."""
    try:
        job.record(run, result)
    except RunDirError as error:
        sys.stderr.write(f"warning: {error.message}\n")


def _show(run: Run, result: job.Evaluation) -> None:
    if not result.statistics:
        what = result.data or f"the {result.split} split"
        typer.echo(f"{plural(result.samples, 'sample')} of {what}, with {result.checkpoint}")
    for key, value in result.metrics.items():
        of_several = result.statistics.get(key)
        shown = format_number(value) if of_several is None else format_statistics(value, of_several.deviation)
        beside = format_beside(result.baseline.get(key, {}), run.record.get("majority"))
        typer.echo(f"{result.prefix}{key} {shown}{beside}")
    outputs = result.quality.get("outputs")
    for name, quality in outputs.items() if outputs is not None else [("", result.quality)]:
        _show_quality(quality, f"{name}: " if name else "")


def _show_quality(quality: Mapping[str, Value], of: str) -> None:
    for line in _lines(quality):
        typer.echo(f"{of}{line}")
    if quality.get("per_class"):
        heads = list(quality["per_class"][0])
        rows = [[_cell(value) for value in each.values()] for each in quality["per_class"]]
        _titled(f"{of}classes", heads, rows[:_ROWS], len(rows))
    matrix = quality.get("confusion_matrix")
    if matrix is not None:
        _show_matrix(matrix, of)
    if "regression" in quality:
        deciles = quality["regression"]["residual_deciles"]
        heads = ["label from", "to", "count", "mean residual", "mae"]
        rows = [[_cell(each[key]) for key in ("from", "to", "count", "mean_residual", "mae")] for each in deciles]
        _titled(f"{of}predicted - label, by tenths of the labels", heads, rows, len(rows))
    if quality.get("mistakes"):
        worst = [_mistake(each) for each in quality["mistakes"]]
        _titled(f"{of}worst mistakes", list(worst[0]), [list(each.values()) for each in worst], len(worst))
    if "importance" in quality:
        found = quality["importance"]
        rows = [[each["column"], _cell(each["mean"]), _cell(each["deviation"])] for each in found["columns"]]
        heads = ["column", f"{found['score']} lost", "deviation"]
        _titled(f"{of}importance: {found['score']} lost where the column is shuffled", heads, rows[:_ROWS], len(rows))


def _lines(quality: Mapping[str, Value]) -> Iterator[str]:
    if "roc" in quality:
        yield f"ROC AUC {format_number(quality['roc']['auc'])}"
        yield f"average precision {format_number(quality['precision_recall']['average_precision'])}"
        best = quality["threshold"]
        shown, usual = format_number(best["f1"]), format_number(best["f1_at_0.5"])
        yield f"best threshold {format_number(best['value'])}: F1 {shown} (at 0.5: {usual})"
    if "not_finite" in quality:
        yield f"predictions that are NaN or infinite: {quality['not_finite']:,}"
    if "calibration" in quality:
        error = quality["calibration"]["expected_error"]
        yield f"calibration: confidence and accuracy differ by {format_number(error)} on average"
    for key in ("mae", "rmse", "r2") if "regression" in quality else ():
        yield f"{ {'mae': 'MAE', 'rmse': 'RMSE', 'r2': 'R²'}[key] } {format_number(quality['regression'][key])}"


def _show_matrix(matrix: Mapping[str, Value], of: str) -> None:
    """Show the confusion matrix, or of many classes what is confused most."""
    labels, counts = matrix["labels"], matrix["counts"]
    if len(labels) <= _MOST:
        rows = [[name, *map(str, row)] for name, row in zip(labels, counts, strict=True)]
        _titled(f"{of}confusion: label in the row, prediction in the column", ["label", *labels], rows, len(rows))
        return
    wrong = [
        (count, labels[i], labels[j]) for i, row in enumerate(counts) for j, count in enumerate(row) if count and i != j
    ]
    wrong.sort(key=lambda each: -each[0])
    rows = [[label, said, str(count)] for count, label, said in wrong[:_ROWS]]
    _titled(f"{of}confused most", ["label", "prediction", "count"], rows, len(wrong))


def _titled(title: str, heads: list[str], rows: list[list[str]], count: int) -> None:
    typer.echo(f"\n{title}")
    table(heads, rows, droppable=list(reversed(heads[1:]))[: max(0, len(heads) - 3)])
    if count > len(rows):
        typer.echo(f"and {count - len(rows)} more; --json has all")


def _mistake(mistake: Mapping[str, Value]) -> dict[str, str]:
    shown = {key: _cell(mistake[key]) for key in ("row", "label", "prediction", "probability") if key in mistake}
    cells = list(mistake["values"].items())[:_CELLS]
    return {**shown, **({"values": ", ".join(f"{key} {_raw(value)}" for key, value in cells)} if cells else {})}


def _raw(value: Value) -> str:
    if value == "" or value != value:
        return "missing"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _cell(value: Value) -> str:
    if isinstance(value, float):
        return format_number(value)
    if isinstance(value, list):
        return " ".join(map(_cell, value[:4])) + (" …" if len(value) > 4 else "")
    return str(value)
