"""A draft as text: one line where it fits, and the lines of what does not work."""

from __future__ import annotations

from trainctl.drafts.layout import Layout
from trainctl.drafts.notes import Note, Noted


def test_layers_have_a_line_each() -> None:
    layout = Layout()
    layout.entry(
        "layers", ["Flatten", {"Add": None, "from": ["a", "b"]}, {"layers": [{"Dense": {"units": 2}}], "repeat": 2}]
    )
    assert layout.lines == [
        "layers:",
        "  - Flatten",
        "  - Add:",
        "    from: [a, b]",
        "  - layers:",
        "      - Dense: {units: 2}",
        "    repeat: 2",
    ]


def test_a_problem_has_the_line_below_its_comment() -> None:
    layout = Layout()
    note = Note("Gate is not part of Keras", "register it")
    layout.entry("layers", ["Flatten", Noted({"Gate": {"units": 4}}, (note,)), Noted("ReLU", (Note("only said"),))])
    assert layout.lines[2:4] == ["  # Gate is not part of Keras: register it", "  - Gate: {units: 4}"]
    assert layout.problems == [(4, note)]


def test_long_lists_and_nulls() -> None:
    layout = Layout()
    layout.entry("source", {"Synthetic": {"shape": {f"column_{number}": [1] for number in range(20)}, "classes": None}})
    assert layout.lines[0] == "source:"
    assert layout.lines[-1] == "    classes: null"
    assert max(map(len, layout.lines)) <= 118
