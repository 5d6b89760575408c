import json

import pytest
from workplace import Workplace

from trainctl.jobs.report import Report


def test_what_is_written_is_told(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Report(workplace.folder / "report.html", ("1",), ("evaluated for this report",), 1234)
    asked: list[object] = []
    monkeypatch.setattr("trainctl.cli.report.find_run", lambda _, name: name)
    monkeypatch.setattr("trainctl.jobs.report.report", lambda *given, **options: asked.append((given, options)) or made)
    ended = workplace.call("report", "latest", "--no-evaluate")
    assert ended.exit_code == 0
    assert ended.stdout.startswith("wrote ")
    assert "(1.2 kB)" in ended.stdout
    assert ended.stderr == "1: evaluated for this report\n"
    assert asked[0][1] == {"evaluates": False, "overwrites": False}
    assert json.loads(workplace.call("report", "latest", "--json").stdout)["bytes"] == 1234
