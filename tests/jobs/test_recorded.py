"""A run's experiment, loaded again, with no code of a stranger's."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from workplace import SMALL

from trainctl.components.user import trust
from trainctl.errors import RunDirError
from trainctl.jobs.recorded import load_recorded
from trainctl.runs.store import Run, find_run

EVIL = "raise SystemExit('a stranger ran code')\n"


def a_run(folder: Path, file: str, content: str = EVIL, name: str | None = None) -> Run:
    """A run directory, as an unpacked archive may bring it, that names `file` as its module."""
    directory = folder / "runs" / "small" / "20260101-000000-abcdef"
    directory.mkdir(parents=True)
    (directory / "resolved.yaml").write_text(json.dumps(SMALL))
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    imports = [{"name": name or file, "file": file, "sha256": sha256}]
    (directory / "run.json").write_text(json.dumps({"run_id": directory.name, "imports": imports}))
    return find_run(folder / "runs", str(directory))


def trusted(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    trust.remember([path])
    return path


@pytest.mark.parametrize(
    "file",
    ["{run}/evil.py", "{run}/../{run_id}/evil.py", "{runs}/evil.py", "{runs}/other/../evil.py", "{here}/evil.py"],
)
def test_a_module_that_is_not_trusted_is_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    monkeypatch.chdir(tmp_path)
    runs = tmp_path / "runs"
    directory = runs / "small" / "20260101-000000-abcdef"
    named = file.format(run=directory, run_id=directory.name, runs=runs, here=tmp_path)
    run = a_run(tmp_path, named)
    for place in (directory, runs, tmp_path, runs / "other"):
        place.mkdir(exist_ok=True)
        (place / "evil.py").write_text(EVIL)
    with pytest.raises(RunDirError, match="which you have not trusted") as error:
        load_recorded(run)
    assert error.value.hint == (
        f"if you trust it, pass --import {named}, or once: trainctl trust runs/small/{directory.name}"
    )


def test_a_trusted_module_is_loaded_as_long_as_it_is_the_same(tmp_path: Path) -> None:
    module = trusted(tmp_path / "own" / "mine.py", "VALUE = 1\n")
    run = a_run(tmp_path / "work", str(module), "VALUE = 1\n")
    assert load_recorded(run).imports[0].file == str(module)
    module.write_text("VALUE = 2\n")
    with pytest.raises(RunDirError, match="has changed since the run"):
        load_recorded(run)
    module.unlink()
    with pytest.raises(RunDirError, match="no longer exists"):
        load_recorded(run)


def test_a_module_of_that_name_elsewhere_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The record is right about a file of Python's own, but the name means what lies in the working directory."""
    import json.decoder

    monkeypatch.chdir(tmp_path)
    (tmp_path / "evilmod.py").write_text(EVIL)
    (tmp_path / "evilpack").mkdir()
    (tmp_path / "evilpack" / "__init__.py").write_text(EVIL)
    file = Path(json.decoder.__file__)
    trust.remember([file])
    for name in ("evilmod", "evilpack", "evilpack.decoder", "evilmod.decoder", "nowhere"):
        run = a_run(tmp_path / name, str(file), file.read_text(), name=name)
        with pytest.raises(RunDirError, match=f"is not what the module {name} is here"):
            load_recorded(run)
    run = a_run(tmp_path / "good", str(file), file.read_text(), name="json.decoder")
    with pytest.raises(RunDirError, match="which you have not trusted"):  # its package is not
        load_recorded(run)
    trust.remember([Path(json.__file__)])
    assert load_recorded(run).imports[0].name == "json.decoder"


@pytest.mark.parametrize(
    "imports", [7, "x.py", ["x.py"], [{}], [{"name": 1, "file": 2, "sha256": 3}], [{"name": "x", "file": "/\0"}]]
)
def test_a_record_that_names_no_modules(tmp_path: Path, imports: object) -> None:
    run = a_run(tmp_path, "x.py")
    with pytest.raises(RunDirError, match="names imports without name and file"):
        load_recorded(replace(run, record={**run.record, "imports": imports}))


def test_a_run_without_its_experiment(tmp_path: Path) -> None:
    run = a_run(tmp_path, "x.py")
    (run.directory.path / "resolved.yaml").unlink()
    with pytest.raises(RunDirError, match=r"has no resolved\.yaml"):
        load_recorded(run)
