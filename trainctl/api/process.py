"""What a call from Python does to the process around it: as little as can be, and put back at its end."""

from __future__ import annotations

import os
import random
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from trainctl.aliases import KerasObject
from trainctl.errors import TrainctlError, UsageError
from trainctl.events import Sink, fan_out
from trainctl.runs.console import Streams, captured
from trainctl.ui.displays import make_display
from trainctl.ui.report import text_lines
from trainctl.ui.updating_line import UpdatingLineDisplay

_TURN = threading.RLock()
"""One call at a time: threads share the file descriptors, the seeds and Keras's settings of their process."""

_runs: list[int] = []
"""The run that is under way, by its thread."""


@contextmanager
def quietly() -> Iterator[Streams]:
    """Keep what TensorFlow and others print off the screen, and leave the process as it was; yield the real streams."""
    with _TURN, explained(), _undisturbed(), captured(None) as streams:
        yield streams


@contextmanager
def watching(format: str, on_event: Sink | None) -> Iterator[Sink]:
    """Yield a sink that shows the run in a notebook, on a terminal or in a log.

    Raises:
        UsageError: A run of this thread is under way: its callback began another.
    """
    with quietly() as streams, _display(format, streams) as show:
        if _runs:
            raise UsageError("a run cannot start inside another run", hint="start it after the other run has ended")
        _runs.append(threading.get_ident())
        try:
            yield fan_out(show, on_event) if on_event is not None else show
        finally:
            _runs.clear()


def _display(format: str, streams: Streams) -> AbstractContextManager[Sink]:
    if format == "auto" and _is_notebook():
        return nullcontext(UpdatingLineDisplay(streams.stderr))
    return make_display(format, stdout=streams.stdout, stderr=streams.stderr, environ=os.environ)


def _is_notebook() -> bool:
    """Return whether a Jupyter kernel runs this code; nothing is imported to find out."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return hasattr(shell, "kernel")


@contextmanager
def explained() -> Iterator[None]:
    """Add to an error's traceback what its first line does not say: every problem and its place, and what to do."""
    try:
        yield
    except TrainctlError as error:
        explain(error)
        raise


def explain(error: TrainctlError) -> None:
    """Add notes to `error`, which a traceback ends with."""
    notes = list(text_lines(error.diagnostics, color=False, width=100)) if error.diagnostics else []
    notes += [f"help: {error.hint}"] if error.hint and not error.diagnostics else []
    if notes and not getattr(error, "__notes__", None):
        error.add_note("\n".join(notes))


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Put back what a run sets for the whole process: random numbers, the precision and the progress bars of Keras."""
    state, numbers, keras = random.getstate(), sys.modules.get("numpy"), sys.modules.get("keras")
    drawn = numbers.random.get_state() if numbers else None
    policy = keras.config.dtype_policy() if keras else None
    shows = keras.config.is_interactive_logging_enabled() if keras else True
    try:
        yield
    finally:
        random.setstate(state)
        if numbers:
            numbers.random.set_state(drawn)
        loaded: KerasObject = sys.modules.get("keras")
        if loaded and hasattr(loaded, "config"):  # not where its import was cut short
            loaded.config.set_dtype_policy(policy or loaded.config.floatx())
            if shows:
                loaded.config.enable_interactive_logging()
