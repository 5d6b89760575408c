"""`trainctl trust`, as a person calls it."""

from __future__ import annotations

import json

from workplace import Workplace


def test_trust_list_and_remove(workplace: Workplace) -> None:
    own = workplace.folder / "own.py"
    own.write_text("x = 1\n")
    trusted = workplace.call("trust", ".")
    assert trusted.exit_code == 0
    assert trusted.stdout.startswith(f"trusted: {own}  sha256 ")
    assert workplace.call("trust", "--list").stdout == trusted.stdout.removeprefix("trusted: ")
    assert [each["path"] for each in json.loads(workplace.call("trust", "--list", "--json").stdout)] == [str(own)]
    assert workplace.call("trust", "--remove", ".").stdout.startswith("no longer trusted: ")
    empty = workplace.call("trust", "--list")
    assert (empty.exit_code, empty.stdout, empty.stderr) == (0, "", "nothing is trusted\n")


def test_a_folder_is_needed(workplace: Workplace) -> None:
    for arguments in ((), ("--remove",)):
        ended = workplace.call("trust", *arguments)
        assert ended.exit_code == 2
        assert "trainctl trust . trusts the working directory" in ended.stderr
