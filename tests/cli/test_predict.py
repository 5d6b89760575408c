"""`trainctl predict`: what is refused before TensorFlow is imported. tests/jobs/test_predict.py predicts."""

from __future__ import annotations

import pytest
from workplace import Workplace


@pytest.mark.parametrize("output", ["out.txt", "absent/out.csv", "."])
def test_an_output_that_cannot_be_written_is_refused_first(workplace: Workplace, output: str) -> None:
    (workplace.folder / "rows.csv").write_text("a\n1\n")
    ended = workplace.call("predict", "latest", "rows.csv", "--output", output)
    assert ended.exit_code in {2, 7}
    assert "Traceback" not in ended.stderr


def test_a_run_that_is_not_there(workplace: Workplace) -> None:
    (workplace.folder / "rows.csv").write_text("a\n1\n")
    assert workplace.call("predict", "latest", "rows.csv").exit_code == 7
