"""Options that several commands share, each described once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """How progress and diagnostics are shown."""

    auto = "auto"
    rich = "rich"
    lines = "lines"
    jsonl = "jsonl"
    github = "github"
    quiet = "quiet"


class PictureFormat(StrEnum):
    """The format of a picture whose name the user does not choose."""

    png = "png"
    svg = "svg"


Config = Annotated[str, typer.Argument(help="The YAML file of the experiment.", metavar="CONFIG", show_default=False)]
Configs = Annotated[
    list[str], typer.Argument(help="The YAML files of the experiments.", metavar="CONFIG...", show_default=False)
]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        "-s",
        metavar="PATH=VALUE",
        show_default=False,
        help="Replace one value, e.g. fit.epochs=3 or callbacks.EarlyStopping.patience=5. Repeatable.",
    ),
]
Expect = Annotated[
    list[str] | None,
    typer.Option(
        "--expect",
        metavar="BOUND",
        show_default=False,
        help="Fail with exit code 8 unless a metric keeps a bound, e.g. 'val_accuracy >= 0.9'. Repeatable.",
    ),
]
ImportNames = Annotated[
    list[str] | None,
    typer.Option(
        "--import",
        metavar="FILE|MODULE",
        show_default=False,
        help="Load your own components from a .py file or a dotted module. Repeatable.",
    ),
]
NoImports = Annotated[
    bool, typer.Option("--no-imports", help="Ignore the imports in pyproject.toml and in installed packages.")
]
AllowOutput = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-output",
        metavar="PATH",
        show_default=False,
        help="Allow the run to overwrite this file or folder outside its directory. Repeatable.",
    ),
]
RunsDir = Annotated[Path, typer.Option("--runs-dir", metavar="FOLDER", help="The folder that holds all runs.")]
OutputFormat = Annotated[
    Format,
    typer.Option(
        "--format", help="How to show progress and diagnostics; auto is rich on a terminal and lines elsewhere."
    ),
]
PlotFormat = Annotated[
    PictureFormat | None,
    typer.Option(
        "--plot-format",
        show_default=False,
        help="The format of the pictures in the run directory; by default png, or that of the run.",
    ),
]
MaxTime = Annotated[
    str | None,
    typer.Option(
        "--max-time",
        metavar="DURATION",
        show_default=False,
        help="Stop each run after a time such as 90s, 30min or 2h, with a snapshot that resume continues from; status paused.",
    ),
]
MaxTimeExit = Annotated[
    int,
    typer.Option(
        "--max-time-exit", metavar="N", min=0, max=255, help="The exit code of a run that --max-time stopped."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON on stdout.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks.")]
RunName = Annotated[
    str,
    typer.Argument(
        help="A path, a run id, a name (its newest run), or latest; with /best or /last behind it, one of its models.",
        metavar="RUN",
    ),
]
Checkpoint = Annotated[
    str | None,
    typer.Option(
        "--checkpoint",
        metavar="FILE",
        show_default=False,
        help="The model to use: best, last, or a file of the run directory; by default model.keras.",
    ),
]

DEFAULT_RUNS_DIR = Path("runs")
