"""`trainctl data`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from trainctl.aliases import Value
from trainctl.cli import options
from trainctl.cli.boundary import bounded
from trainctl.cli.loading import load_experiment
from trainctl.cli.output import print_json
from trainctl.cli.pictures import drawn, picture_optional, require_picture
from trainctl.config.compose.overrides import parse_arguments
from trainctl.errors import UsageError
from trainctl.jobs.data import DataReport, understand_experiment, understand_file
from trainctl.jobs.data_errors import located
from trainctl.jobs.data_plot import plot_data
from trainctl.runs.console import captured
from trainctl.text import plural, printable
from trainctl.ui.columns import column_lines

PICTURE = "data.png"
"""The picture that `--plot` writes where it names none."""


def data(
    target: Annotated[
        str,
        typer.Argument(
            metavar="CONFIG|FILE",
            show_default=False,
            help="An experiment, a table (.csv, .parquet), arrays (.npz), or a folder of images or texts.",
        ),
    ],
    label: Annotated[
        str | None,
        typer.Option("--label", metavar="COLUMN", show_default=False, help="Of a table, the column to predict."),
    ] = None,
    overrides: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            "-s",
            metavar="PATH=VALUE",
            show_default=False,
            help="Replace one value of an experiment; or an argument of the source that reads a file, e.g. encoding=latin-1, "
            "skip=3. Repeatable.",
        ),
    ] = None,
    imports: options.ImportNames = None,
    no_imports: options.NoImports = False,
    runs_dir: options.RunsDir = options.DEFAULT_RUNS_DIR,
    plot: Annotated[
        Path | None,
        typer.Option(
            "--plot",
            metavar="[FILE]",
            show_default=False,
            help=f"Also draw it: distributions, and some images as they are augmented, texts or series (default: {PICTURE}).",
        ),
    ] = None,
    json: options.Json = False,
) -> None:
    """Show how data is read: columns, label and warnings, without TensorFlow."""
    require_picture(plot)
    loaded = None
    if target.lower().endswith((".yaml", ".yml")):
        if label is not None:
            raise UsageError("--label is for a file; an experiment names its label itself")
        loaded = load_experiment(target, overrides, imports, no_imports=no_imports, runs_dir=runs_dir)
    with nullcontext() if loaded is None else located(loaded):
        if loaded is None:
            found = understand_file(Path(target), label, parse_arguments(overrides or []))
        else:
            found = understand_experiment(loaded)
        if plot is not None:
            with drawn(plot), captured(None):
                plot_data(found, plot, Path(target).name, loaded)
    if json:
        warnings = [each.record for each in found.report.warnings]
        print_json({**asdict(found.report), "warnings": warnings, **({} if plot is None else {"plot": str(plot)})})
        return
    for line in report_lines(found.report):
        typer.echo(line)
    if plot is not None:
        typer.echo(f"\npicture {plot}")


def report_lines(report: DataReport) -> Iterator[str]:
    """The report for people, a line each."""
    yield f"{report.source}: " + ", ".join(f"{count:,} {split}" for split, count in report.samples.items()) + " samples"
    if report.columns:
        yield ""
        yield from column_lines({str(each["name"]): each for each in report.columns})
    for known in report.inputs:
        spread = f", {known['min']:g} to {known['max']:g}" if "min" in known else ""
        yield f"input {printable(known['name'])}: {known['dtype']} {tuple(known['shape'])}{spread}"
    if report.label:
        yield ""
        yield f"label {_label_words(report.label)}"
    for word, text in report.about.items():
        yield f"{word}: {printable(text)}"
    for title, texts in (("warning", [each.text for each in report.warnings]), ("note", list(report.notices))):
        if texts:
            yield ""
            yield from (f"{title}: {printable(text)}" for text in texts)


def _label_words(label: Mapping[str, Value]) -> str:
    if "outputs" in label:
        return "; ".join(_label_words({"name": name, **known}) for name, known in label["outputs"].items())
    name = printable(label["name"])
    classes = label.get("classes")
    if classes is None:
        return f"{name}: numbers, {label['min']:g} to {label['max']:g}"
    shown = ", ".join(f"{printable(str(each))} {count:,}" for each, count in list(classes.items())[:20])
    return f"{name}: {plural(len(classes), 'class')}: {shown}{', …' if len(classes) > 20 else ''}"


app = typer.Typer(add_completion=False, rich_markup_mode=None)
app.command("data", cls=picture_optional(PICTURE))(bounded(data))
