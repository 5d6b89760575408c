"""`trainctl export`: what is refused before TensorFlow is imported. tests/jobs/test_export.py exports."""

from __future__ import annotations

from workplace import Workplace


def test_a_run_and_a_format_are_needed(workplace: Workplace) -> None:
    assert workplace.call("export", "latest").exit_code == 2
    assert workplace.call("export", "latest", "--to", "keras").exit_code == 7
