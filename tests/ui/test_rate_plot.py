"""The curve of a learning-rate range test, as text and as a picture."""

from __future__ import annotations

from pathlib import Path

from trainctl.ui.rate_plot import rate_lines, write_rate_plot

RATES = [10.0**-power for power in range(6, 0, -1)]
LOSSES = [2.0, 1.9, 1.5, 0.8, 0.5, 9.0]


def test_lines_fit_a_terminal_and_mark_the_suggestion() -> None:
    head, *lines = rate_lines(RATES, LOSSES, 1e-4)
    assert head == "learning rate  loss"
    assert len(lines) == 6
    assert max(map(len, lines)) <= 79
    [marked] = [line for line in lines if line.endswith("suggestion")]
    assert marked.split()[:2] == ["1.00e-04", "1.5"]
    assert lines[-1].count("█") == 30, "what explodes fills its bar and no more"


def test_the_picture_is_written_whole(tmp_path: Path) -> None:
    write_rate_plot(RATES, LOSSES, None, tmp_path / "curve.png", "x")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
