"""Moments are told in words, which a sentence can end with."""

from __future__ import annotations

from trainctl.components.moment import Moment


def test_each_moment_has_words_of_its_own() -> None:
    words = [moment.value for moment in Moment]
    assert len(set(words)) == len(words)
    assert all(text[0].islower() and text[-1].isalpha() for text in words)


def test_what_a_sentence_says() -> None:
    assert f"'loss' is not in the logs {Moment.NO_LOGS.value}" == "'loss' is not in the logs before there are any logs"
