"""What callbacks write stays in the run directory, and each has a file of its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from trainctl.diagnostics import Diagnostic
from trainctl.runs.layout import RESERVED

Problems = Callable[..., list[Diagnostic]]


@pytest.mark.parametrize(
    ("path", "codes"),
    [
        ("log.csv", []),
        ("a/b/log.csv", []),
        ("/tmp/log.csv", []),
        ("../log.csv", ["output-path"]),
        ("a/../../log.csv", ["output-path"]),
        (".", ["output-path"]),
    ],
)
def test_a_relative_path_stays_inside(problems: Problems, experiment: str, path: str, codes: list[str]) -> None:
    text = experiment.replace("- TerminateOnNaN", f"- CSVLogger: {{filename: {path}}}")
    assert [each.code for each in problems(text)] == codes


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_every_file_of_a_run_is_ours(problems: Problems, experiment: str, name: str) -> None:
    text = experiment.replace("- TerminateOnNaN", f"- CSVLogger: {{filename: {name}}}")
    assert [each.code for each in problems(text)] == ["output-path"]


def test_two_callbacks_write_one_file_however_it_is_spelled(problems: Problems, experiment: str) -> None:
    two = "- CSVLogger: {filename: a/log.csv}\n  - CSVLogger: {filename: ./a//log.csv}"
    (found,) = problems(experiment.replace("- TerminateOnNaN", two))
    assert found.code == "output-path"
    assert len(found.related) == 1
