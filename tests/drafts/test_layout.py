"""A draft as text: one line where it fits, and the lines of what does not work."""

from __future__ import annotations

import yaml

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
    assert layout.draft.problems == ((4, note),)
    assert layout.draft.about == ("only said",)


def test_a_strangers_words_stay_in_their_place() -> None:
    layout = Layout()
    layout.comment("by Keras 3\u2028fit: 1\ndata: \x1b[2J")
    layout.entry("A\nb: 1", {"units": 4, "c: d": None})
    layout.entry("terms", [f"a{' ' * 2}{number} and{' ' * 2}more" for number in range(20)])
    assert layout.lines[0] == "# by Keras 3 fit: 1 data: \\x1b[2J"
    read = yaml.safe_load(layout.text)
    assert read["A\nb: 1"] == {"units": 4, "c: d": None}
    assert read["terms"][13] == "a  13 and  more"
    assert max(map(len, layout.lines)) <= 118


def test_long_lists_and_nulls() -> None:
    layout = Layout()
    layout.entry("source", {"Synthetic": {"shape": {f"column_{number}": [1] for number in range(20)}, "classes": None}})
    assert layout.lines[0] == "source:"
    assert layout.lines[-1] == "    classes: null"
    assert max(map(len, layout.lines)) <= 118
