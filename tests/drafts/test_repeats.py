"""Equal items one after the other become one with `repeat:`."""

from __future__ import annotations

from trainctl.drafts.repeats import with_repeats

DENSE, DROPOUT = {"Dense": {"units": 4}}, {"Dropout": {"rate": 0.1}}


def test_one_item_and_a_group() -> None:
    assert with_repeats([DENSE] * 5) == [{**DENSE, "repeat": 5}]
    assert with_repeats(["Flatten", *[DENSE, DROPOUT] * 3]) == ["Flatten", {"layers": [DENSE, DROPOUT], "repeat": 3}]


def test_few_items_and_those_with_names_stay() -> None:
    for items in (
        [DENSE] * 3,
        [DENSE, DROPOUT],
        [{**DENSE, "from": "x"}] * 4,
        [{"Dense": {"units": 4, "name": "a"}}] * 4,
    ):
        assert with_repeats(items) == items


def test_arguments_of_a_call_may_repeat_but_no_references() -> None:
    assert with_repeats([{**DROPOUT, "call": {"training": True}}] * 4) == [
        {**DROPOUT, "call": {"training": True}, "repeat": 4}
    ]
    assert len(with_repeats([{**DENSE, "call": {"mask": "m"}}] * 4)) == 4
