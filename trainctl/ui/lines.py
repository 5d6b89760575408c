"""The display for logs and CI: one plain line a fact, without control characters."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from trainctl import events
from trainctl.text import format_duration, printable
from trainctl.ui import facts
from trainctl.ui.columns import MOST, column_lines
from trainctl.ui.metrics import without_classes
from trainctl.ui.stream import Outlet

if TYPE_CHECKING:
    from collections.abc import Iterator

_WIDTH = 80  # characters of a line of the table of columns


class LinesDisplay:
    """Writes lines to `stream`.

    Args:
        stream: Where to, usually stderr.
    """

    def __init__(self, stream: TextIO) -> None:
        self._outlet = Outlet(stream)
        self._waiting: str | None = None
        self._stepped = False

    def __call__(self, event: events.Event) -> None:
        """Write the lines of `event`."""
        for line in self.lines_of(event):
            self._outlet.line(line)

    def lines_of(self, event: events.Event) -> Iterator[str]:
        """Yield the lines of `event`, what is waited for among them."""
        if isinstance(event, events.PhaseStarted):
            yield from self._announced(facts.format_phase(event.phase, event.subject))
        elif isinstance(event, events.EpochStarted) and not self._stepped:
            self._stepped = True
            yield from self._announced(facts.format_phase(events.Phase.BUILDING_GRAPH, None))
        yield from event_lines(event)
        if isinstance(event, events.StageStarted):  # its graph is built anew
            self._waiting, self._stepped = None, False

    def _announced(self, words: str) -> Iterator[str]:
        if words != self._waiting:
            yield words
        self._waiting = words


def event_lines(event: events.Event) -> Iterator[str]:
    """Yield what to say about `event`, in no line or in several."""
    match event:
        case events.RunStarted():
            yield from _render_start(event)
        case events.DataLoaded():
            yield from _render_data(event)
        case events.ModelBuilt() | events.ExecutionDecided():
            yield from _render_model(event)
        case events.StageStarted() | events.ChildStarted() | events.ChildFinished():
            yield _part_line(event)
        case events.EpochEnded():
            yield epoch_line(event)
        case events.CheckpointsKept():
            yield f"note: {facts.format_checkpoints(event)}"
        case events.CallbackNotice():
            yield f"  {printable(event.callback)}: {printable(event.message)}"
        case events.Recovered():
            yield f"WARNING: {facts.format_recovery(event)}"
        case events.Notice():
            yield f"{'WARNING' if event.loud else 'note'}: {printable(event.message)}"
        case events.RunFinished():
            yield from _render_end(event)


def _render_model(event: events.ModelBuilt | events.ExecutionDecided) -> Iterator[str]:
    if isinstance(event, events.ExecutionDecided):
        yield from (_format_field("execution", words) for words in facts.format_decisions(event))
        return
    yield _format_field("model", facts.format_model(event))
    yield _format_field("device", printable(event.device))
    if event.callbacks:
        yield _format_field("callbacks", printable(", ".join(event.callbacks)))


def epoch_line(event: events.EpochEnded) -> str:
    """`epoch  3/10  loss 0.2131  val_loss 0.1502  lr 0.001  2.1 s`."""
    digits = len(str(event.epochs))
    metrics = {name: event.metrics[name] for name in without_classes(event.metrics)}
    parts = [f"epoch {event.epoch:>{digits}}/{event.epochs}", facts.format_metrics(metrics)]
    if event.learning_rate is not None:
        parts.append(f"lr {event.learning_rate:.4g}")
    return "  ".join([*filter(None, parts), format_duration(event.seconds)])


def _part_line(event: events.StageStarted | events.ChildStarted | events.ChildFinished) -> str:
    if isinstance(event, events.StageStarted):
        return facts.format_stage(event)
    if isinstance(event, events.ChildStarted):
        return f"{facts.format_child(event)}  {printable(event.directory)}"
    return f"{event.so_far.noun} {printable(event.run.name)} {facts.format_child_result(event)}"


def failure_lines(event: events.RunFinished) -> Iterator[str]:
    """Why the run did not end well, and what to do; nothing where it did."""
    if event.message and not event.diagnostics:
        yield f"{'error' if event.exit_code else 'note'}: {printable(event.message)}"
    if event.hint and not event.diagnostics:
        yield f"  help: {printable(event.hint)}"
    if event.resume:
        yield f"  resume: {printable(event.resume)}"


def _render_start(event: events.RunStarted) -> Iterator[str]:
    yield printable(event.name) + (" (dry run)" if event.dry_run else "")
    yield _format_field("run", printable(event.run_id))
    if not event.dry_run:  # whose directory goes with it
        yield _format_field("directory", printable(event.directory))
    yield _format_field("config", printable(event.config))
    yield _format_field("seed", str(event.seed))
    if event.resumed:
        yield _format_field("resumed", printable(event.resumed))
    for override in event.overrides:
        yield _format_field("--set", printable(override))


def _render_data(event: events.DataLoaded) -> Iterator[str]:
    yield _format_field("data", facts.format_data(event))
    yield _format_field("input", facts.format_sample(event))
    if event.details:
        yield _format_field("details", facts.format_details(event.details))
    for line in column_lines(event.details.get("columns", {}), width=_WIDTH - 2, most=MOST):
        yield f"  {line}"


def _render_end(event: events.RunFinished) -> Iterator[str]:
    yield facts.format_summary(event)
    for name, value in facts.format_results(event).items():
        yield f"  {printable(name)} {value}"
    for expectation in facts.told_apart(event):
        yield f"  {facts.mark(expectation)} {printable(str(expectation))}"
    if facts.format_costs(event):
        yield _format_field("callbacks", facts.format_costs(event))
    if event.stand_in_for:
        yield f"WARNING: trained on stand-in data instead of {printable(event.stand_in_for)}"
    if event.directory:
        yield _format_field("directory", printable(event.directory))
    yield from failure_lines(event)


def _format_field(label: str, value: str) -> str:
    return f"  {label:<10}{value}"
