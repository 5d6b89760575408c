"""SECURITY.md: each claim has a test that tries to break it, and each such test a claim."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "SECURITY.md"


def claims() -> list[str]:
    return re.findall(r"^- \*\*([A-Z]\d+)\*\* ", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


def claimed() -> Counter[str]:
    """How many test functions say that they try to break each claim."""
    texts = [path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py") if path != Path(__file__)]
    return Counter(
        claim for text in texts for claim in re.findall(r"""^@?.*mark\.claim\("([A-Z]\d+)"\)""", text, re.MULTILINE)
    )


def test_every_claim_has_a_test_and_every_test_a_claim() -> None:
    numbers = claims()
    assert len(numbers) == len(set(numbers))
    assert set(numbers) == set(claimed())


@pytest.mark.parametrize("kind", sorted({claim[0] for claim in claims()}))
def test_claims_are_numbered_through(kind: str) -> None:
    numbers = [int(claim[1:]) for claim in claims() if claim[0] == kind]
    assert numbers == list(range(1, len(numbers) + 1))
