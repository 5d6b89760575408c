"""Errors at the command line: their text and their exit codes."""

from __future__ import annotations

import functools
import gc
import inspect
import os
import platform
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO, cast

import typer

from trainctl.cli.options import Debug
from trainctl.cli.output import print_json
from trainctl.cli.standard_streams import discard, is_of_stdout, tell_lost_result
from trainctl.diagnostics import Diagnostic
from trainctl.errors import BUG, TrainctlError, TrainingError, exit_code_of
from trainctl.masking import MaskedStream, mask
from trainctl.runs.failure import limit_error, memory_error
from trainctl.ui.report import report
from trainctl.ui.stream import wants_color, width_of
from trainctl.user_folders import cache_folder
from trainctl.version import __version__


class Ended(Exception):
    """A run ended with an error (its cause) that its display has told; carries the exit code."""

    def __init__(self, exit_code: int) -> None:
        super().__init__()
        self.exit_code = exit_code


def bounded(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command with `--debug`, and with every error turned into words on stderr and the right exit code."""
    signature = inspect.signature(command, eval_str=True)

    @functools.wraps(command)
    def run(*args: Any, debug: bool = False, **kwargs: Any) -> None:
        chosen = kwargs.get("format")
        format_, json = str(getattr(chosen, "value", "auto")), bool(kwargs.get("json", False))
        _collect_garbage()
        with _output_written(), _boundary(format_, debug=debug, json=json):
            _run(command, *args, **kwargs)

    option = inspect.Parameter("debug", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Debug)
    run.__signature__ = signature.replace(parameters=[*signature.parameters.values(), option])  # type: ignore[attr-defined]
    run.__annotations__ = {name: each.annotation for name, each in run.__signature__.parameters.items()}  # type: ignore[attr-defined]
    return run


def _collect_garbage() -> None:
    """Collect what is garbage from here on; what was imported before, while nothing was collected, is none."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def _run(command: Callable[..., None], *args: Any, **kwargs: Any) -> None:
    """Do `command`; code of the user's may not end the program, with an exit code of its choice, 0 too."""
    try:
        command(*args, **kwargs)
    except SystemExit as ended:
        message = f"imported code called sys.exit({ended.code!r})"
        raise TrainingError(message, hint="raise an exception instead") from ended


@contextmanager
def _output_written() -> Iterator[None]:
    """Make sure that what was asked for on stdout is there, or that the exit code says that it is not."""
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except BrokenPipeError as error:  # `trainctl list layers | head`: no one reads on, which is not an error
        discard(1)
        ended = error.__context__
        raise typer.Exit(ended.exit_code if isinstance(ended, typer.Exit) else 0) from None
    except OSError as error:
        raise typer.Exit(tell_lost_result(error)) from None


@contextmanager
def _boundary(format: str, *, debug: bool, json: bool) -> Iterator[None]:
    with _masked_streams():
        yield from _ended_in_words(format, debug=debug, json=json)


@contextmanager
def _masked_streams() -> Iterator[None]:
    """Let no secret reach the screen: results, messages and tracebacks go through one filter."""
    before = sys.stdout, sys.stderr
    streams = [MaskedStream(stream) for stream in before]
    masked, sys.stderr = (cast("TextIO", stream) for stream in streams)
    sys.stdout = masked
    try:
        yield
    finally:
        for stream in streams:
            with suppress(OSError, ValueError):  # no one reads on
                stream.settle()
        if sys.stdout is masked:  # else it leads nowhere by now
            sys.stdout = before[0]
        sys.stderr = before[1]


def _ended_in_words(format: str, *, debug: bool, json: bool) -> Iterator[None]:
    try:
        yield
    except typer.Exit:
        raise
    except Ended as ended:
        _add_to_summary(ended.__cause__, format, debug=debug)
        raise typer.Exit(ended.exit_code) from None
    except TrainctlError as error:
        show_failure(error, format, json=json)
        if debug:
            traceback.print_exc()
        raise typer.Exit(exit_code_of(error)) from None
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        raise typer.Exit(130) from None
    except Exception as error:
        if isinstance(error, BrokenPipeError) or is_of_stdout(error):
            raise
        limit = memory_error(error) or limit_error(error)
        if limit is not None:
            show_failure(limit, format, json=json)
            raise typer.Exit(exit_code_of(limit)) from None
        # a bug: the person gets two lines, the report gets everything
        show_bug(error, debug=debug)
        if json:
            _print_failure(error)
        raise typer.Exit(BUG) from None


def _add_to_summary(error: BaseException | None, format: str, *, debug: bool) -> None:
    """What a run's summary cannot say: the lines to blame, or where a bug's report is."""
    if isinstance(error, TrainctlError):
        if error.diagnostics and format != "jsonl":  # where the last event holds them
            show_diagnostics(error.diagnostics, format)
        if debug:
            traceback.print_exception(error)
    elif error is not None and not isinstance(error, KeyboardInterrupt):
        ask_for_report(error, debug=debug)


def show_failure(error: TrainctlError, format: str, *, json: bool) -> None:
    """Render an error the user can mend, and with `json` the result of a command that came to none."""
    show_error(error, format)
    if json and format != "jsonl":  # there the diagnostics are on stdout already
        _print_failure(error)


def show_error(error: TrainctlError, format: str) -> None:
    """Render an error the user can mend, in the chosen format."""
    show_diagnostics(diagnostics_of(error), format)


def show_diagnostics(problems: Sequence[Diagnostic], format: str) -> None:
    """Render diagnostics in the chosen format: text on stderr, machine-readable ones on stdout."""
    report(
        problems,
        format=format,
        stdout=sys.stdout,
        stderr=sys.stderr,
        color=wants_color(sys.stderr, os.environ),
        width=width_of(sys.stderr, os.environ),
    )


_CODES = {2: "usage", 3: "config", 4: "data", 5: "build", 6: "training", 7: "run-directory", 8: "expectation"}


def diagnostics_of(error: Exception) -> Sequence[Diagnostic]:
    """Return the problems behind `error`; where it names no place, the one that it is."""
    if not isinstance(error, TrainctlError):
        return (Diagnostic("bug", _bug_words(error)),)
    return error.diagnostics or (Diagnostic(_CODES.get(exit_code_of(error), "error"), error.message, hint=error.hint),)


def _print_failure(error: Exception) -> None:
    """The result, for programs, of a command that came to none."""
    problems = [each.as_dict() for each in diagnostics_of(error)]
    print_json({"status": "failed", "exit_code": exit_code_of(error), "diagnostics": problems})


def _bug_words(error: BaseException) -> str:
    return f"a bug in trainctl: {type(error).__name__}: {error}"


def show_bug(error: BaseException, *, debug: bool) -> None:
    """Two lines on stderr, and a report to paste into an issue."""
    sys.stderr.write(f"error: {_bug_words(error)}\n")
    ask_for_report(error, debug=debug)


def ask_for_report(error: BaseException, *, debug: bool) -> None:
    """The second of the two lines, and the report it names."""
    sys.stderr.write(f"  please report it, with the file {_write_report(error)}\n")
    if debug:
        traceback.print_exception(error)


def _write_report(error: BaseException) -> Path:
    lines = traceback.format_exception(error)
    text = (
        f"## trainctl {__version__}: {type(error).__name__}\n\n"
        f"Python {platform.python_version()} on {platform.platform()}\n"
        f"Command: `{' '.join([Path(sys.argv[0]).name, *sys.argv[1:2]])}`\n\n```\n{''.join(lines)}```\n"
    )
    name = f"bug-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.md"
    for place in (cache_folder(), Path(tempfile.gettempdir())):
        try:
            place.mkdir(parents=True, exist_ok=True)
            (place / name).write_text(mask(text), encoding="utf-8")
        except OSError:
            continue
        return place / name
    return Path(os.devnull)
