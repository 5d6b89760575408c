"""The user's modules: what is loaded, when, and how a failure is told."""

from __future__ import annotations

import hashlib
import sys
import wave
from pathlib import Path

import pytest
from workplace import Workplace

from trainctl.components.user import trust
from trainctl.components.user.decorators import user_function
from trainctl.components.user.imports import Imports, files_of, offered_by
from trainctl.errors import ConfigError, UsageError


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_a_named_file_registers_and_is_recorded(tmp_path: Path) -> None:
    path = write(tmp_path, "mine.py", "import trainctl\n@trainctl.function\ndef third(epoch, lr):\n    return lr / 3\n")
    imports = Imports([str(path)])
    imports.load_named()
    function = user_function("third")
    assert function is not None
    assert function(0, 3.0) == 1.0
    (loaded,) = imports.loaded
    assert loaded.file == str(path)
    assert loaded.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_file_is_run_once(tmp_path: Path) -> None:
    path = write(tmp_path, "once.py", "import trainctl\n@trainctl.function\ndef only_once(epoch, lr):\n    return lr\n")
    Imports([str(path)]).load_named()
    Imports([str(path)]).load_named()


def test_a_dotted_module_lies_in_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(
        tmp_path,
        "dotted_mine.py",
        "import trainctl\n@trainctl.function(name='other')\ndef f(epoch, lr):\n    return lr\n",
    )
    Imports(["dotted_mine"]).load_named()
    assert user_function("other") is not None


def test_an_installed_module_is_never_resolved_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for place in ("", str(tmp_path)):
        monkeypatch.syspath_prepend(place)
    write(tmp_path, "wave.py", "raise SystemExit('shadowed')\n")
    monkeypatch.delitem(sys.modules, "wave", raising=False)
    Imports(["wave"]).load_named()
    assert files_of("wave") == (Path(wave.__file__),)
    assert sys.path[:2] == [str(tmp_path), ""]


def test_a_module_of_a_package_is_found_with_its_packages(tmp_path: Path) -> None:
    (tmp_path / "pack" / "inner").mkdir(parents=True)
    files = [write(tmp_path, name, "") for name in ("pack/__init__.py", "pack/inner/__init__.py", "pack/inner/own.py")]
    assert files_of("pack.inner.own", tmp_path) == tuple(files)
    assert files_of("pack.none", tmp_path) == ()


def test_what_is_named_is_trusted_from_then_on(tmp_path: Path) -> None:
    path = write(tmp_path, "named.py", "X = 1\n")
    assert list(trust.distrusted([path])) == [(path, False)]
    Imports([str(path)]).load_named()
    assert not list(trust.distrusted([path]))
    write(tmp_path, "named.py", "X = 2\n")
    assert list(trust.distrusted([path])) == [(path, True)]


@pytest.mark.parametrize("text", ["tool = 3\n", "[tool]\ntrainctl = 3\n", "[tool.trainctl]\n", "[other]\nx = 1\n", ""])
def test_a_pyproject_that_offers_nothing(tmp_path: Path, text: str) -> None:
    write(tmp_path, "pyproject.toml", text)
    assert list(offered_by(tmp_path)) == []


def test_a_missing_file_names_its_neighbour(tmp_path: Path) -> None:
    write(tmp_path, "callbacks.py", "")
    with pytest.raises(UsageError) as error:
        Imports([str(tmp_path / "calbacks.py")]).load_named()
    assert error.value.hint == "did you mean 'callbacks.py'?"


def test_a_missing_module(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot import the module 'no_such_module_here'"):
        Imports(["no_such_module_here"]).load_named()


@pytest.mark.parametrize(
    ("text", "line"), [("x = 1\ny = 1 / 0\n", 2), ("def broken(:\n", 1), ("import no_such_thing_here\n", 1)]
)
def test_a_failing_module_is_a_problem_of_its_own_line(tmp_path: Path, text: str, line: int) -> None:
    path = write(tmp_path, "broken.py", text)
    with pytest.raises(ConfigError, match=f"broken.py:{line}: "):
        Imports([str(path)]).load_named()


def test_a_name_taken_twice(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "twice.py",
        "import trainctl\n@trainctl.function\ndef same(e, l): ...\n@trainctl.function\ndef same(e, l): ...\n",
    )
    with pytest.raises(ConfigError, match="a function called 'same' already exists"):
        Imports([str(path)]).load_named()


PYPROJECT = '[tool.trainctl]\nimports = ["auto_mine.py"]\n'
MODULE = "import trainctl\n@trainctl.function\ndef {name}(epoch, lr):\n    return lr\n"


def scheduled(schedule: str) -> list[dict[str, dict[str, str]]]:
    return [{"LearningRateScheduler": {"schedule": schedule}}]


def test_pyproject_is_looked_at_only_for_an_unknown_name(workplace: Workplace) -> None:
    write(workplace.folder, "pyproject.toml", PYPROJECT)
    write(workplace.folder, "auto_mine.py", "raise RuntimeError('loaded')\n")
    known = workplace.write("known.yaml", callbacks=scheduled("lr * 0.5"))
    assert workplace.call("validate", str(known)).exit_code == 0
    unknown = workplace.write("unknown.yaml", callbacks=scheduled("automatic"))
    assert workplace.call("trust", str(workplace.folder)).exit_code == 0
    ended = workplace.call("validate", str(unknown))
    assert ended.exit_code == 3
    assert "auto_mine.py:1: RuntimeError: loaded" in ended.stderr
    assert "bad-expression" in workplace.call("validate", str(unknown), "--no-imports").stderr


def test_what_pyproject_offers_is_used(workplace: Workplace) -> None:
    write(workplace.folder, "pyproject.toml", PYPROJECT.replace("auto_mine", "auto_other"))
    write(workplace.folder, "auto_other.py", MODULE.format(name="offered"))
    config = str(workplace.write(callbacks=scheduled("offered")))
    withheld = workplace.call("validate", config)
    assert withheld.exit_code == 3
    assert "this folder's pyproject.toml offers auto_other.py; it was not loaded" in withheld.stderr
    assert "help: trust it: trainctl trust ." in withheld.stderr
    assert workplace.call("trust", ".").exit_code == 0
    assert workplace.call("validate", config).exit_code == 0


def test_a_broken_pyproject_says_so(workplace: Workplace) -> None:
    write(workplace.folder, "pyproject.toml", "[tool.trainctl\n")
    ended = workplace.call("validate", str(workplace.write(callbacks=scheduled("unheard_of"))))
    assert ended.exit_code == 3
    assert "is not TOML" in ended.stderr
