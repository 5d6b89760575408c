"""The user's callbacks, from a file of theirs to every hook."""

from __future__ import annotations

from pathlib import Path

import pytest
from workplace import Workplace

import trainctl
from trainctl.components.context import CallbackContext
from trainctl.components.spec import CALLBACKS
from trainctl.components.user.imports import Imports

pytestmark = pytest.mark.tf

MODULE = '''
import json
from pathlib import Path

import keras
import trainctl


@trainctl.callback
class Witness(keras.callbacks.Callback):
    """Write down every hook that is called.

    Args:
        report: The file to write.
        every: A number.
    """

    def __init__(self, report: trainctl.OutputFile = "report.json", every: int = 1, mode: str | None = None) -> None:
        super().__init__()
        self.report, self.seen, self.every = Path(report), [], every

    def on_train_begin(self, logs=None): self.seen.append("train_begin")
    def on_epoch_begin(self, epoch, logs=None): self.seen.append("epoch_begin")
    def on_train_batch_begin(self, batch, logs=None): self.seen.append("train_batch_begin")
    def on_train_batch_end(self, batch, logs=None): self.seen.append(f"train_batch_end {sorted(logs)}")
    def on_test_begin(self, logs=None): self.seen.append("test_begin")
    def on_test_batch_begin(self, batch, logs=None): self.seen.append("test_batch_begin")
    def on_test_batch_end(self, batch, logs=None): self.seen.append("test_batch_end")
    def on_test_end(self, logs=None): self.seen.append("test_end"); self.write()
    def on_epoch_end(self, epoch, logs=None): self.seen.append("epoch_end")
    def on_train_end(self, logs=None): self.seen.append("train_end"); self.write()
    def on_predict_begin(self, logs=None): print("WITNESS predict_begin")
    def on_predict_batch_end(self, batch, logs=None): print("WITNESS predict_batch_end")

    def write(self): self.report.write_text(json.dumps(self.seen))


@trainctl.callback(name="OldStyle")
class _Old(keras.callbacks.Callback):
    def on_batch_end(self, batch, logs=None):
        self.model.batches = getattr(self.model, "batches", 0) + 1

    def on_train_end(self, logs=None):
        print(f"OLD {self.model.batches}")
'''


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("user") / "witness.py"
    path.write_text(MODULE)
    return str(path)


def test_every_hook_is_called_in_keras_order(workplace: Workplace, module: str) -> None:
    import json

    run = workplace.train("--import", module, callbacks=["Witness", "OldStyle"], fit={"epochs": 1})
    batch = ["train_batch_begin", "train_batch_end ['accuracy', 'loss']"]
    assert json.loads((run.directory / "report.json").read_text()) == [
        "train_begin",
        "epoch_begin",
        *batch * 8,
        "test_begin",
        *["test_batch_begin", "test_batch_end"] * 2,
        "test_end",
        "epoch_end",
        "train_end",
    ]
    assert "OLD 8" in (run.directory / "console.log").read_text()
    (recorded,) = run.record["imports"]
    assert recorded["file"] == module


def test_evaluate_and_predict_call_them_too(workplace: Workplace, module: str) -> None:
    import numpy as np

    seen = workplace.folder / "seen.json"
    run = workplace.train("--import", module, callbacks=[{"Witness": {"report": str(seen)}}], fit={"epochs": 1})
    seen.unlink()
    assert workplace.call("evaluate", "latest").exit_code == 0
    assert "test_batch_end" in seen.read_text()
    np.save(workplace.folder / "x.npy", np.zeros((3, 4), "float32"))
    ended = workplace.call("predict", str(run.directory), "x.npy")
    assert ended.exit_code == 0, ended.stderr
    assert ended.stdout.splitlines()[0] == "prediction,probability"
    assert len(ended.stdout.splitlines()) == 4


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"every": "ten"}, "an integer"),
        ({"evry": 3}, "did you mean 'every'?"),
        ({"report": "../out.json"}, "is outside the run directory"),
    ],
)
def test_arguments_are_checked_against_the_annotations(
    workplace: Workplace, module: str, arguments: dict[str, object], said: str
) -> None:
    ended = workplace.call("validate", str(workplace.write(callbacks=[{"Witness": arguments}])), "--import", module)
    assert ended.exit_code == 3
    assert said in ended.stderr


def test_they_are_described(workplace: Workplace, module: str) -> None:
    ended = workplace.call("describe", "Witness", "--import", module)
    assert "Write down every hook that is called." in ended.stdout
    assert "A number." in ended.stdout
    assert "Witness" in workplace.call("list", "callbacks", "--import", module).stdout


def test_a_changed_module_is_not_loaded_again_unasked(workplace: Workplace, tmp_path: Path) -> None:
    own = tmp_path / "changing.py"
    own.write_text("import keras, trainctl\n@trainctl.callback\nclass Changing(keras.callbacks.Callback): ...\n")
    workplace.train("--import", str(own), callbacks=["Changing"], fit={"epochs": 1})
    own.write_text(own.read_text() + "# changed\n")
    ended = workplace.call("evaluate", "latest")
    assert ended.exit_code == 7
    assert "has changed since the run" in ended.stderr
    assert f"--import {own}" in ended.stderr


@pytest.mark.parametrize("argument", ["outputs", "target", "name_in_yaml", "extra", "_hidden", "model_fields"])
def test_an_argument_with_a_name_of_ours_is_refused(workplace: Workplace, tmp_path: Path, argument: str) -> None:
    own = tmp_path / "own.py"
    own.write_text(
        "import keras, trainctl\n@trainctl.callback\nclass Own(keras.callbacks.Callback):\n"
        f"    def __init__(self, {argument}: int = 1) -> None: ...\n"
    )
    ended = workplace.call("validate", str(workplace.write(callbacks=["Own"])), "--import", str(own))
    assert ended.exit_code == 3
    assert f"Own has an argument called '{argument}'" in ended.stderr


def test_files_that_grow_are_told_from_those_written_whole(workplace: Workplace, tmp_path: Path) -> None:
    from trainctl.config.load import load
    from trainctl.runs import growing_files
    from trainctl.runs.layout import RunDirectory

    own = tmp_path / "own.py"
    own.write_text(
        "import keras, trainctl\n@trainctl.callback\nclass Own(keras.callbacks.Callback):\n"
        "    def __init__(self, whole: trainctl.OutputFile, log: trainctl.GrowingFile) -> None: ...\n"
    )
    run = RunDirectory(tmp_path / "run")
    for log, expected in {"a.log": [run.path / "a.log"], "/elsewhere/a.log": []}.items():
        config = workplace.write(callbacks=[{"Own": {"whole": "whole.json", "log": log}}])
        callbacks = load(str(config), imports=Imports([str(own)])).experiment.callbacks
        assert [path for _, path in callbacks[0].outputs()] == ["whole.json", log]
        assert growing_files.of_run(run, callbacks) == [run.metrics, run.events, *expected]


def test_attributes_that_ours_have_too(workplace: Workplace, tmp_path: Path) -> None:
    own = tmp_path / "own.py"
    own.write_text(
        "import keras, trainctl\n@trainctl.callback\nclass Own(keras.callbacks.Callback):\n"
        "    def __init__(self, schema: int = 1, copy: int = 1, model_name: str = 'x') -> None:\n"
        "        super().__init__()\n"
        "        self.found, self.kept_epoch = 'a needle', 'none'\n"
    )
    run = workplace.train("--import", str(own), callbacks=["Own"])
    assert run.record["kept_epoch"] == 2


def test_outputs_within_an_annotation_lie_in_the_run_directory_too(tmp_path: Path) -> None:
    import keras

    class Several(keras.callbacks.Callback):
        def __init__(self, one: trainctl.OutputFile | None = None, many: list[trainctl.GrowingFile] = ()) -> None:
            super().__init__()
            self.paths = [one, *many]

    # the annotations of this module are texts, which name what this function alone knows
    Several.__init__.__annotations__.update(one=trainctl.OutputFile | None, many=list[trainctl.GrowingFile])
    trainctl.callback(Several)
    known = CALLBACKS.get("Several")
    assert known is not None
    spec = known.model_validate({"one": "a.txt", "many": ["b.txt", "c.txt"]})
    assert list(spec.outputs()) == [("one", "a.txt"), ("many", "b.txt"), ("many", "c.txt")]
    assert list(spec.growing()) == ["b.txt", "c.txt"]
    context = CallbackContext(tmp_path, print, lambda value: value)
    assert spec.build(context).paths == [str(tmp_path / name) for name in ("a.txt", "b.txt", "c.txt")]
    assert known.model_validate({}).build(context).paths == [None]
