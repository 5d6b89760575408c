"""What the live display knows of a run: a frozen value, and how each event changes it.

Frozen, so that the thread that draws reads one whole state while the run makes the next, without a lock.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from trainctl import events
from trainctl.ui import facts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trainctl.ui.metrics import Point

NOTICES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class RunState:
    """All that is on the screen.

    Args:
        execution: What was decided about the execution.
        phase: What the user waits for, in words, `None` while steps are taken.
        since: When that phase began, seconds since the epoch.
        epoch: The epoch under way or just ended.
        first: The first progress of this epoch's training or validation; speed is counted from it.
        progress: The latest progress of the same.
        rate: Steps a second, as last measured for training.
        stepped: Whether a step was taken; the first one builds the graph.
        startup: Seconds from the first epoch's start to its first progress.
        running: Running values of the metrics of the epoch under way.
        latest: The last epoch that ended.
        history: Each metric's values, by epoch.
        notices: The latest notices: pairs of who and what.
        warnings: What was said aloud.
        child: The one of several runs that is under way, in words.
        stage: The stage that is under way, in words.
    """

    started: events.RunStarted | None = None
    data: events.DataLoaded | None = None
    model: events.ModelBuilt | None = None
    execution: events.ExecutionDecided | None = None
    finished: events.RunFinished | None = None
    phase: str | None = None
    since: float = 0.0
    epoch: events.EpochStarted | None = None
    first: events.Progress | None = None
    progress: events.Progress | None = None
    rate: float | None = None
    stepped: bool = False
    startup: float = 0.0
    running: Mapping[str, float] = field(default_factory=dict)
    latest: events.EpochEnded | None = None
    history: Mapping[str, tuple[Point, ...]] = field(default_factory=dict)
    notices: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    child: str | None = None
    stage: str | None = None

    def seconds_left(self, now: float) -> float | None:
        """Seconds until the last epoch ends if none is cut short, `None` if it cannot be known yet.

        Args:
            now: Seconds since the epoch.
        """
        if self.epoch is None or self.phase:
            return None
        after = self.epoch.epochs - self.epoch.epoch
        ended = self.latest is not None and self.latest.epoch == self.epoch.epoch
        if self.latest is not None:
            epochs_ended = max(map(len, self.history.values()), default=0)
            building = self.startup if epochs_ended == 1 else 0.0  # later epochs find the graph built
            an_epoch = max(0.0, self.latest.seconds - building)
            rest = 0.0 if ended else max(0.0, an_epoch - (now - self.epoch.time))
            return rest + after * an_epoch
        if self.rate is None or self.progress is None or self.epoch.steps <= 0:
            return None
        rest = 0 if self.progress.validating else self.epoch.steps - self.progress.step
        return (rest + after * self.epoch.steps) / self.rate


def advance(state: RunState, event: events.Event) -> RunState:
    """Return the state after `event`."""
    match event:
        case events.RunStarted() | events.DataLoaded() | events.ModelBuilt() | events.ExecutionDecided():
            return _announce(state, event)
        case events.PhaseStarted():
            return replace(state, phase=facts.format_phase(event.phase, event.subject), since=event.time)
        case events.EpochStarted():
            return _epoch_started(state, event)
        case events.Progress() if event.step > 0:
            return _advance_progress(state, event)
        case events.EpochEnded():
            return _add_epoch(state, event)
        case events.CallbackNotice() | events.Recovered() | events.Notice() | events.CheckpointsKept():
            return _add_words(state, event)
        case events.StageStarted() | events.ChildStarted():
            return _start_part(state, event)
        case events.ChildFinished():
            return _add_notice(state, f"{event.so_far.noun} {event.run.name}", facts.format_child_result(event))
        case events.RunFinished():
            return _finish(state, event)
    return state


def _announce(
    state: RunState, event: events.RunStarted | events.DataLoaded | events.ModelBuilt | events.ExecutionDecided
) -> RunState:
    match event:
        case events.RunStarted():
            return replace(state, started=event)
        case events.DataLoaded():
            return replace(state, data=event)
        case events.ModelBuilt():
            return replace(state, model=event)
        case events.ExecutionDecided():
            return replace(state, execution=event)


Words = events.CallbackNotice | events.Recovered | events.Notice | events.CheckpointsKept


def _add_words(state: RunState, event: Words) -> RunState:
    if isinstance(event, events.CheckpointsKept):
        return _add_notice(state, "", facts.format_checkpoints(event))
    if isinstance(event, events.CallbackNotice):
        return _add_notice(state, event.callback, event.message)
    if isinstance(event, events.Recovered):
        return _add_warning(state, facts.format_recovery(event))
    return _add_warning(state, event.message) if event.loud else _add_notice(state, "", event.message)


def _finish(state: RunState, event: events.RunFinished) -> RunState:
    """End the run; the curves that are known are those of the last of several runs."""
    history = state.history if event.children is None else {}
    return replace(state, finished=event, phase=None, history=history)


def _start_child(state: RunState, event: events.ChildStarted) -> RunState:
    """Forget what is known of the run before: its data, its curves, how fast it was."""
    fresh = RunState(started=state.started, notices=state.notices, warnings=state.warnings)
    return replace(fresh, child=facts.format_child(event), since=event.time)


def _start_part(state: RunState, event: events.StageStarted | events.ChildStarted) -> RunState:
    return _start_child(state, event) if isinstance(event, events.ChildStarted) else _start_stage(state, event)


def _start_stage(state: RunState, event: events.StageStarted) -> RunState:
    """Forget how fast the stage before was; its curves go on."""
    fresh = replace(state, epoch=None, first=None, progress=None, rate=None, latest=None, running={})
    return replace(fresh, stage=facts.format_stage(event), stepped=False, startup=0.0, since=event.time)


def _epoch_started(state: RunState, event: events.EpochStarted) -> RunState:
    phase = None if state.stepped else facts.format_phase(events.Phase.BUILDING_GRAPH, None)
    return replace(state, epoch=event, phase=phase, since=event.time, first=None, progress=None, running={})


def _advance_progress(state: RunState, event: events.Progress) -> RunState:
    same = state.first is not None and state.first.validating == event.validating
    first = state.first if same and state.first is not None else event
    rate = state.rate
    if not event.validating and event.step > first.step and event.time > first.time:
        rate = (event.step - first.step) / (event.time - first.time)
    startup = state.startup
    if not state.stepped and state.epoch is not None:
        startup = event.time - state.epoch.time
    running = {**state.running, **event.metrics} if not event.validating else state.running
    return replace(
        state, phase=None, first=first, progress=event, rate=rate, stepped=True, startup=startup, running=running
    )


def _add_epoch(state: RunState, event: events.EpochEnded) -> RunState:
    history = dict(state.history)
    for name, value in event.metrics.items():
        history[name] = (*history.get(name, ()), (event.epoch, value))
    return replace(state, latest=event, history=history, running={}, phase=None, stepped=True)


def _add_warning(state: RunState, what: str) -> RunState:
    return replace(state, warnings=(*state.warnings, what))


def _add_notice(state: RunState, who: str, what: str) -> RunState:
    return replace(state, notices=(*state.notices, (who, what))[-NOTICES_SHOWN:])
