"""Peak memory of one epoch on tables larger than memory: a 2 GB CSV and the same in Parquet, against 10 MB of it.

python benchmarks/streaming.py [--megabytes 2000] [--folder /tmp/streaming]
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROWS = 100_000
ALLOWED = 400
"""Megabytes that the large file may cost above the small one."""


def write_tables(folder: Path, name: str, megabytes: int) -> tuple[Path, Path]:
    """A table of 12 numbers, a category and a label as CSV, until that has `megabytes`, and as Parquet."""
    import numpy as np
    import pyarrow as pa
    from pyarrow import csv, parquet

    rng = np.random.default_rng(0)
    towns = np.array(["Bonn", "Köln", "Berlin", "Paris"])
    text, columns = folder / f"{name}.csv", folder / f"{name}.parquet"
    writer, size = None, 0
    with text.open("wb") as out:
        while size < megabytes * 1e6:
            x = rng.normal(size=(ROWS, 12)).round(5)
            label = (x[:, 0] + x[:, 1] > 0).astype(int)
            numbers = {f"f{index}": x[:, index] for index in range(12)}
            table = pa.table({**numbers, "town": towns[rng.integers(0, 4, ROWS)], "y": label})
            buffer = io.BytesIO()
            csv.write_csv(table, buffer, csv.WriteOptions(include_header=size == 0))
            size += out.write(buffer.getvalue())
            writer = writer or parquet.ParquetWriter(columns, table.schema, compression="none")
            writer.write_table(table)
    if writer is not None:
        writer.close()
    return text, columns


def experiment(path: Path, folder: Path) -> Path:
    """An experiment that streams `path` for one epoch, as a file."""
    source = {"CSV" if path.suffix == ".csv" else "Parquet": {"path": str(path), "label": "y", "stream": True}}
    config = {
        "seed": 1,
        "data": {"source": source, "validation_split": 0.05, "batch_size": 4096},
        "model": {
            "layers": [{"Dense": {"units": 16, "activation": "relu"}}, {"Dense": {"units": 2, "activation": "softmax"}}]
        },
        "compile": {"loss": "sparse_categorical_crossentropy", "optimizer": "adam", "metrics": ["accuracy"]},
    }
    file = folder / f"{path.name}.yaml"
    file.write_text(json.dumps(config))
    return file


def measured(path: Path, folder: Path) -> tuple[float, float]:
    """Peak memory in megabytes and wall seconds of one epoch on `path`, in a process of its own."""
    command = [
        sys.executable,
        "-m",
        "trainctl",
        "run",
        str(experiment(path, folder)),
        "--runs-dir",
        str(folder / "runs"),
    ]
    code = "import resource, subprocess, sys; rc = subprocess.call(sys.argv[1:]); " + (
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(rc)"
    )
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return int(done.stdout.splitlines()[-1]) / 1e3, time.perf_counter() - started


def main() -> None:
    """Measure, print, and fail where the large file costs too much."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=2000)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="trainctl-streaming-", dir=arguments.folder) as name:
        folder = Path(name)
        small, large = write_tables(folder, "small", 10), write_tables(folder, "large", arguments.megabytes)
        worst = 0.0
        for little, much in zip(small, large, strict=True):
            before, _ = measured(little, folder)
            after, seconds = measured(much, folder)
            worst = max(worst, after - before)
            size = much.stat().st_size / 1e6
            print(
                f"{much.suffix[1:]:<8} {size:6,.0f} MB  peak {after:5,.0f} MB, {after - before:+5,.0f} MB to 10 MB  {seconds:5.0f} s"
            )
    if worst > ALLOWED:
        sys.exit(f"more than {ALLOWED} MB above the small file")


if __name__ == "__main__":
    main()
