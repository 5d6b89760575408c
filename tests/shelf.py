"""A folder of recorded runs, made without training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

RESOLVED = "fit:\n  epochs: {epochs}\nmodel:\n  layers:\n    - Dense: {{units: {units}}}\n"


def record(runs_dir: Path, run_id: str, name: str = "mnist", epochs: int = 2, units: int = 8, **facts: Any) -> Path:
    """Write the directory of a run that is done, with the facts that run.json says besides."""
    path = runs_dir / name / run_id
    path.mkdir(parents=True)
    day = f"{run_id[:4]}-{run_id[4:6]}-{run_id[6:8]}T{run_id[9:11]}:{run_id[11:13]}:{run_id[13:15]}.000Z"
    known = {"run_id": run_id, "name": name, "status": "done", "started": day, "epochs_run": epochs, **facts}
    (path / "run.json").write_text(json.dumps(known))
    (path / "resolved.yaml").write_text(RESOLVED.format(epochs=epochs, units=units))
    lines = [{"epoch": epoch, "loss": 1 / epoch, "val_loss": 1.1 / epoch} for epoch in range(1, epochs + 1)]
    (path / "metrics.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return path


def three(runs_dir: Path) -> list[Path]:
    """Three runs of one name, oldest first: the second is the best, the third is tagged and not measured."""
    paths = [
        record(runs_dir, "20260101-120000-aaaaaa", metrics={"val_loss": 0.5, "val_accuracy": 0.80}, seconds=90.0),
        record(runs_dir, "20260102-120000-bbbbbb", metrics={"val_loss": 0.2, "val_accuracy": 0.95}, units=16),
        record(runs_dir, "20260103-120000-cccccc", status="failed", exit_code=6),
    ]
    (paths[2] / "notes.json").write_text(json.dumps({"tags": ["paper"], "note": "why?"}))
    return paths
