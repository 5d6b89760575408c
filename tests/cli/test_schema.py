"""`trainctl schema`: on stdout, or into a file."""

from __future__ import annotations

import json

import pytest
from workplace import Workplace


def test_on_stdout_and_in_a_file_it_is_the_same(workplace: Workplace) -> None:
    printed = workplace.call("schema").stdout
    assert json.loads(printed)["type"] == "object"
    ended = workplace.call("schema", "--write", "out.json")
    assert (ended.exit_code, ended.stdout) == (0, "")
    assert (workplace.folder / "out.json").read_text() == printed


@pytest.mark.parametrize("path", ["absent/out.json", "."])
def test_a_file_that_cannot_be_written_is_wrong_usage(workplace: Workplace, path: str) -> None:
    ended = workplace.call("schema", "--write", path)
    assert ended.exit_code == 2
    assert "--write" in ended.stderr
    assert ended.stdout == ""


def test_the_person_s_own_components_are_in_it(workplace: Workplace) -> None:
    (workplace.folder / "mine.py").write_text(
        "import trainctl\n\n@trainctl.data_source(name='OfMine')\ndef of_mine(size: int = 3):\n    '''Mine.'''\n"
    )
    assert "OfMine" not in workplace.call("schema").stdout
    assert "OfMine" in workplace.call("schema", "--import", "mine.py").stdout
