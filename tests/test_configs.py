"""Every shipped configuration validates, and trains without a network."""

from __future__ import annotations

from pathlib import Path

import pytest
from traces import traces
from workplace import Workplace

CONFIGS = sorted((Path(__file__).parents[1] / "configs").glob("**/*.yaml"))
PROMISING = [path for path in CONFIGS if "\nexpect:" in path.read_text() or path.parent.name != "models"]
BUILDS_ON = {"fine_tuning": ("digits",)}
"""The runs that a configuration takes its model from."""


MARKED = 'mArk3d/s3cret+of "mine"'


def name_of(path: Path) -> str:
    return path.stem


def own_module(config: Path) -> list[str]:
    """What loads the callbacks of its own that a config names."""
    module = config.with_suffix(".py")
    return ["--import", str(module)] if module.is_file() else []


def test_there_are_some() -> None:
    assert {"mnist", "mnist_cnn", "digits", "tabular_classification", "tabular_regression"} <= set(
        map(name_of, CONFIGS)
    )
    assert len([path for path in CONFIGS if path.parent.name == "models"]) >= 11


def imports(config: Path) -> list[str]:
    """Where user code stands beside a configuration, the option that loads it."""
    code = config.with_suffix(".py")
    return ["--import", str(code)] if code.exists() else []


@pytest.mark.parametrize("config", CONFIGS, ids=name_of)
def test_it_validates_without_a_warning(workplace: Workplace, config: Path) -> None:
    ended = workplace.call("validate", str(config), *own_module(config))
    assert (ended.exit_code, ended.stderr) == (0, "")


@pytest.mark.parametrize("config", CONFIGS, ids=name_of)
def test_it_is_commented_for_a_newcomer(config: Path) -> None:
    lines = config.read_text().splitlines()
    assert lines[0].startswith("# yaml-language-server: $schema=")
    assert sum("#" in line for line in lines) >= 3


@pytest.mark.tf
@pytest.mark.claim("S3")
@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("config", CONFIGS, ids=name_of)
def test_it_trains(workplace: Workplace, config: Path) -> None:
    for other in BUILDS_ON.get(name_of(config), ()):
        workplace.train("-s", "fit.epochs=1", "-s", "expect=null", config=config.parents[1] / f"{other}.yaml")
    workplace.environ |= dict.fromkeys(("MARKED_TOKEN", "MONITOR_TOKEN"), MARKED)
    marked = ["-s", "description=for ${env:MARKED_TOKEN}", "-s", f"vars.api_token={MARKED}-given"]
    run = workplace.train("-s", "fit.epochs=1", "-s", "expect=null", *marked, *own_module(config), config=config)
    assert run.record["status"] == "done"
    assert (run.directory / "model.keras").exists()
    assert traces(MARKED, workplace.folder, run) == []


@pytest.mark.tf
@pytest.mark.slow
@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("config", [path for path in PROMISING if path.stem != "mnist_cnn"], ids=name_of)
def test_it_keeps_its_promise_in_full(workplace: Workplace, config: Path) -> None:
    run = workplace.train(*imports(config), config=config)
    assert run.record["status"] == "done"
    assert all(each["met"] for each in run.record["expectations"])


def test_the_promise_of_mnist() -> None:
    (mnist,) = [path for path in CONFIGS if path.stem == "mnist"]
    assert 'val_accuracy: ">= 0.93"' in mnist.read_text()
