"""Messages, help and documents are plain English: no phrase of the reviewed list below is in them, nor in names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "trainctl").rglob("*.py"))
DOCUMENTS = sorted(
    [
        *(file for file in ROOT.glob("*.md") if file.name != "ARCHITECTURE.md"),
        *(ROOT / "configs").rglob("*.yaml"),
        *(ROOT / "tests" / "golden").glob("*/expected.txt"),
    ]
)

PHRASES = {
    r"(is|are) wanted": "say what is needed: 'must be', 'needs'",
    r"wants": "'needs' or 'must be'",
    r"(is|are|be) told": "'is reported', or say what is reported",
    r"(code|callback|function|layer|source)s? of (yours|one's own)|one's own": "'your own'",
    r"missed here": "'expected here'",
    r"surroundings": "'environment'",
    r"is understood|are understood": "say what is accepted",
    r"(is|are) to blame|blamed": "name the culprit",
    r"complaints?": "'diagnostic' or 'error'",
    r"trouble": "'error' or 'problem'",
    r"last words": "'the end of a run'",
    r"stands? (at|before|beside|further|here|in|there|twice|under)": "'is'",
    r"does not take (?!the place)": "'must be', with what was received",
    r"leads nowhere": "'does not exist'",
    r"makes? numbers of": "'convert to numbers'",
    r"(?<!there )is no (?!longer)[a-z]+": "'is not a'",
    r"where to where": "'the range'",
    r"go(es)? on|going on": "'continue'",
    r"begins? anew|start anew": "'start over'",
    r"(is|be) given twice": "'duplicate'",
    r"a circle": "'a cycle'",
    r"rhythm": "'interval'",
    r"(has|have) to be given": "'is required'",
    r"left out|leave .* out": "'omit' or 'remove'",
    r"nobody|anybody": "say who",
    r"learnt|normalis\w+|minimise\w*|colour\w*|behaviour\w*": "American spelling, as Keras writes",
}
"""Phrases that we do not use, as regular expressions, and what to write instead."""

MODULES = frozenset({"trouble", "use", "health", "complaints", "last_words", "blame", "pins", "feed", "understood"})
"""Module names that say nothing in the field's terms."""

_PHRASE = re.compile("|".join(rf"\b(?:{phrase})\b" for phrase in PHRASES), re.IGNORECASE)


def messages(file: Path) -> Iterator[tuple[int, str]]:
    """The string literals of a module that people read, each with its line: no docstrings, no keys."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    skipped = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    inside: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            inside.update(id(part) for part in node.values)
            yield node.lineno, "".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)  # type: ignore[misc]
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped | inside:
            yield node.lineno, node.value


def helps(file: Path) -> Iterator[tuple[int, str]]:
    """The docstrings of commands, which are their help."""
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and (text := ast.get_docstring(node)) is not None:
            yield node.lineno, text


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_messages_are_plain_english(file: Path) -> None:
    read = [*messages(file), *(helps(file) if file.parent.name == "cli" else ())]
    found = [f"{file}:{line}: {hit[0]!r} in {text!r}" for line, text in read for hit in _PHRASE.finditer(text)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_documents_are_plain_english(file: Path) -> None:
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    found = [f"{file}:{n}: {hit[0]!r}: {line}" for n, line in enumerate(lines, 1) for hit in _PHRASE.finditer(line)]
    assert not found, "\n".join(found)


def test_modules_are_named_after_what_they_hold() -> None:
    assert not [file for file in SOURCES if file.stem in MODULES]


@pytest.mark.parametrize(
    "sentence",
    [
        "one output for each class is wanted",
        "it is missed here",
        "the surroundings have changed",
        "it is no experiment",
    ],
)
def test_the_list_finds_what_it_should(sentence: str) -> None:
    assert _PHRASE.search(sentence)


def test_the_list_leaves_plain_sentences_alone() -> None:
    for sentence in ("there is no validation data", "EarlyStopping watches 'val_acc', which is not logged"):
        assert _PHRASE.search(sentence) is None
