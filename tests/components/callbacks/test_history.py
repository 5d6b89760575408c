"""History changes nothing, since every run keeps one."""

from __future__ import annotations

from trainctl.components.callbacks.history import History


def test_it_says_where_the_history_is() -> None:
    ((field, note),) = History().notes()
    assert field == ""
    assert "metrics.jsonl" in note
