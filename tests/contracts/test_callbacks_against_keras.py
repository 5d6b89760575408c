"""Our descriptions of callbacks against the classes of the installed Keras."""

import inspect
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from trainctl.components.spec import CALLBACKS, CallbackSpec
from trainctl.config.describe import describe

ROOT = Path(__file__).parents[2]
SPECS = list(CALLBACKS)

GONE = {"BaseLogger", "ProgbarLogger"}
"""Classes of Keras 2 that Keras 3 no longer has, or has without arguments: accepted for old configs."""

NOT_OF_KERAS = {"MLflow", "Wandb"}
"""Those that Keras has nothing like; they are held against the real service, in tests/extras."""

WITHOUT_USE = {*GONE, "History"}
"""Nobody is to be led to write them."""

DEFAULTS_OF_OURS = {
    ("TensorBoard", "log_dir"): "below the run directory, a folder called logs says too little",
}

ARGUMENTS_OF_OURS = {
    ("LearningRateScheduler", "warmup"): "a warm-up is what most schedules by hand are written for",
    ("ModelCheckpoint", "period"): "Keras 2 had it, and saving every tenth epoch is a common wish",
    ("RemoteMonitor", "timeout"): "Keras waits for ever for a server that does not answer",
}

NOT_IN_YAML = {
    ("LambdaCallback", "kwargs"): "the other hooks, each of them a field here",
    ("ReduceLROnPlateau", "kwargs"): "Keras takes the old name epsilon there, and nothing else",
}

EXPRESSIONS = {"LambdaCallback"}
"""Keras's default is `None` for no function, ours no expression."""


def names(specs: list[tuple[str, Any]]) -> list[str]:
    return [name for name, _ in specs]


@pytest.fixture(params=SPECS, ids=names(SPECS))
def spec(request: pytest.FixtureRequest) -> type[CallbackSpec]:
    return request.param[1]


@pytest.mark.tf
@pytest.mark.parametrize(
    "name", [name for name in names(SPECS) if name not in {*GONE, *NOT_OF_KERAS, "experimental.BackupAndRestore"}]
)
def test_arguments_and_defaults_are_those_of_keras(name: str) -> None:
    import keras

    spec = CALLBACKS.get(name)
    assert spec is not None
    if not hasattr(keras.callbacks, name):
        assert "Source: trainctl" in (spec.__doc__ or "")
        return
    signature = inspect.signature(getattr(keras.callbacks, name).__init__)
    theirs = {each.name: each.default for each in signature.parameters.values() if each.name != "self"}
    wanted = {each for each in theirs if (name, each) not in NOT_IN_YAML}
    extra = {field for field in spec.model_fields if (name, field) in ARGUMENTS_OF_OURS}
    if name not in EXPRESSIONS:
        assert set(spec.model_fields) - extra == wanted
        compared = wanted
    else:
        assert wanted <= set(spec.model_fields)
        compared = set()
    for argument in compared:
        field = spec.model_fields[argument]
        if theirs[argument] is inspect.Parameter.empty:
            assert field.is_required(), argument
        elif (name, argument) not in DEFAULTS_OF_OURS:
            assert field.default == theirs[argument], argument


def test_every_exception_is_still_one() -> None:
    for name, argument in (*DEFAULTS_OF_OURS, *ARGUMENTS_OF_OURS):
        spec = CALLBACKS.get(name)
        assert spec is not None
        assert argument in spec.model_fields


def test_each_argument_says_what_it_means(spec: type[CallbackSpec]) -> None:
    for name, field in spec.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name
        assert field.description[0].isupper(), name


def test_the_text_names_its_source(spec: type[CallbackSpec]) -> None:
    assert spec.summary().endswith(".")
    assert re.search(rf"Source: (keras\.callbacks\.{spec.name_in_yaml}|trainctl)\b", spec.__doc__ or "")


def test_a_spec_is_frozen_and_closed(spec: type[CallbackSpec]) -> None:
    assert spec.model_config["frozen"] is True
    assert spec.model_config["extra"] == "forbid"


def test_it_lives_in_the_file_that_is_named_after_it(spec: type[CallbackSpec]) -> None:
    module = spec.__module__.rsplit(".", 1)[-1]
    assert module.replace("_", "") == spec.name_in_yaml.lower()


def test_it_can_be_described(spec: type[CallbackSpec]) -> None:
    assert [each.kind for each in describe(spec.name_in_yaml)] == ["callback"]


@pytest.mark.parametrize(
    "spec", [spec for name, spec in SPECS if name not in WITHOUT_USE], ids=lambda spec: spec.name_in_yaml
)
def test_it_is_shown_in_a_config_or_in_the_documentation(spec: type[CallbackSpec]) -> None:
    pages = [*ROOT.glob("configs/**/*.yaml"), *ROOT.glob("docs/**/*.md"), ROOT / "README.md"]
    assert any(spec.name_in_yaml in page.read_text(encoding="utf-8") for page in pages)


def test_it_has_a_test(spec: type[CallbackSpec]) -> None:
    folders = (ROOT / "tests" / "components" / "callbacks", ROOT / "tests" / "extras")
    tests = [test for folder in folders for test in folder.glob("test_*.py")]
    assert any(spec.name_in_yaml in test.read_text(encoding="utf-8") for test in tests)


def test_an_extra_can_be_installed_by_its_name_and_has_a_test(spec: type[CallbackSpec]) -> None:
    if spec.extra is None:
        return
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert spec.extra.name in project["optional-dependencies"]
    assert spec.extra.command in (spec.__doc__ or "")
    assert (ROOT / "tests" / "extras" / f"test_{spec.extra.name}.py").is_file()
