"""Where the time of a run goes: the seconds of each phase, by what the events tell."""

from __future__ import annotations

from collections.abc import Mapping

from trainctl.events import EpochEnded, EpochStarted, Event, ModelBuilt, PhaseStarted, Progress, RunFinished, RunStarted

_BEGINNING, _CALLBACKS, _BETWEEN = "beginning", "preparing callbacks", "between epochs"
_TRAINING, _VALIDATING = "training", "validating"


class Timing:
    """A sink that adds up the seconds of each phase.

    Args:
        before: Those of earlier sessions.
    """

    def __init__(self, before: Mapping[str, float]) -> None:
        self.seconds = dict(before)
        self._phase, self._since = "", 0.0

    def __call__(self, event: Event) -> None:
        """Let a phase end where `event` begins another."""
        phase = _phase_of(event)
        if phase is None or phase == self._phase:
            return
        if self._phase:
            self.seconds[self._phase] = round(self.seconds.get(self._phase, 0) + event.time - self._since, 3)
        self._phase, self._since = phase, event.time


def _phase_of(event: Event) -> str | None:
    """Return the phase that begins with `event`; "" for none, and `None` where the last one goes on."""
    match event:
        case RunStarted():
            return _BEGINNING
        case PhaseStarted():
            return event.phase.value
        case ModelBuilt():
            return _CALLBACKS
        case EpochStarted():
            return _TRAINING
        case Progress() if event.step > 0:
            return _VALIDATING if event.validating else _TRAINING
        case EpochEnded():
            return _BETWEEN
        case RunFinished():
            return ""
    return None
