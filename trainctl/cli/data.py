"""`trainctl data`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from trainctl.aliases import Value
from trainctl.cli import options
from trainctl.cli.loading import load_experiment
from trainctl.cli.output import print_json
from trainctl.errors import UsageError
from trainctl.jobs.data import DataReport, describe_experiment, describe_file
from trainctl.jobs.data_errors import located
from trainctl.text import plural, printable
from trainctl.ui.columns import column_lines


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
    overrides: options.Overrides = None,
    imports: options.ImportNames = None,
    no_imports: options.NoImports = False,
    runs_dir: options.RunsDir = options.DEFAULT_RUNS_DIR,
    json: options.Json = False,
) -> None:
    """Show how data is read: columns, label and warnings, without TensorFlow."""
    if target.lower().endswith((".yaml", ".yml")):
        if label is not None:
            raise UsageError("--label is for a file; an experiment names its label itself")
        loaded = load_experiment(target, overrides, imports, no_imports=no_imports, runs_dir=runs_dir)
        with located(loaded):
            report = describe_experiment(loaded)
    else:
        report = describe_file(Path(target), label)
    if json:
        print_json(asdict(report))
        return
    for line in report_lines(report):
        typer.echo(line)


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
        return ", ".join(map(printable, label["outputs"]))
    name = printable(label["name"])
    classes = label.get("classes")
    if classes is None:
        return f"{name}: numbers, {label['min']:g} to {label['max']:g}"
    shown = ", ".join(f"{printable(str(each))} {count:,}" for each, count in list(classes.items())[:20])
    return f"{name}: {plural(len(classes), 'class')}: {shown}{', …' if len(classes) > 20 else ''}"
