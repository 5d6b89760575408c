"""Defaults filled in, each known as one."""

from collections.abc import Callable
from pathlib import Path

import trainctl
from trainctl.config.compose.paths import find
from trainctl.config.fill import filled
from trainctl.config.load import Loaded
from trainctl.config.text.nodes import Node

Load = Callable[..., Loaded]


def tree(loaded: Loaded) -> Node:
    return filled(loaded.resolved, loaded.name)


def test_sections_stand_in_the_order_of_the_grammar(load_text: Load) -> None:
    assert list(tree(load_text()).value) == ["name", "data", "model", "compile", "fit", "callbacks", "execution"]


def test_what_nobody_wrote_is_a_default(load_text: Load) -> None:
    root = tree(load_text())
    written = {
        path: find(root, path.split(".")).default for path in ("fit.epochs", "data.batch_size", "name", "execution")
    }
    assert written == {"fit.epochs": False, "data.batch_size": True, "name": True, "execution": True}


def test_callbacks_get_their_defaults(load_text: Load) -> None:
    root = tree(load_text())
    stopping = find(root, ["callbacks", "EarlyStopping"])
    assert stopping.plain()["EarlyStopping"]["restore_best_weights"] is False
    assert find(root, ["callbacks", "EarlyStopping", "patience"]).plain() == 3


def test_a_bare_name_gets_its_arguments(load_text: Load) -> None:
    callbacks = tree(load_text()).plain()["callbacks"]
    assert callbacks[1] == {"TerminateOnNaN": {"raise_error": False}}


def test_layers_are_left_as_they_are_written(load_text: Load) -> None:
    layers = tree(load_text()).plain()["model"]["layers"]
    assert layers[0] == {"Dense": {"units": 16, "activation": "relu", "name": "hidden"}}


def test_the_input_path_starts_at_the_file_that_names_it(load_text: Load, experiment: str, tmp_path: Path) -> None:
    root = tree(load_text(experiment.replace("source: Iris", "source: {NPZ: {path: a.npz}}")))
    assert find(root, ["data", "source", "path"]).value == str(tmp_path / "a.npz")


def test_files_that_layers_read_start_there_too(load_text: Load, experiment: str, tmp_path: Path) -> None:
    layers = """layers:
    - StringLookup: {vocabulary: words.txt}
    - TimeDistributed: {layer: {IntegerLookup: {vocabulary: [1, 2]}}}
    - ResNet50: {weights: own.weights.h5}
    - VGG16: {weights: imagenet}
"""
    found = tree(load_text(experiment.replace("layers:\n", layers))).plain()["model"]["layers"]
    assert found[:4] == [
        {"StringLookup": {"vocabulary": str(tmp_path / "words.txt")}},
        {"TimeDistributed": {"layer": {"IntegerLookup": {"vocabulary": [1, 2]}}}},
        {"ResNet50": {"weights": str(tmp_path / "own.weights.h5")}},
        {"VGG16": {"weights": "imagenet"}},
    ]


def test_a_source_named_like_a_callback_is_a_source(load_text: Load, experiment: str) -> None:
    @trainctl.data_source
    def early_stopping(samples: int = 3) -> None: ...

    data = tree(load_text(experiment.replace("source: Iris", "source: EarlyStopping"))).plain()["data"]
    assert data["source"] == {"EarlyStopping": {"samples": 3}}
