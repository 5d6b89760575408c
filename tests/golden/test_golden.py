"""Every mistake that people are known to make gets the words and the exit code that were agreed on for it."""

from pathlib import Path

import pytest
from golden import cases, needs_tf, outcome

PARAMETERS = [pytest.param(case, id=case.name, marks=[pytest.mark.tf] if needs_tf(case) else []) for case in cases()]


@pytest.mark.parametrize("case", PARAMETERS)
def test_the_words_are_exactly_these(case: Path, tmp_path: Path) -> None:
    expected = (case / "expected.txt").read_text(encoding="utf-8")
    assert outcome(case, tmp_path) == expected, "if the new words are better: make golden"


@pytest.mark.parametrize("case", PARAMETERS)
def test_no_expected_text_is_that_of_a_bug(case: Path) -> None:
    expected = (case / "expected.txt").read_text(encoding="utf-8")
    assert "Traceback" not in expected
    assert "a bug in trainctl" not in expected
    assert not expected.endswith("exit 1\n")
