"""A stranger's experiment writes over nothing outside the run directory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from workplace import Workplace

MINE = "alias ls='ls --color'\n"
SHELL = "x;touch /tmp/pwned;#"


@pytest.fixture
def home(workplace: Workplace) -> Path:
    folder = workplace.folder / "home"
    folder.mkdir()
    workplace.environ["HOME"] = str(folder)
    return folder


def callbacks_to(path: str) -> dict[str, dict[str, Any]]:
    """Each callback that writes, told to write to `path`."""
    return {
        "CSVLogger": {"filename": path},
        "CSVLogger append": {"filename": path, "append": True},
        "ModelCheckpoint": {"filepath": f"{path}.keras"},
        "ModelCheckpoint template": {"filepath": f"{path}-{{epoch:02d}}.keras"},
        "LambdaCallback": {"on_epoch_end": f"save('{path}.keras')"},
        "OrbaxCheckpoint": {"directory": f"{path}.d"},
        "BackupAndRestore": {"backup_dir": f"{path}.d/trainctl-run.json"},
    }


@pytest.mark.claim("C1")
@pytest.mark.parametrize("callback", callbacks_to(""))
@pytest.mark.parametrize("name", ["notes", ".bashrc"])
def test_what_exists_is_not_written_over(workplace: Workplace, home: Path, callback: str, name: str) -> None:
    for path in (
        home / name,
        home / f"{name}.keras",
        home / f"{name}-01.keras",
        home / f"{name}.d" / "trainctl-run.json",
    ):
        path.parent.mkdir(exist_ok=True)
        path.write_text(MINE)
    arguments = callbacks_to(str(home / name))[callback]
    config = workplace.write(callbacks=[{callback.split(maxsplit=1)[0]: arguments}])
    ended = workplace.call("run", str(config))
    assert ended.exit_code in ({7} if callback != "OrbaxCheckpoint" else {3, 7}), ended.stderr  # 3 without the extra
    assert {path.read_text() for path in home.rglob("*") if path.is_file()} == {MINE}
    assert not workplace.runs()
    if ended.exit_code == 7 and callback != "BackupAndRestore":
        assert "exists and was not written by a run of this experiment" in ended.stderr
        assert "--allow-output" in ended.stderr


@pytest.mark.claim("C2")
@pytest.mark.parametrize("name", [".bash_profile", ".config/autostart/x.desktop", ".ssh/rc"])
def test_a_new_file_does_not_become_a_start_up_file(workplace: Workplace, home: Path, name: str) -> None:
    config = workplace.write(callbacks=[{"CSVLogger": {"filename": str(home / name)}}])
    ended = workplace.call("run", str(config))
    assert ended.exit_code == 7
    assert "is a hidden file in your home folder" in ended.stderr
    assert not list(home.iterdir())


@pytest.mark.claim("C2")
@pytest.mark.parametrize("path", ["/etc/profile.d/x.sh", "/etc/cron.d/x", "/usr/lib/x.py"])
def test_nor_a_file_of_the_system(workplace: Workplace, path: str) -> None:
    ended = workplace.call("run", str(workplace.write(callbacks=[{"CSVLogger": {"filename": path}}])))
    assert ended.exit_code == 7
    assert "is in a system folder" in ended.stderr
    assert not Path(path).exists()


@pytest.mark.claim("C1")
@pytest.mark.parametrize("kind", ["link", "dangling", "folder on the way"])
def test_a_link_does_not_hide_what_exists(workplace: Workplace, home: Path, kind: str) -> None:
    (home / "victim").write_text(MINE)
    links = {"link": ("out.csv", "victim"), "dangling": ("out.csv", ".bash_login"), "folder on the way": ("out", ".")}
    name, target = links[kind]
    (home / name).symlink_to(target)
    path = home / ("out/victim" if kind == "folder on the way" else "out.csv")
    ended = workplace.call("run", str(workplace.write(callbacks=[{"CSVLogger": {"filename": str(path)}}])))
    assert ended.exit_code == 7
    assert (home / "victim").read_text() == MINE
    assert not (home / ".bash_login").exists()


@pytest.mark.claim("C3")
def test_validate_lists_every_place(workplace: Workplace, home: Path) -> None:
    (home / "old.csv").write_text(MINE)
    logger = [{"CSVLogger": {"filename": str(home / name)}} for name in ("new.csv", "old.csv")]
    others = [{"TensorBoard": {"log_dir": str(home / "logs")}}, {"CSVLogger": {"filename": "own.csv"}}]
    saves = [{"LambdaCallback": {"on_train_end": f"save('{home}/last.keras')"}}]
    config = workplace.write("x.yaml", callbacks=[*logger, *others, *saves])
    ended = workplace.call("validate", "x.yaml")
    assert ended.exit_code == 0
    places = [line for line in ended.stdout.splitlines() if line.startswith("  writes outside the run directory: ")]
    assert places == [
        f"  writes outside the run directory: {home}/{name} (callbacks.{setting})"
        for name, setting in [
            ("new.csv", "0.CSVLogger.filename"),
            ("old.csv", "1.CSVLogger.filename"),
            ("logs", "TensorBoard.log_dir"),
            ("last.keras", "LambdaCallback.on_train_end"),
        ]
    ]
    assert "warning[output-exists]" in ended.stderr
    (result,) = json.loads(workplace.call("validate", str(config), "--json").stdout)
    assert [each["problem"] is None for each in result["outputs"]] == [True, False, True, True]


@pytest.mark.claim("C4")
@pytest.mark.parametrize("how", ["option", "folder", "settings", "settings of a stranger"])
def test_only_the_user_allows_it(workplace: Workplace, home: Path, how: str) -> None:
    (home / "out.csv").write_text(MINE)
    config = str(workplace.write(callbacks=[{"CSVLogger": {"filename": str(home / "out.csv")}}]))
    options = {"option": ["--allow-output", str(home / "out.csv")], "folder": ["--allow-output", str(home)]}
    folder = Path("settings", "trainctl") if how == "settings" else Path()
    if how.startswith("settings"):
        (workplace.folder / folder).mkdir(parents=True, exist_ok=True)
        name = "settings.toml" if how == "settings" else "pyproject.toml"
        (workplace.folder / folder / name).write_text(f"[tool.trainctl]\noutputs = [{str(home)!r}]\n")
    ended = workplace.call("validate", config, *options.get(how, []))
    assert ("output-exists" in ended.stderr) == (how == "settings of a stranger")


@pytest.mark.claim("C4")
def test_settings_that_are_broken_are_told(workplace: Workplace) -> None:
    folder = workplace.folder / "settings" / "trainctl"
    folder.mkdir(parents=True)
    config = str(workplace.write())
    for text in ("[tool", "[tool.trainctl]\noutputs = 3\n", "tool = 3\n"):
        (folder / "settings.toml").write_text(text)
        ended = workplace.call("validate", config)
        assert ended.exit_code == 3
        assert "settings.toml" in ended.stderr


@pytest.mark.tf
@pytest.mark.claim("C5")
def test_a_run_of_the_same_experiment_may_write_again_and_another_may_not(workplace: Workplace, home: Path) -> None:
    """Also one whose metric names are the text that a shell would run."""
    metric = {"MeanAbsoluteError": {"name": SHELL}}
    sections: dict[str, Any] = {
        "callbacks": [{"CSVLogger": {"filename": str(home / "out.csv")}}],
        "compile": {"optimizer": "adam", "loss": "mse", "metrics": [metric]},
        "model": {"layers": [{"Dense": {"units": 1}}]},
        "data": {"source": "Diabetes"},
        "fit": {"epochs": 1},
    }
    config = workplace.write("mine.yaml", **sections)
    first = workplace.train(config=config)
    assert SHELL in (home / "out.csv").read_text()
    workplace.train(config=config)
    other = workplace.write("theirs.yaml", **sections)
    ended = workplace.call("run", str(other))
    assert ended.exit_code == 7
    assert "exists and was not written by a run of this experiment" in ended.stderr
    resumed = workplace.call("resume", str(first.directory), "--set", "fit.epochs=2")
    assert resumed.exit_code == 0, resumed.stderr
