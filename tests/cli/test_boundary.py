"""What `--json` prints where a command comes to no result."""

from __future__ import annotations

import json
from typing import Any

import pytest
from workplace import Ended, Workplace


def failure(ended: Ended) -> dict[str, Any]:
    """The one JSON object on stdout, beside words on stderr."""
    result = json.loads(ended.stdout)
    assert (result["status"], result["exit_code"]) == ("failed", ended.exit_code)
    assert all(problem["message"] in ended.stderr for problem in result["diagnostics"])
    return result


def test_an_invalid_experiment(workplace: Workplace) -> None:
    path = str(workplace.write(fit={"epoch": 1}, seed=-1))
    ended = workplace.call("run", path, "--json")
    (validated,) = json.loads(workplace.call("validate", path, "--json").stdout)
    assert ended.exit_code == 3
    assert failure(ended)["diagnostics"] == validated["diagnostics"]
    assert [problem["path"] for problem in validated["diagnostics"]] == ["fit.epoch", "seed"]
    assert workplace.runs() == []


@pytest.mark.parametrize(
    ("arguments", "exit_code", "code"),
    [
        (["run", "no.yaml"], 2, "usage"),
        (["resume", "latest"], 7, "run-directory"),
        (["evaluate", "latest"], 7, "run-directory"),
        (["predict", "latest", "rows.csv"], 7, "run-directory"),
        (["list", "no-such-kind"], 2, "usage"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_is_missing(workplace: Workplace, arguments: list[str], exit_code: int, code: str) -> None:
    ended = workplace.call(*arguments, "--json")
    assert ended.exit_code == exit_code
    (problem,) = failure(ended)["diagnostics"]
    assert (problem["severity"], problem["code"]) == ("error", code)


def test_a_bug(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise LookupError("broken")

    monkeypatch.setattr("trainctl.cli.loading.load", broken)
    ended = workplace.call("run", str(workplace.write()), "--json")
    assert ended.exit_code == 1
    (problem,) = failure(ended)["diagnostics"]
    assert (problem["code"], problem["message"]) == ("bug", "a bug in trainctl: LookupError: broken")


def test_json_lines_say_it_once(workplace: Workplace) -> None:
    ended = workplace.call("run", str(workplace.write(fit={"epoch": 1})), "--format", "jsonl", "--json")
    (problem,) = [json.loads(line) for line in ended.stdout.splitlines()]
    assert problem["path"] == "fit.epoch"
