"""What the commands that train share: the result as JSON where it is wanted, and the run's exit code."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from trainctl.cli.boundary import Ended
from trainctl.cli.options import Format
from trainctl.cli.training import finish, seconds_of, watching
from trainctl.errors import TrainingError, UsageError
from trainctl.events import Notice, RunFinished
from trainctl.jobs import session

DONE = RunFinished(status="done", exit_code=0, epochs=3, seconds=1.0, directory="runs/a/1")
FAILED = RunFinished(status="failed", exit_code=6, epochs=1, seconds=1.0, directory="runs/a/1")


def test_a_result_is_printed_where_it_is_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    finish(session.Ended(DONE, None), Format.quiet)
    assert capsys.readouterr().out == ""
    finish(session.Ended(DONE, None), Format.quiet, json=True)
    assert json.loads(capsys.readouterr().out)["status"] == "done"


def test_a_stream_of_events_has_said_it_already(capsys: pytest.CaptureFixture[str]) -> None:
    finish(session.Ended(DONE, None), Format.jsonl, json=True)
    assert capsys.readouterr().out == ""


def test_a_failure_ends_with_the_code_of_the_run() -> None:
    with pytest.raises(Ended) as ended:
        finish(session.Ended(FAILED, TrainingError("t")), Format.quiet)
    assert ended.value.exit_code == 6


def test_what_others_print_while_a_run_is_watched_stays_off_the_screen(capfd: pytest.CaptureFixture[str]) -> None:
    with watching(Format.lines) as watch:
        os.write(1, b"noise of a library\n")
        watch(Notice(message="to be seen"))
    shown = capfd.readouterr()
    assert "to be seen" in shown.err + shown.out
    assert "noise" not in shown.err + shown.out


def test_a_result_is_added_to_the_page_of_the_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "summary.md"
    page.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    finish(session.Ended(DONE, None), Format.quiet)
    assert page.read_text().startswith("before\n### ✅")


def test_a_page_that_cannot_be_written_ends_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    finish(session.Ended(DONE, None), Format.quiet)
    assert "GITHUB_STEP_SUMMARY" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["2", "soon", "0s", ""])
def test_a_time_limit_is_a_duration(text: str) -> None:
    assert seconds_of("2h") == 7200
    with pytest.raises(UsageError):
        seconds_of(text)
