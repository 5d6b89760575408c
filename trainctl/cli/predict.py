"""`trainctl predict`."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, TextIO

import typer

from trainctl.cli import options
from trainctl.cli.output import print_json
from trainctl.components.new_inputs import Counts
from trainctl.data.prediction_files import CsvWriter, Part, whole, written_to
from trainctl.data.predictions import write
from trainctl.errors import DataError, UsageError
from trainctl.jobs import predict as job
from trainctl.runs.console import captured
from trainctl.runs.store import Run, find_run
from trainctl.sources.json_lines import ENCODING, UNDECODED
from trainctl.text import format_number, one_of, plural, printable

_TOLD = 5  # rows that cannot be read, and texts that are new


def predict(
    run: options.RunName,
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="INPUT...",
            show_default=False,
            help="Rows (.csv, .parquet, .jsonl), arrays (.npy, .npz with x), images, audio, or texts (.txt, .csv): files, "
            "folders or globs; - reads JSON lines from standard input.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            show_default=False,
            help="Write a .csv, .jsonl or .parquet, the raw outputs as .npy or .npz, or masks as images into a folder.",
        ),
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(
            "--columns",
            "--id",
            metavar="NAMES",
            show_default=False,
            help="Columns of the input to write before the prediction, such as id,age; none for none. By default all of them.",
        ),
    ] = None,
    proba: Annotated[bool, typer.Option("--proba", help="Also write the probability of each class.")] = False,
    threshold: Annotated[
        str | None,
        typer.Option(
            "--threshold",
            metavar="NUMBER|best",
            show_default=False,
            help="Predict the second of two classes from this probability on; best is what the last evaluation found.",
        ),
    ] = None,
    checkpoint: options.Checkpoint = None,
    on_error: Annotated[
        str,
        typer.Option(
            "--on-error",
            metavar="stop|skip",
            help="Whether to stop at a row or file that cannot be read, or to skip it and end with exit code 4.",
        ),
    ] = "stop",
    imports: options.ImportNames = None,
    runs_dir: options.RunsDir = options.DEFAULT_RUNS_DIR,
    json: options.Json = False,
) -> None:
    """Predict on new data."""
    if on_error not in {"stop", "skip"}:
        raise UsageError(f"--on-error must be stop or skip, got '{on_error}'")
    if output is not None:
        for path in paths:
            job.require_writable(output, path)
    found, counts = find_run(runs_dir, run), Counts()
    if output is not None and not output.suffix:
        of_rows = {
            "--columns": columns,
            "--proba": proba,
            "--threshold": threshold,
            "--on-error skip": on_error == "skip",
        }
        given = [option for option, value in of_rows.items() if value]
        if given:
            raise UsageError(
                f"{one_of(given, 'and')} cannot be used with a folder of masks",
                hint="remove what is for rows, or write a .csv",
            )
        _write_masks(found, paths, output, imports or (), runs_dir, checkpoint)
        return
    named = None if columns is None else () if columns == "none" else tuple(columns.split(","))
    cut = None if threshold is None else job.find_threshold(found, threshold, checkpoint)
    asked = job.Options(named, proba, checkpoint, None if cut is None else cut.value, on_error == "skip")
    lines = sys.stdin
    if isinstance(lines, io.TextIOWrapper):  # JSON lines are UTF-8, whatever the locale says
        lines.reconfigure(encoding=ENCODING, errors=UNDECODED)
    with captured(None) as streams:
        progress = _Progress(streams.stderr, counts)
        parts = progress.watched(job.predict_parts(found, paths, lines, asked, counts, imports or (), runs_dir))
        rows = whole(parts) if json and output is None else None
        if rows is None:
            _write(parts, output, streams.stdout, counts)
    if rows is not None:
        print_json(rows)
    if cut is not None and cut.found_on is not None:
        sys.stderr.write(
            f"note: threshold {format_number(cut.value)} gave the highest F1 on {printable(cut.found_on)}\n"
        )
    _tell(counts, output)


def _write(parts: Iterator[Part], output: Path | None, stdout: TextIO, counts: Counts) -> None:
    if output is None:
        writer = CsvWriter(stdout)
        for part in parts:
            writer.add(part)
        stdout.flush()
        return
    with written_to(output) as file:
        for part in parts:
            file.add(part)
        if not counts.samples:
            _tell(counts, None)  # which raises where all was skipped: a file without rows is none of most kinds


def _write_masks(
    found: Run, paths: Sequence[Path], output: Path, imports: Sequence[str], runs_dir: Path, checkpoint: str | None
) -> None:
    if len(paths) > 1:
        raise UsageError("masks are written for one INPUT at a time", hint="pass a folder or a glob")
    with captured(None):
        predictions = job.predict(found, paths[0], imports, runs_dir, checkpoint)
    write(predictions, output)


def _tell(counts: Counts, output: Path | None) -> None:
    """Tell on stderr what was written, and what was unusual about the inputs.

    Raises:
        DataError: Rows were skipped.
    """
    say = sys.stderr.write
    for column, missing in counts.missing.items():
        say(f"note: {printable(column)}: {plural(missing, 'missing value')}\n")
    for column, texts in counts.unseen.items():
        if texts:
            shown = [f"'{printable(text)}' {count:,}" for text, count in texts.most_common(_TOLD)]
            more = f", and {len(texts) - _TOLD} others" if len(texts) > _TOLD else ""
            total = plural(sum(texts.values()), "value")
            say(f"note: {printable(column)}: {total} that training never had: {', '.join(shown)}{more}\n")
    if output is not None:
        say(f"wrote {plural(counts.samples, 'row')} to {output}\n")
    if counts.left_out:
        first = [error.message for error in counts.bad[:_TOLD]]
        more = f"; and {counts.left_out - len(first)} others" if counts.left_out > len(first) else ""
        skipped = "was skipped" if counts.left_out == 1 else "were skipped"
        raise DataError(
            f"{plural(counts.left_out, 'sample')} could not be read and {skipped}: {'; '.join(first)}{more}",
            hint="correct them, and predict again",
        )


class _Progress:
    """A line on a terminal: what is waited for, and how far it is.

    Args:
        stream: The real standard error.
        counts: What has been predicted.
    """

    def __init__(self, stream: TextIO, counts: Counts) -> None:
        self._stream, self._counts = stream, counts
        self._is_shown = stream.isatty()

    def watched(self, parts: Iterator[Part]) -> Iterator[Part]:
        """Yield the parts, and show where they are."""
        self._show("loading the model…")
        began = last = time.monotonic()
        for number, part in enumerate(parts):
            if not number:
                began = time.monotonic()
            now = time.monotonic()
            if now - last > 0.1:
                last, rate = now, self._counts.samples / max(now - began, 0.1)
                self._show(f"{plural(self._counts.samples, 'row')}, {rate:,.0f} a second")
            yield part
        self._show("")

    def _show(self, words: str) -> None:
        if self._is_shown:
            self._stream.write(f"\r\x1b[K{words}")
            self._stream.flush()
