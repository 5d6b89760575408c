"""A stranger's run directory and working directory run no code, whatever they name."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from workplace import SMALL, Workplace

EVIL = "from pathlib import Path\nPath({witness!r}).touch()\n"


class Stranger:
    """A folder from somebody else, whose code leaves a witness where it runs."""

    def __init__(self, workplace: Workplace) -> None:
        self.workplace = workplace
        self.folder = workplace.folder
        self.witness = workplace.folder / "cache" / "witness"
        self.witness.parent.mkdir(exist_ok=True)
        self.code = EVIL.format(witness=str(self.witness))

    def plant(self, name: str, folder: Path | None = None) -> Path:
        path = (folder or self.folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.code)
        return path

    def run_directory(self, file: str, name: str | None = None, **record: object) -> Path:
        """A finished run that says that `file` was its module, with its right hash."""
        directory = self.folder / "runs" / "small" / "20260101-000000-abcdef"
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "resolved.yaml").write_text(json.dumps({**SMALL, "callbacks": [{"Evil": {}}]}))
        sha256 = hashlib.sha256(self.code.encode()).hexdigest()
        imports = [{"name": name or file, "file": file, "sha256": sha256}]
        facts = {"run_id": directory.name, "name": "small", "seed": 1, "status": "failed", "imports": imports, **record}
        (directory / "run.json").write_text(json.dumps(facts))
        (directory / "snapshots").mkdir(exist_ok=True)
        (directory / "snapshots" / "step-000000001.npz").write_bytes(b"")
        return directory

    @property
    def ran(self) -> bool:
        return self.witness.exists()


@pytest.fixture
def stranger(workplace: Workplace) -> Stranger:
    return Stranger(workplace)


WAYS_TO_OPEN: dict[str, tuple[str, ...]] = {
    "resume": ("resume", "{run}"),
    "fork": ("resume", "{run}", "--fork", "mine"),
    "evaluate": ("evaluate", "{run}"),
    "predict": ("predict", "{run}", "rows.csv"),
    "reproduce": ("runs", "reproduce", "{run}"),
}
PLACES: dict[str, Callable[[Stranger, Path], str]] = {
    "beside the run": lambda stranger, _run: str(stranger.plant("evil.py")),
    "in the run": lambda stranger, run: str(stranger.plant("evil.py", run)),
    "through proc": lambda stranger, _run: stranger.plant("evil.py") and "/proc/self/cwd/evil.py",
    "through a link": lambda stranger, run: _linked(stranger, run),
    "elsewhere": lambda stranger, _run: str(stranger.plant("evil.py", stranger.folder / "cache")),
}


def _linked(stranger: Stranger, run: Path) -> str:
    link = run / "linked.py"
    link.symlink_to(stranger.plant("evil.py"))
    return str(link)


@pytest.mark.claim("R1")
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("way", WAYS_TO_OPEN)
def test_a_file_that_a_run_names_is_not_run(stranger: Stranger, way: str, place: str) -> None:
    run = stranger.run_directory("x")
    file = PLACES[place](stranger, run)
    stranger.run_directory(file, status="done")
    (stranger.folder / "rows.csv").write_text("a\n1\n")
    ended = stranger.workplace.call(*(each.format(run=run) for each in WAYS_TO_OPEN[way]))
    assert not stranger.ran
    assert ended.exit_code == 7, ended.stderr
    assert "which you have not trusted; it was not loaded" in ended.stderr
    assert "trainctl trust" in ended.stderr


@pytest.mark.claim("R2")
@pytest.mark.parametrize("name", ["evilmod", "evilpack.inner", "evilpack"])
@pytest.mark.parametrize("way", WAYS_TO_OPEN)
def test_a_module_that_a_run_names_is_not_run(stranger: Stranger, way: str, name: str) -> None:
    files = {"evilmod": stranger.plant("evilmod.py"), "evilpack": stranger.plant("evilpack/__init__.py")}
    files["evilpack.inner"] = stranger.plant("evilpack/inner.py")
    run = stranger.run_directory(str(files[name]), name=name, status="done")
    (stranger.folder / "rows.csv").write_text("a\n1\n")
    ended = stranger.workplace.call(*(each.format(run=run) for each in WAYS_TO_OPEN[way]))
    assert not stranger.ran
    assert ended.exit_code == 7, ended.stderr


@pytest.mark.claim("R3")
def test_a_run_that_a_backup_remembers_is_not_trusted_for_that(stranger: Stranger) -> None:
    run = stranger.run_directory(str(stranger.plant("evil.py")))
    backup = stranger.folder / "backup"
    backup.mkdir()
    (backup / "trainctl-run.json").write_text(json.dumps({"run": str(run)}))
    config = stranger.workplace.write(callbacks=[{"BackupAndRestore": {"backup_dir": str(backup)}}])
    ended = stranger.workplace.call("run", str(config))
    assert not stranger.ran
    assert ended.exit_code == 7, ended.stderr


@pytest.mark.claim("R4")
def test_a_trusted_module_runs_until_it_changes(stranger: Stranger) -> None:
    module = stranger.plant("own.py", stranger.folder / "cache")
    run = stranger.run_directory(str(module), status="done")
    assert stranger.workplace.call("trust", str(run)).exit_code == 0
    stranger.workplace.call("evaluate", str(run))
    assert stranger.ran
    stranger.witness.unlink()
    module.write_text(f"{stranger.code}\n")
    ended = stranger.workplace.call("evaluate", str(run))
    assert not stranger.ran
    assert "has changed since the run" in ended.stderr


LIGHT: dict[str, tuple[str, ...]] = {
    "validate": ("validate", "x.yaml"),
    "explain": ("explain", "x.yaml"),
    "list": ("list",),
    "list callbacks": ("list", "callbacks"),
    "describe": ("describe", "Evil"),
    "schema": ("schema",),
    "run": ("run", "x.yaml"),
}


@pytest.mark.claim("W1")
@pytest.mark.parametrize("imports", ["evil.py", "./evil.py", "evilmod", "evilpack.inner"])
@pytest.mark.parametrize("command", LIGHT)
def test_a_working_directory_offers_and_is_not_loaded(stranger: Stranger, command: str, imports: str) -> None:
    for name in ("evil.py", "evilmod.py", "evilpack/__init__.py", "evilpack/inner.py"):
        stranger.plant(name)
    (stranger.folder / "pyproject.toml").write_text(f"[tool.trainctl]\nimports = [{imports!r}]\n")
    stranger.workplace.write("x.yaml", callbacks=[{"Evil": {}}])
    ended = stranger.workplace.call(*LIGHT[command])
    assert not stranger.ran
    assert f"this folder's pyproject.toml offers {imports}; it was not loaded" in ended.stderr
    assert "trust it: trainctl trust ." in ended.stderr


@pytest.mark.claim("W2")
@pytest.mark.parametrize("how", ["trust", "import", "variable"])
def test_the_ways_to_trust_a_working_directory(stranger: Stranger, how: str) -> None:
    stranger.plant("own.py")
    (stranger.folder / "pyproject.toml").write_text('[tool.trainctl]\nimports = ["own.py"]\n')
    if how == "trust":
        assert stranger.workplace.call("trust", ".").exit_code == 0
    elif how == "import":
        assert stranger.workplace.call("list", "--import", "own.py").exit_code == 0
        stranger.witness.unlink()
        for name in [name for name in sys.modules if name.startswith("trainctl_user_own")]:
            del sys.modules[name]
    else:
        stranger.workplace.environ["TRAINCTL_TRUSTED_DIRS"] = str(stranger.folder)
    ended = stranger.workplace.call("list")
    assert stranger.ran
    assert "not loaded" not in ended.stderr
    assert (stranger.folder / "state").exists() == (how != "variable")


@pytest.mark.claim("W3")
def test_a_changed_file_of_a_trusted_folder_asks_again(stranger: Stranger) -> None:
    own = stranger.folder / "own.py"
    own.write_text("")
    (stranger.folder / "pyproject.toml").write_text('[tool.trainctl]\nimports = ["own.py"]\n')
    stranger.workplace.call("trust", ".")
    stranger.plant("own.py")
    ended = stranger.workplace.call("list")
    assert not stranger.ran
    assert "offers own.py, which changed since you trusted it; it was not loaded" in ended.stderr


SHADOWS = ("keras.py", "yaml.py", "pydantic/__init__.py", "typer.py", "okplug.py", "sitecustomize_not.py", "pandas.py")


def start(stranger: Stranger, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the program in a process of its own, in the stranger's folder."""
    return subprocess.run(
        [sys.executable, "-m", "trainctl", *arguments],
        cwd=stranger.folder,
        env={**os.environ, **stranger.workplace.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.claim("W4")
@pytest.mark.parametrize("pythonpath", ["", os.pathsep])
def test_an_installed_name_is_not_taken_from_the_working_directory(stranger: Stranger, pythonpath: str) -> None:
    for name in SHADOWS:
        stranger.plant(name)
    stranger.workplace.write("x.yaml")
    done = start(stranger, "validate", "x.yaml", PYTHONPATH=pythonpath)
    assert (done.returncode, stranger.ran) == (0, False), done.stderr


@pytest.mark.claim("W5")
def test_an_entry_point_that_lies_in_the_working_directory_is_not_loaded(stranger: Stranger) -> None:
    stranger.plant("okplug.py")
    metadata = stranger.folder / "okplug-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: okplug\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[trainctl.components]\nokplug = okplug\n")
    done = start(stranger, "list")
    assert (done.returncode, stranger.ran) == (0, False), done.stderr


@pytest.mark.claim("W5")
def test_an_installed_entry_point_is_loaded_from_where_it_is_installed(stranger: Stranger, tmp_path: Path) -> None:
    site = tmp_path / "site"
    metadata = site / "okplug-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: okplug\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[trainctl.components]\nokplug = okplug\n")
    (site / "okplug.py").write_text(
        "import trainctl\n@trainctl.function\ndef from_the_plugin(epoch, lr):\n    return lr\n"
    )
    stranger.plant("okplug.py")
    stranger.workplace.write("x.yaml", callbacks=[{"LearningRateScheduler": {"schedule": "from_the_plugin"}}])
    done = start(stranger, "validate", "x.yaml", PYTHONPATH=f"{os.pathsep}{site}")
    assert (done.returncode, stranger.ran) == (0, False), done.stderr


@pytest.mark.claim("W5")
def test_a_name_given_by_the_person_means_the_installed_module(stranger: Stranger) -> None:
    stranger.plant("wave.py")
    done = start(stranger, "list", "--import", "wave")
    assert (done.returncode, stranger.ran) == (0, False), done.stderr


@pytest.mark.claim("W7")
@pytest.mark.parametrize("variable", ["XDG_STATE_HOME", "HOME"])
def test_a_store_in_the_working_directory_does_not_count(stranger: Stranger, variable: str) -> None:
    """A relative state folder would be the stranger's."""
    module = stranger.plant("own.py")
    (stranger.folder / "pyproject.toml").write_text('[tool.trainctl]\nimports = ["own.py"]\n')
    store = {
        "files": [{"path": str(module), "sha256": hashlib.sha256(stranger.code.encode()).hexdigest(), "folder": None}]
    }
    for folder in (stranger.folder / "trainctl", stranger.folder / ".local" / "state" / "trainctl"):
        folder.mkdir(parents=True)
        (folder / "trust.json").write_text(json.dumps(store))
    stranger.workplace.environ |= {"XDG_STATE_HOME": "", variable: "."}
    assert "it was not loaded" in stranger.workplace.call("list").stderr
    assert not stranger.ran
