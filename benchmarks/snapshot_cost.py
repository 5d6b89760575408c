"""What snapshots cost: the time that training waits for them, as a share of the whole, for 10 million parameters.

    python benchmarks/snapshot_cost.py [EPOCHS]

An epoch is 20,000 samples of 28×28; each snapshot holds the weights and Adam's two moments, 120 MB.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

_EXPERIMENT = {
    "name": "cost",
    "seed": 1,
    "data": {"source": {"NPZ": {"path": "data.npz"}}, "batch_size": 64},
    "model": {
        "layers": [
            "Flatten",
            {"Dense": {"units": 2800, "activation": "relu"}},
            {"Dense": {"units": 2800, "activation": "relu"}},
            {"Dense": {"units": 10, "activation": "softmax"}},
        ]
    },
    "compile": {"optimizer": "adam", "loss": "sparse_categorical_crossentropy"},
}


def main() -> None:
    """Train, and compare the snapshots' seconds with the epochs'."""
    epochs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory() as folder:
        rng = np.random.default_rng(0)
        x, y = rng.random((20_000, 28, 28), np.float32), rng.integers(0, 10, 20_000)
        np.savez(Path(folder, "data.npz"), x=x, y=y)
        Path(folder, "cost.yaml").write_text(json.dumps({**_EXPERIMENT, "fit": {"epochs": epochs}}))
        command = [sys.executable, "-m", "trainctl", "run", "cost.yaml", "--format", "quiet"]
        subprocess.run(command, cwd=folder, check=True)
        (run,) = Path(folder).glob("runs/*/2*")
        events = [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]
        size = max(path.stat().st_size for path in (run / "snapshots").iterdir())
    training = sum(event["seconds"] for event in events if event["event"] == "EpochEnded")
    saving = [event["seconds"] for event in events if event["event"] == "SnapshotSaved"]
    print(f"parameters   {next(event['parameters'] for event in events if event['event'] == 'ModelBuilt'):,}")
    print(f"an epoch     {training / epochs:.1f} s")
    print(
        f"a snapshot   {size / 1e6:.0f} MB, {sum(saving) / epochs:.2f} s ({', '.join(f'{each:.2f}' for each in saving)})"
    )
    print(f"share        {100 * sum(saving) / (training + sum(saving)):.2f} % of the time")


if __name__ == "__main__":
    main()
