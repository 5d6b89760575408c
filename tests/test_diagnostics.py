"""Diagnostics are values: places count from 1, and machines get every fact under a stable key."""

from __future__ import annotations

from pathlib import Path

from trainctl import limits
from trainctl.diagnostics import Diagnostic, Location, Problems, Related, Severity, Source, shortened

SOURCE = Source("a.yaml", "name: x\nfit: {epochs: 0}\n", Path())


def test_lines_count_from_one_and_there_are_none_beyond() -> None:
    assert SOURCE.line(2) == "fit: {epochs: 0}"
    assert [SOURCE.line(number) for number in (0, 3, -1)] == ["", "", ""]


def test_a_place_is_written_as_compilers_write_it() -> None:
    assert str(Location(SOURCE, 2, 15)) == "a.yaml:2:15"


def test_a_diagnostic_for_machines() -> None:
    at, before = Location(SOURCE, 2, 7, length=6), Location(SOURCE, 1, 1)
    found = Diagnostic(
        "wrong-value", "m", at, "fit.epochs", received="0", related=(Related("first", before),)
    ).as_dict()
    assert found == {
        "severity": "error",
        "code": "wrong-value",
        "file": "a.yaml",
        "line": 2,
        "column": 7,
        "end_column": 13,
        "path": "fit.epochs",
        "message": "m",
        "received": "0",
        "expected": None,
        "hint": None,
        "related": [{"message": "first", "file": "a.yaml", "line": 1, "column": 1, "end_column": 2}],
        "fix": None,
    }


def test_without_a_place_the_keys_stay() -> None:
    found = Diagnostic("c", "m").as_dict()
    assert [found[key] for key in ("file", "line", "column", "end_column")] == [None] * 4


def test_a_warning_is_no_error() -> None:
    assert Diagnostic("c", "m").is_error
    assert not Diagnostic("c", "m", severity=Severity.WARNING).is_error


def found(number: int, severity: Severity = Severity.ERROR) -> Diagnostic:
    return Diagnostic("wrong-value", f"number {number}", Location(SOURCE, 2, number + 1), severity=severity)


def test_problems_are_kept_once_and_counted_beyond_the_limit() -> None:
    problems = Problems()
    assert not problems
    described = []

    def words(number: int) -> Diagnostic:
        described.append(number)
        return found(number)

    for number in (*range(limits.DIAGNOSTICS + 10), *range(limits.DIAGNOSTICS + 10)):
        problems.describe(number, words, number)
    *shown, rest = problems
    assert (len(shown), rest.stands_for, rest.message) == (limits.DIAGNOSTICS, 10, "and 10 more errors")
    assert len(described) == limits.DIAGNOSTICS
    assert problems.reported == 2 * (limits.DIAGNOSTICS + 10)


def test_warnings_give_way_to_errors() -> None:
    warnings = [found(number, Severity.WARNING) for number in range(limits.DIAGNOSTICS + 5)]
    result = shortened([*warnings, found(1000), Diagnostic("more-problems", "and 7 more errors", stands_for=7)])
    assert result[limits.DIAGNOSTICS - 1] == found(1000)
    assert [(each.message, each.severity) for each in result[limits.DIAGNOSTICS :]] == [
        ("and 7 more errors", Severity.ERROR),
        ("and 6 more warnings", Severity.WARNING),
    ]


def test_a_long_text_is_cut_in_the_middle() -> None:
    [result] = shortened([Diagnostic("x", f"'{'a' * 10_000}' is too long", hint="short")])
    assert len(result.message) == limits.MESSAGE + 1
    assert result.message.endswith("a' is too long")
    assert result.hint == "short"
