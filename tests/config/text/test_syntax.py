"""Text that is not YAML: the mistake that a person most likely made is named where it stands."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from trainctl.config.text.nodes import Node
from trainctl.errors import ConfigError

Tree = Callable[[str], Node]


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a:\n\tb: 1", "tab", 2, 1),
        ("a: {file: cp-{epoch}.keras}", "unquoted", 1, 11),
        ("a: {expect: >= 0.9}", "unquoted", 1, 13),
        ("a\nb: 1", "not-yaml", 1, 1),
        ("a: b: 1", "not-yaml", 1, 5),
        ("a: 'x\nb: 1", "not-yaml", 1, 4),
        ("a: [1, 2\nb: 1", "not-yaml", 1, 4),
        ("a: {b: 1\nc: 1", "not-yaml", 1, 4),
        ("a: 1\n  b: 2", "not-yaml", 2, 4),
        ("a: \x01", "not-yaml", 1, 4),
    ],
)
def test_where_and_what(tree: Tree, text: str, code: str, line: int, column: int) -> None:
    with pytest.raises(ConfigError) as error:
        tree(text)
    (found,) = error.value.diagnostics
    assert found.location is not None
    assert (found.code, found.location.line, found.location.column) == (code, line, column)
    assert found.hint


def test_the_hint_shows_the_quoted_line(tree: Tree) -> None:
    with pytest.raises(ConfigError) as error:
        tree("a: {file: cp-{epoch}.keras, b: 1}")
    assert '"cp-{epoch}.keras"' in str(error.value.diagnostics[0].hint)
