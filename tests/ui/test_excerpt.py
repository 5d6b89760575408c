import pytest

from trainctl.ui.excerpt import excerpt


def pointed(line: str, column: int, length: int, width: int = 80) -> tuple[str, str]:
    text, indent, carets = excerpt(line, column, length, width)
    return text, " " * indent + "^" * carets


def test_carets_stand_under_the_stretch():
    assert pointed("a: {patince: 3}", 5, 7) == ("a: {patince: 3}", "    ^^^^^^^")


def test_tabs_become_spaces():
    assert pointed("\tab", 2, 2) == ("    ab", "    ^^")
    assert pointed("\tab", 1, 1) == ("    ab", "^^^^")


def test_wide_characters_take_two_cells():
    assert pointed("日本: x", 5, 1) == ("日本: x", "      ^")
    assert pointed("日本", 2, 1) == ("日本", "  ^^")


def test_combining_characters_take_none():
    assert pointed("e\u0301: x", 5, 1) == ("e\u0301: x", "   ^")


def test_control_characters_are_escaped():
    assert pointed("a\x1b[2Jb", 6, 1) == ("a\\x1b[2Jb", "        ^")


@pytest.mark.parametrize(("column", "carets"), [(4, "   ^"), (99, "   ^")])
def test_one_caret_past_the_end(column, carets):
    assert pointed("a:b", column, 5) == ("a:b", carets)


def test_a_stretch_ends_with_its_line():
    assert pointed("abc", 2, 50) == ("abc", " ^^")


def test_a_long_line_is_cut_around_the_stretch():
    line = "x" * 200 + "HERE" + "y" * 200
    text, carets = pointed(line, 201, 4, width=40)
    assert len(text) <= 40
    assert text.startswith("…x")
    assert text.endswith("y…")
    assert text[carets.index("^") : len(carets)] == "HERE"


def test_a_cut_at_one_side_only():
    line = "HERE" + "y" * 200
    text, carets = pointed(line, 1, 4, width=40)
    assert text.startswith("HERE")
    assert text.endswith("…")
    assert carets == "^^^^"


def test_a_stretch_longer_than_the_terminal():
    text, carets = pointed("x" * 500, 101, 300, width=40)
    assert len(text) <= 40
    assert len(carets) <= 40
    assert "^" in carets


def test_a_tiny_width_still_shows_something():
    text, carets = pointed("x" * 100 + "HERE", 101, 4, width=-5)
    assert text[carets.index("^") :] == "HERE"
