"""Rules for every argument of every callback: null where Keras has it, and advice that holds when it is followed."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest
import yaml
from workplace import SMALL, Workplace

from trainctl.components.spec import CALLBACKS

NEEDED: dict[str, dict[str, Any]] = {
    "BackupAndRestore": {"backup_dir": "backup"},
    "experimental.BackupAndRestore": {"backup_dir": "backup"},
    "CSVLogger": {"filename": "log.csv"},
    "LearningRateScheduler": {"schedule": "lr"},
    "ModelCheckpoint": {"filepath": "m.keras"},
    "OrbaxCheckpoint": {"directory": "checkpoints"},
}
"""The arguments that have no default."""

NULLS = [
    (name, field)
    for name, spec in CALLBACKS
    for field, info in spec.model_fields.items()
    if not info.is_required() and info.get_default(call_default_factory=True) in (None, ())
]
GONE = [(name, argument) for name, spec in CALLBACKS for argument in spec.removed]

ADVISED: list[dict[str, Any]] = [
    {"ModelCheckpoint": {"filepath": path, "save_weights_only": weights}}
    for path in ("a.ckpt", "a.hdf5", "a.h5", "a_dir", "a.weights.h5", "cp-{epoch}.h5", "a b, c.tf", "m.keras", "~/a.h5")
    for weights in (True, False)
]
ADVISED += [
    {"TensorBoard": {"profile_batch": [4, 2]}},
    {"TensorBoard": {"profile_batch": "9,3"}},
    {"LambdaCallback": {"on_epoch_end": "save('m.ckpt')"}},
    {"LambdaCallback": {"on_epoch_end": ["print(1)", "save('m.h5')"]}},
    {"LambdaCallback": {"on_train_end": "save('m-{epoch}')"}},
    {"LambdaCallback": {"on_train_end": "save('m.weights')"}},
    {"SwapEMAWeights": {}},
    {"ModelCheckpoint": {}},
    {"CSVLogger": {}},
    {"EarlyStopping": {"monitor": "learning_rate"}},
    {"ModelCheckpoint": {"filepath": "a.keras", "save_freq": 3, "save_best_only": True}},
    {"keras.callbacks.EarlyStopping": {"patience": 1}},
    {"tf.keras.callbacks.CSVLogger": {"filename": "a.csv"}},
]


def validated(workplace: Workplace, callback: Any, **sections: Any) -> str:
    return workplace.call("validate", str(workplace.write(callbacks=[callback], **sections))).stderr


@pytest.mark.parametrize(("name", "field"), NULLS, ids=map(str, NULLS))
def test_null_is_accepted_where_it_is_the_default(workplace: Workplace, name: str, field: str) -> None:
    text = validated(workplace, {name: {**NEEDED.get(name, {}), field: None}})
    assert "error[wrong" not in text
    assert "error[unknown" not in text


@pytest.mark.parametrize(("name", "argument"), GONE, ids=map(str, GONE))
def test_null_takes_an_argument_of_an_older_keras_away(workplace: Workplace, name: str, argument: str) -> None:
    assert "error" not in validated(workplace, {name: {**NEEDED.get(name, {}), argument: None}})


@pytest.mark.tf
@pytest.mark.parametrize("name", CALLBACKS.names())
def test_every_null_of_keras_is_among_them(name: str) -> None:
    import keras

    spec = CALLBACKS.get(name)
    theirs = getattr(keras.callbacks, name, None)
    if theirs is not None and spec is not None:
        defaults = {each.name: each.default for each in inspect.signature(theirs.__init__).parameters.values()}
        nulls = {field for each, field in NULLS if each == name}
        assert {argument for argument, default in defaults.items() if default is None} <= nulls


@pytest.mark.parametrize("callback", ADVISED, ids=str)
def test_advice_holds_when_it_is_followed(workplace: Workplace, callback: dict[str, Any]) -> None:
    for _ in range(3):  # a mistake may hide another
        text = validated(workplace, callback, compile=workplace_compile(callback))
        problem = re.search(r"error\[(?P<code>[\w-]+)\].*?^  help: (?P<help>.*?)$", text, re.MULTILINE | re.DOTALL)
        if problem is None:
            break
        callback = followed(callback, problem["help"])
    assert "error" not in text


def workplace_compile(callback: dict[str, Any]) -> dict[str, Any]:
    return {**SMALL["compile"], **callback.get("__compile__", {})} if "__compile__" in callback else SMALL["compile"]


def followed(callback: dict[str, Any], advice: str) -> Any:
    """The callback as the advice says; what is to be written is YAML."""
    (name,) = callback
    arguments = callback[name]
    written = re.match(r"write:? (.*?)(\. See: .*)?$", advice)
    if written is None:
        (setting,) = re.findall(r"set (\w+: \w+)", advice)[-1:]
        return {name: {**arguments, **yaml.safe_load(setting)}}
    text = written[1]
    if text.startswith("save("):
        hook = next(iter(arguments))
        return {name: {hook: text}}
    if re.fullmatch(r"\w+", text):
        return {text: arguments}
    for example in ("filepath: …", "filename: …"):
        text = text.replace(example, example.replace("…", "a.keras" if "filepath" in example else "a.csv"))
    value = yaml.safe_load("{" + text + "}")
    if name.rsplit(".", 1)[-1] in value:
        return value
    if "optimizer" in value:
        pytest.skip("the optimizer's own: see test_swap_ema_weights")
    return {name: {**arguments, **value}}


@pytest.mark.parametrize("name", ["EarlyStopping", "ReduceLROnPlateau"])
def test_a_change_counts_whatever_its_sign(workplace: Workplace, name: str) -> None:
    spec: Any = CALLBACKS.get(name)
    assert spec(min_delta=-0.01).min_delta == 0.01
    assert "error" not in validated(workplace, {name: {"min_delta": -0.01, "patience": 1}})


def test_a_path_without_a_slash(workplace: Workplace) -> None:
    spec: Any = CALLBACKS.get("RemoteMonitor")
    assert spec(path="metrics").path == "/metrics"
    assert spec(path="").path == ""


def test_a_path_in_the_home_folder(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(workplace.folder))
    spec: Any = CALLBACKS.get("CSVLogger")
    assert spec(filename="~/log.csv").filename == str(workplace.folder / "log.csv")
    (workplace.folder / "labels.tsv").write_text("a\n")
    embeddings = {"TensorBoard": {"embeddings_freq": 1, "embeddings_metadata": "~/labels.tsv"}}
    assert validated(workplace, embeddings) == ""
    assert "missing-file" in validated(workplace, {"TensorBoard": {"embeddings_metadata": "~/none.tsv"}})
