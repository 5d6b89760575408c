"""The experiments that `kill.py` kills: each has something that a resumed run could lose."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from samebits import EVERYTHING

Experiment = dict[str, Any]


def everything(_folder: Path) -> Experiment:
    """Random layers, batch statistics, a stateful optimizer, and every callback that remembers or writes something."""
    return {**EVERYTHING, "data": {**EVERYTHING["data"], "limit": 600, "test_split": 0.1}, "fit": {"epochs": 8}}


def by_step(folder: Path) -> Experiment:
    """The same with snapshots in the middle of an epoch, and several steps in one call of TensorFlow."""
    return {**everything(folder), "execution": {"steps_per_execution": 2, "snapshot": {"every_steps": 4}}}


def streamed(folder: Path) -> Experiment:
    """A table read in blocks, and shuffled within a window."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(2400, 4)).round(4)
    towns = rng.choice(["Bonn", "Paris", "Rome"], 2400)
    rows = [",".join(map(str, [*row, town, int(sum(row) > 0)])) for row, town in zip(x.tolist(), towns, strict=True)]
    (folder / "table.csv").write_text("\n".join(["a,b,c,d,town,label", *rows]) + "\n")
    source = {"CSV": {"path": "table.csv", "label": "label", "stream": True}}
    data = {"source": source, "validation_split": 0.2, "test_split": 0.1, "shuffle": 300, "batch_size": 32}
    layers = [_dense(16, "relu"), {"Dropout": {"rate": 0.3}}, _dense(2, "softmax")]
    return _small("streamed", data, layers) | {"execution": {"snapshot": {"every_steps": 17}}}


def images(folder: Path) -> Experiment:
    """Folders of images, changed at random in each epoch."""
    from matplotlib import image

    rng = np.random.default_rng(2)
    for number, name in enumerate(("dark", "grey", "light")):
        (folder / "images" / name).mkdir(parents=True)
        for index in range(40):
            pixels = np.clip(rng.normal(0.25 + 0.25 * number, 0.2, (12, 12, 3)), 0, 1)
            image.imsave(folder / "images" / name / f"{index:02}.png", pixels)
    data = {
        "source": {"ImageFolder": {"path": "images", "image_size": [12, 12]}},
        "validation_split": 0.2,
        "test_split": 0.1,
        "augment": [{"RandomTranslation": {"height_factor": 0.1, "width_factor": 0.1}}, {"RandomFlip": {}}],
        "batch_size": 8,
    }
    layers = [{"Rescaling": {"scale": "1/255"}}, _conv(), "Flatten", {"Dropout": {"rate": 0.2}}, _dense(3, "softmax")]
    return _small("images", data, layers) | {"execution": {"snapshot": {"every_steps": 5}}}


def stateful_lstm(folder: Path) -> Experiment:
    """A recurrent layer that carries its state from batch to batch."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(320, 6, 2)).astype(np.float32)
    np.savez(folder / "sequences.npz", x=x, y=(x[:, :, 0].sum(1) > 0).astype(np.int64))
    data = {"source": {"NPZ": {"path": "sequences.npz"}}, "validation_split": 0.2, "test_split": 0.2, "batch_size": 16}
    model = {
        "inputs": {"x": {"batch_size": 16}},
        "layers": [{"LSTM": {"units": 8, "stateful": True, "dropout": 0.2}}, _dense(2, "softmax")],
    }
    return {
        **_small("stateful", data, []),
        "model": model,
        "fit": {"epochs": 6},
        "execution": {"snapshot": {"every_steps": 5}},
    }


def mixed_precision(folder: Path) -> Experiment:
    """Weights of two precisions, and an optimizer that scales the loss."""
    experiment = everything(folder)
    optimizer = {"LossScaleOptimizer": {"inner_optimizer": {"Adam": {"learning_rate": 0.01}}}}
    return {
        **experiment,
        "name": "mixed",
        "compile": {**experiment["compile"], "optimizer": optimizer},
        "execution": {"precision": "mixed_float16", "snapshot": {"every_steps": 5}},
    }


def averages(folder: Path) -> Experiment:
    """Moving averages that take the place of the weights in each validation."""
    experiment = everything(folder)
    optimizer = {"Adam": {"learning_rate": 0.01, "use_ema": True, "ema_momentum": 0.9}}
    stopping = {"EarlyStopping": {"monitor": "val_loss", "patience": 3, "restore_best_weights": True}}
    checkpoint, log, board = experiment["callbacks"][-3:]
    return {
        **experiment,
        "name": "averages",
        "compile": {**experiment["compile"], "optimizer": optimizer},
        "callbacks": [{"SwapEMAWeights": {"swap_on_epoch": True}}, stopping, checkpoint, log, board],
        "execution": {"snapshot": {"every_steps": 7}},
    }


def time_series(folder: Path) -> Experiment:
    """Windows over a table in the order of time."""
    rng = np.random.default_rng(4)
    level = np.sin(np.arange(600) / 9) + rng.normal(0, 0.1, 600)
    (folder / "series.csv").write_text("\n".join(["level", *(f"{value:.5f}" for value in level)]) + "\n")
    source = {"Timeseries": {"path": "series.csv", "target": "level", "window": 12}}
    data = {"source": source, "validation_split": 0.2, "test_split": 0.1, "batch_size": 16}
    layers = [{"GRU": {"units": 8, "recurrent_dropout": 0.2}}, _dense(1, "linear")]
    experiment = _small("series", data, layers)
    compile_ = {"optimizer": {"RMSprop": {"learning_rate": 0.01}}, "loss": "mse", "metrics": ["mae"]}
    return {**experiment, "compile": compile_, "execution": {"snapshot": {"every_steps": 9}}}


def stages(folder: Path) -> Experiment:
    """Three stages with other layers, batches, optimizers and callbacks, the first of which ends early."""
    experiment = everything(folder)
    frozen = {"name": "head", "freeze": ["conv2d", "batch_normalization"], "fit": {"epochs": 5}}
    stopping = {"EarlyStopping": {"patience": 1, "min_delta": 0.2}, "TensorBoard": None}
    slow = {"name": "slow", "data": {"batch_size": 32}, "compile": {"optimizer": {"SGD": {"learning_rate": 0.05}}}}
    last = {"freeze": {"until": "flatten"}, "data": {"batch_size": 64}, "callbacks": {"ReduceLROnPlateau": None}}
    return {
        **experiment,
        "name": "stages",
        "fit": {"epochs": 3},
        "stages": [{**frozen, "callbacks": stopping}, slow, {"name": "last", **last}],
        "execution": {"snapshot": {"every_steps": 5}},
    }


VARIANTS: Mapping[str, Callable[[Path], Experiment]] = {
    each.__name__: each
    for each in (everything, by_step, streamed, images, stateful_lstm, mixed_precision, averages, time_series, stages)
}
"""Each writes its data into a folder, and returns the experiment."""


def _small(name: str, data: Experiment, layers: list[Any]) -> Experiment:
    return {**EVERYTHING, "name": name, "data": data, "model": {"layers": layers}, "fit": {"epochs": 8}}


def _dense(units: int, activation: str) -> Experiment:
    return {"Dense": {"units": units, "activation": activation}}


def _conv() -> Experiment:
    return {"Conv2D": {"filters": 4, "kernel_size": 3, "activation": "relu"}}
