"""Events are facts: each to every listener in order."""

from __future__ import annotations

import dataclasses

import pytest

from trainctl import events
from trainctl.events import Event, Notice, fan_out, ignore

KINDS = [each for each in vars(events).values() if isinstance(each, type) and issubclass(each, Event)]


def test_every_listener_hears_every_event_in_order() -> None:
    heard: list[tuple[int, Event]] = []
    emit = fan_out(lambda event: heard.append((1, event)), ignore, lambda event: heard.append((2, event)))
    first, second = Notice(message="a"), Notice(message="b")
    emit(first)
    emit(second)
    assert heard == [(1, first), (2, first), (1, second), (2, second)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_no_event_can_be_changed(kind: type[Event]) -> None:
    event = Notice(message="a") if kind is Event else object.__new__(kind)
    with pytest.raises(dataclasses.FrozenInstanceError):
        event.time = 0.0  # type: ignore[misc]
