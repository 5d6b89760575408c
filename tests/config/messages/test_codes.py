"""Every diagnostic code that the program knows has a page, and every page a code."""

from __future__ import annotations

import re
from pathlib import Path

from trainctl.config.messages.codes import CODES

SURFACE = Path(__file__).parents[2] / "cli" / "surface.txt"
NOT_SEEN_THERE = {"interpolation-circle", "metric"}
"""Codes that are passed on before they reach a diagnostic."""


def test_every_code_has_a_page() -> None:
    known = re.findall(r"^diagnostic (.*)$", SURFACE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(known) > 20
    assert CODES.keys() == {*known, *NOT_SEEN_THERE}


def test_a_page_is_sentences() -> None:
    assert [code for code, text in CODES.items() if not text.endswith(".") or "  " in text] == []
