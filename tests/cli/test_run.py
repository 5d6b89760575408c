"""`trainctl run`: what is refused before TensorFlow is imported. tests/program/test_run.py trains."""

from __future__ import annotations

import json

import pytest
from workplace import Workplace

from trainctl.cli import run as cli
from trainctl.runs.processes import Ended
from trainctl.runs.signals import Asked


@pytest.mark.parametrize(
    ("arguments", "exit_code"),
    [
        (("absent.yaml",), 2),
        ((".",), 2),
        (("experiment.yaml", "--set", "fit.epochs"), 2),
        (("experiment.yaml", "--set", "fit.epochs=0"), 3),
        (("experiment.yaml", "--set", "fit.epoch=1"), 3),
        (("experiment.yaml", "--format", "loud"), 2),
        ((), 2),
    ],
)
def test_what_is_wrong_leaves_no_run_behind(workplace: Workplace, arguments: tuple[str, ...], exit_code: int) -> None:
    workplace.write()
    ended = workplace.call("run", *arguments)
    assert ended.exit_code == exit_code, ended.stderr
    assert ended.stderr
    assert ended.stdout == ""
    assert workplace.runs() == []


MISSING = {"data": {"source": {"CSV": {"path": "no.csv", "label": "y"}}}}


@pytest.mark.parametrize("form", ["lines", "quiet", "rich", "github", "jsonl"])
@pytest.mark.parametrize("dry_run", [[], ["--dry-run"]])
def test_what_ended_a_run_is_shown_once(workplace: Workplace, form: str, dry_run: list[str]) -> None:
    ended = workplace.call("run", str(workplace.write(**MISSING)), "--format", form, *dry_run)
    assert ended.exit_code == 4
    shown = ended.stdout if form == "jsonl" else ended.stderr
    if form == "jsonl":
        (last,) = [json.loads(line) for line in shown.splitlines() if "no.csv" in line]
        assert [each["message"] for each in last["diagnostics"]] == ["no.csv does not exist"]
    else:
        assert shown.count("no.csv does not exist") == 1
        assert ended.stdout.count("no.csv does not exist") == (form == "github")
    assert "trainctl-dry-run" not in ended.stdout + ended.stderr


def _call_several(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch, codes: list[int], *arguments: str, asked: Asked | None = None
) -> tuple[int, int, str]:
    """Return the exit code of a run of several files, whose processes end with `codes`, how many were begun, and stderr."""
    begun: list[int] = []

    def fork() -> Ended:
        begun.append(1)
        return Ended(codes[len(begun) - 1], asked)

    monkeypatch.setattr(cli.processes, "fork", fork)
    monkeypatch.setattr(cli, "keras_at_work", lambda: None)
    ended = workplace.call("run", *arguments)
    return ended.exit_code, len(begun), ended.stderr


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([0, 0], (0, 2, "")),
        ([8, 0], (8, 2, "")),
        ([4, 6], (6, 2, "")),
        ([130, 0], (130, 1, "not run: experiment.yaml\n")),
    ],
)
def test_several_files_end_with_the_highest_exit_code(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch, codes: list[int], expected: tuple[int, int, str]
) -> None:
    workplace.write()
    assert _call_several(workplace, monkeypatch, codes, "experiment.yaml", "experiment.yaml") == expected


def test_a_signal_that_came_too_late_for_a_run_begins_no_other(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workplace.write()
    asked = Asked("interrupted", 130, "Ctrl-C")
    ended = _call_several(workplace, monkeypatch, [0, 0], "experiment.yaml", "experiment.yaml", asked=asked)
    assert ended == (130, 1, "not run: experiment.yaml (stopped by Ctrl-C)\n")


def test_a_process_of_its_own_gets_the_options_that_were_given(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workplace.folder / "mine.py").write_text("")
    workplace.write()
    started: list[list[str]] = []
    monkeypatch.setattr(cli.processes, "start", lambda words: started.append(words) or Ended(0))
    given = ["--set=fit.epochs=3", "--set=seed=1", "--import=mine.py", "--format=quiet", "--max-time=2h", "--debug"]
    workplace.call("run", "experiment.yaml", "experiment.yaml", *given)
    assert [sorted(words) for words in started] == [sorted(["run", *given, "--", "experiment.yaml"])] * 2


def test_of_several_files_none_trains_where_one_is_wrong(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    workplace.write()
    (workplace.folder / "broken.yaml").write_text("fit: {epoch: 1}\n")
    assert _call_several(workplace, monkeypatch, [0, 0], "experiment.yaml", "broken.yaml")[:2] == (3, 0)
