"""What two runs are compared by, to the bit; and an experiment in which everything that can go wrong on the way is there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

EVERYTHING: Mapping[str, Any] = {
    "name": "everything",
    "seed": 11,
    "data": {"source": "Digits", "validation_split": 0.25, "batch_size": 48},
    "model": {
        "layers": [
            {"RandomTranslation": {"height_factor": 0.1, "width_factor": 0.1}},
            {"Conv2D": {"filters": 8, "kernel_size": 3, "activation": "relu"}},
            "BatchNormalization",
            "Flatten",
            {"GaussianNoise": {"stddev": 0.1}},
            {"Dense": {"units": 32, "activation": "relu"}},
            {"Dropout": {"rate": 0.3}},
            {"Dense": {"units": 10, "activation": "softmax"}},
        ]
    },
    "compile": {
        "optimizer": {"Adam": {"learning_rate": 0.01}},
        "loss": "sparse_categorical_crossentropy",
        "metrics": ["accuracy"],
    },
    "fit": {"epochs": 20},
    "callbacks": [
        {"ReduceLROnPlateau": {"monitor": "val_loss", "patience": 1, "factor": 0.5}},
        {"EarlyStopping": {"monitor": "val_loss", "patience": 2, "min_delta": 0.02, "restore_best_weights": True}},
        {"ModelCheckpoint": {"filepath": "best.keras", "monitor": "val_loss", "save_best_only": True}},
        {"CSVLogger": {"filename": "log.csv"}},
        {"TensorBoard": {"histogram_freq": 2, "update_freq": "batch"}},
    ],
}
"""Random layers, batch statistics, a stateful optimizer, and every callback that remembers or writes something."""


def bits(directory: Path) -> dict[str, Any]:
    """All of a run's results: weights and optimizer, the best checkpoint, the course, what callbacks wrote."""
    record = json.loads((directory / "run.json").read_text())
    lines = [json.loads(line) for line in (directory / "metrics.jsonl").read_text().splitlines()]
    events = [json.loads(line) for line in (directory / "events.jsonl").read_text().splitlines()]
    return {
        "model": _weights(directory / "model.keras"),
        "best": _weights(directory / "best.keras"),
        "metrics": [{key: value for key, value in line.items() if key != "seconds"} for line in lines],
        "csv": (directory / "log.csv").read_text(),
        "tensorboard": scalars(directory / "tensorboard"),
        "result": {key: record[key] for key in ("status", "epochs_run", "kept_epoch", "metrics")},
        "epochs": [event["epoch"] for event in events if event["event"] == "EpochEnded"],
    }


def _weights(path: Path) -> str:
    """A digest of all weights and the optimizer's variables in a .keras file; the file itself holds times."""
    import io
    import zipfile

    import h5py

    digest = hashlib.sha256()

    def add(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            digest.update(name.encode() + item[()].tobytes())

    with zipfile.ZipFile(path) as file, h5py.File(io.BytesIO(file.read("model.weights.h5"))) as weights:
        weights.visititems(add)
    return digest.hexdigest()


def scalars(folder: Path, *others: Path) -> list[tuple[str, str, int, float]]:
    """Every number that TensorBoard would plot: (folder, tag, step, value), sorted; a repeated one is there twice.

    Args:
        folder: Where the event files are.
        others: Files there that are not looked at.
    """
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
    from tensorboard.util.tensor_util import make_ndarray

    found = []
    for path in sorted(set(folder.rglob("events.out.tfevents.*")) - {*others}):
        for event in EventFileLoader(str(path)).Load():
            for value in event.summary.value:
                if value.metadata.plugin_data.plugin_name == "scalars" or value.tensor.dtype == 1:
                    numbers = make_ndarray(value.tensor)
                    found.append((path.parent.name, value.tag, event.step, float(numbers.sum())))
    return sorted(found)
