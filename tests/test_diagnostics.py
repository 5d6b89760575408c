"""Diagnostics are values: places count from 1, and machines get every fact under a stable key."""

from __future__ import annotations

from pathlib import Path

from trainctl.diagnostics import Diagnostic, Location, Related, Severity, Source

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
    }


def test_without_a_place_the_keys_stay() -> None:
    found = Diagnostic("c", "m").as_dict()
    assert [found[key] for key in ("file", "line", "column", "end_column")] == [None] * 4


def test_a_warning_is_no_error() -> None:
    assert Diagnostic("c", "m").is_error
    assert not Diagnostic("c", "m", severity=Severity.WARNING).is_error
