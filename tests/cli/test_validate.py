"""`trainctl validate`: without TensorFlow, with `--build` and with `--step`."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from workplace import Workplace


def test_ok_is_said_on_stdout(workplace: Workplace) -> None:
    ended = workplace.call("validate", str(workplace.write()))
    assert (ended.exit_code, ended.stderr) == (0, "")
    assert ended.stdout.endswith("experiment.yaml: ok\n")


def test_every_problem_of_every_file(workplace: Workplace) -> None:
    first = workplace.write("first.yaml", fit={"epoch": 2}, compile={"loss": "mse", "optimizer": "adm"})
    second = workplace.write("second.yaml", seed=-1)
    ended = workplace.call("validate", str(first), str(second), "--json")
    assert ended.exit_code == 3
    results = json.loads(ended.stdout)
    assert [[each["path"] for each in result["diagnostics"]] for result in results] == [
        ["compile.optimizer", "fit.epoch"],
        ["seed"],
    ]
    assert ended.stderr == ""


def test_a_warning_is_no_failure(workplace: Workplace) -> None:
    config = workplace.write(model={"layers": [{"Dense": {"units": 3}}]})
    ended = workplace.call("validate", str(config))
    assert ended.exit_code == 0
    assert "warning[loss-activation]" in ended.stderr
    assert "ok" in ended.stdout


def test_a_mistake_needs_no_tensorflow(workplace: Workplace) -> None:
    workplace.write(callbacks=[{"EarlyStopping": {"patince": 3}}])
    code = (
        "import sys\nfrom trainctl.cli.app import app\n"
        "try:\n    app(['validate', 'experiment.yaml'])\n"
        "except SystemExit as end:\n    assert end.code == 3, end.code\n"
        "print([name for name in ('tensorflow', 'keras', 'numpy', 'sklearn') if name in sys.modules])\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=workplace.folder, capture_output=True, text=True, check=True
    )
    assert ended.stdout == "[]\n"
    assert "did you mean 'patience'?" in ended.stderr


def test_data_is_looked_at_without_tensorflow(workplace: Workplace) -> None:
    config = workplace.write(data={"source": {"NPZ": {"path": "no.npz"}}})
    ended = workplace.call("validate", str(config), "--json")
    (result,) = json.loads(ended.stdout)
    assert (ended.exit_code, [each["path"] for each in result["diagnostics"]]) == (4, ["data.source.path"])
    ended = workplace.call("validate", str(config), "--no-data")
    assert (ended.exit_code, ended.stderr) == (0, "")
    assert workplace.call("validate", str(config), "--no-data", "--build").exit_code == 2


def test_a_run_directory_that_cannot_be_made_is_told(workplace: Workplace) -> None:
    (workplace.folder / "runs").write_text("")
    ended = workplace.call("validate", str(workplace.write()))
    assert ended.exit_code == 0
    assert "warning[run-directory]" in ended.stderr


@pytest.mark.tf
class TestBuild:
    @pytest.mark.parametrize("option", ["--build", "--step"])
    def test_shows_data_and_model_and_leaves_nothing(
        self, workplace: Workplace, option: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        temporary = workplace.folder / "temporary"
        temporary.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(temporary))
        callbacks = [{"ModelCheckpoint": {"filepath": "best.keras"}}, {"TensorBoard": {}}]
        before = set(workplace.folder.iterdir())
        ended = workplace.call("validate", str(workplace.write(callbacks=callbacks)), option)
        assert ended.exit_code == 0, ended.stderr
        assert "Iris: 120 training, 30 validation samples" in ended.stdout
        assert "shape (4,)" in ended.stdout
        assert "Total params: 67" in ended.stdout
        assert [each.name for each in temporary.iterdir() if "autograph" not in each.name] == []  # TensorFlow's own
        assert {path.name for path in set(workplace.folder.iterdir()) - before} <= {"experiment.yaml", "keras", "cache"}

    def test_finds_what_only_building_can(self, workplace: Workplace) -> None:
        config = workplace.write(model={"layers": [{"Conv2D": {"filters": 2, "kernel_size": 3}}]})
        assert workplace.call("validate", str(config)).exit_code == 0
        ended = workplace.call("validate", str(config), "--build")
        assert ended.exit_code == 5
        assert "error[build]" in ended.stderr
        assert "ok" not in ended.stdout

    def test_finds_missing_data(self, workplace: Workplace) -> None:
        config = workplace.write(data={"source": {"CSV": {"path": "no.csv", "label": "y"}}})
        ended = workplace.call("validate", str(config), "--build", "--json")
        (result,) = json.loads(ended.stdout)
        assert (ended.exit_code, result["diagnostics"][0]["code"]) == (4, "data")
        assert Path(result["diagnostics"][0]["file"]).name == "experiment.yaml"

    def test_only_a_step_finds_what_training_would(self, workplace: Workplace) -> None:
        config = workplace.write(
            compile={"optimizer": {"SGD": {"learning_rate": 1e30}}, "loss": "sparse_categorical_crossentropy"}
        )
        assert workplace.call("validate", str(config), "--build").exit_code == 0
        ended = workplace.call("validate", str(config), "--step")
        assert ended.exit_code in {0, 6}


@pytest.mark.tf
def test_code_of_the_users_cannot_end_it_well(workplace: Workplace) -> None:
    (workplace.folder / "own.py").write_text(
        "import sys, trainctl\n@trainctl.data_source\ndef leaving():\n    sys.exit(0)\n"
    )
    ended = workplace.call(
        "validate", str(workplace.write(data={"source": "Leaving"})), "--build", "--import", "own.py", "--json"
    )
    (result,) = json.loads(ended.stdout)
    assert ended.exit_code == result["exit_code"] == 4
    assert "Leaving failed: SystemExit: 0" in result["diagnostics"][0]["message"]
