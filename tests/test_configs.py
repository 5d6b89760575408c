"""Every shipped configuration validates, and trains without a network."""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import gallery
import numpy as np
import pytest
from PIL import Image
from traces import traces
from workplace import Workplace

CONFIGS = sorted((Path(__file__).parents[1] / "configs").glob("**/*.yaml"))
PROMISING = [path for path in CONFIGS if "\nexpect:\n" in path.read_text() and path.stem != "mnist_cnn"]
"""Those trained in full; the promise of mnist_cnn is one of MNIST itself, not of its stand-in."""
BUILDS_ON = {"fine_tuning": ("digits",)}
"""The runs that a configuration takes its model from."""


MARKED = 'mArk3d/s3cret+of "mine"'


READERS: Mapping[str, Callable[[Path], list[Any]]] = {
    ".csv": lambda path: path.read_text().splitlines(),
    ".npz": lambda path: list(np.load(path).values()),
    ".png": lambda path: [np.asarray(Image.open(path))],
    ".txt": lambda path: path.read_text().splitlines(),
    ".wav": lambda path: [np.frombuffer(path.read_bytes(), np.uint8)],
}
"""What a file of data holds: a compressed one may differ where that does not."""


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
@pytest.mark.slow
@pytest.mark.claim("S3")
@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("config", CONFIGS, ids=name_of)
def test_it_trains_and_keeps_its_promise(workplace: Workplace, config: Path) -> None:
    """In full where it expects something, which is then met; else for one epoch."""
    for other in BUILDS_ON.get(name_of(config), ()):
        workplace.train("-s", "fit.epochs=1", "-s", "expect=null", config=config.parents[1] / f"{other}.yaml")
    workplace.environ |= dict.fromkeys(("MARKED_TOKEN", "MONITOR_TOKEN"), MARKED)
    marked = ["-s", "description=for ${env:MARKED_TOKEN}", "-s", f"vars.api_token={MARKED}-given"]
    shorter = [] if config in PROMISING else ["-s", "fit.epochs=1", "-s", "expect=null"]
    run = workplace.train(*shorter, *marked, *own_module(config), config=config)
    assert run.record["status"] == "done"
    assert all(each["met"] for each in run.record["expectations"])
    assert (run.directory / "model.keras").exists()
    assert traces(MARKED, workplace.folder, run) == []


def test_the_gallery_lists_every_config_with_its_true_numbers() -> None:
    """`python tests/gallery.py` writes the numbers of lines."""
    text = gallery.PAGE.read_text(encoding="utf-8")
    listed = re.findall(r"^\| \[(\w+)\]\((\S+\.yaml)\) \|", text, flags=re.MULTILINE)
    assert sorted(gallery.CONFIGS / path for _, path in listed) == CONFIGS
    assert all(Path(path).stem == name for name, path in listed)
    assert gallery.page() == text
    assert set(gallery.python_lines()) <= {path for _, path in listed}


def test_the_made_up_data_is_what_its_script_writes(tmp_path: Path) -> None:
    folder = CONFIGS[0].parent / "data"
    runpy.run_path(str(folder / "generate.py"))["main"](tmp_path)
    written = [path for path in sorted(tmp_path.rglob("*")) if path.is_file()]
    assert len(written) == 136
    for path in written:
        kept = folder / path.relative_to(tmp_path)
        assert path.suffix in READERS, path
        for mine, its in zip(READERS[path.suffix](path), READERS[path.suffix](kept), strict=True):
            np.testing.assert_array_equal(mine, its, err_msg=str(kept))


def test_the_promise_of_mnist() -> None:
    (mnist,) = [path for path in CONFIGS if path.stem == "mnist"]
    assert 'val_accuracy: ">= 0.93"' in mnist.read_text()
