"""`validate --fix`: the file is written whole, with its permissions, and only where it is the user's own."""

from __future__ import annotations

import json
import os
from pathlib import Path

from workplace import Workplace

BROKEN = {"fit": {"epoch": 2}}


def test_the_change_is_shown_and_written(workplace: Workplace) -> None:
    config = workplace.write(**BROKEN)
    config.chmod(0o600)
    ended = workplace.call("validate", "--fix", str(config))
    assert ended.exit_code == 0, ended.stderr
    assert '+    "epochs": 2' in ended.stdout
    assert "1 mistake repaired" in ended.stdout
    assert '"epochs": 2' in config.read_text()
    assert config.stat().st_mode & 0o777 == 0o600
    assert workplace.call("validate", "--fix", str(config)).stdout.endswith("experiment.yaml: ok\n")


def test_json_tells_the_repairs(workplace: Workplace) -> None:
    (result,) = json.loads(workplace.call("validate", "--fix", "--json", str(workplace.write(**BROKEN))).stdout)
    assert [each["fix"] for each in result["fixes"]] == [{"kind": "replace", "word": "epoch", "text": "epochs"}]
    assert '+    "epochs": 2' in result["diff"]


def test_a_link_that_leads_out_and_a_pipe_are_refused(workplace: Workplace, tmp_path_factory: object) -> None:
    config = workplace.write(**BROKEN)
    before = config.read_text()
    inner = workplace.folder / "inner"
    inner.mkdir()
    (inner / "link.yaml").symlink_to(config)
    os.mkfifo(workplace.folder / "pipe.yaml")
    for name in (inner / "link.yaml", workplace.folder / "pipe.yaml", Path("/dev/stdin")):
        assert workplace.call("validate", "--fix", str(name)).exit_code == 2
    assert config.read_text() == before
    beside = workplace.folder / "beside.yaml"
    beside.symlink_to(config)
    assert workplace.call("validate", "--fix", str(beside)).exit_code == 0
    assert beside.is_symlink()
    assert "epochs" in config.read_text()
