"""A whole `trainctl run` on a CSV of a million rows by ten columns, against the same by hand; and `trainctl data` on it.

    python benchmarks/table.py [--rounds 5] [--rows 1000000] [--batch-size 256] [--numbers]

Whole processes, from start to exit, interleaved, by the CPU seconds of all cores. The script needs pandas. Exits with 1
where a bound is not kept.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from measure import Bound, Command, Measured, cpu, interleaved, peak, report, show

HERE = Path(__file__).parent
MOST_TIME, MOST_MEMORY = 0.9, 1.0
TIMES_READING, BESIDES = 3.0, 3.0
"""How often pyarrow's own read of the file `trainctl data` may take, and how many seconds more."""


def write_table(path: Path, rows: int, *, numbers: bool) -> None:
    """Write `rows` rows: nine columns of numbers, two of them with gaps, or seven and two of categories; and the label."""
    import numpy as np
    import pyarrow as pa
    from pyarrow import csv

    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, 9)).round(5)
    label = (x[:, 0] + x[:, 1] * x[:, 2] + rng.normal(size=rows) > 0).astype(int)
    columns: dict[str, object] = {f"f{index}": pa.array(x[:, index]) for index in range(9)}
    for gaps in ("f3", "f4"):
        columns[gaps] = pa.array(x[:, int(gaps[1])], mask=rng.random(rows) < 0.05)
    if not numbers:
        columns["f7"] = np.array(["Bonn", "Berlin", "Paris", "Rome"])[rng.integers(0, 4, rows)]
        columns["f8"] = np.array([f"shop {number}" for number in range(30)])[rng.integers(0, 30, rows)]
    csv.write_csv(pa.table({**columns, "y": label}), path, csv.WriteOptions(quoting_style="none"))


def experiment(path: Path, folder: Path, batch_size: int) -> Path:
    """What the script trains, as a file."""
    config = {
        "seed": 42,
        "data": {
            "source": {"CSV": {"path": str(path), "label": "y"}},
            "validation_split": 0.1,
            "batch_size": batch_size,
        },
        "model": {
            "layers": [{"Dense": {"units": 32, "activation": "relu"}}, {"Dense": {"units": 2, "activation": "softmax"}}]
        },
        "compile": {"optimizer": "adam", "loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]},
        "fit": {"epochs": 2},
    }
    file = folder / "table.yaml"
    file.write_text(json.dumps(config))
    return file


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="how often each is run (default: 5)")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--batch-size", type=int, default=256)
    parser.add_argument("--numbers", action="store_true", help="numbers alone, no categories")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table = folder / "table.csv"
        write_table(table, options.rows, numbers=options.numbers)
        config = experiment(table, folder, options.batch_size)
        trainctl, read = [sys.executable, "-m", "trainctl"], f"from pyarrow import csv; csv.read_csv({str(table)!r})"
        commands = {
            "trainctl": Command([*trainctl, "run", str(config), "--runs-dir", str(folder / "runs")]),
            "script": Command(
                [sys.executable, str(HERE / "table_script.py"), str(table), name, str(options.batch_size)]
            ),
            "trainctl data": Command([*trainctl, "data", str(table), "--label", "y"]),
            "pyarrow": Command([sys.executable, "-c", read]),
        }
        found = interleaved(commands, options.rounds, folder / "output.txt")
    print(f"{options.rounds} rounds on {os.cpu_count()} cores, batches of {options.batch_size}\n")
    show(found)
    ours, theirs = found["trainctl"], found["script"]
    return report(
        [
            Bound("CPU time / script's", _cpu_ratio(ours, theirs), MOST_TIME),
            Bound("memory / script's", peak(ours) / peak(theirs), MOST_MEMORY),
            Bound("trainctl data", cpu(found["trainctl data"]), TIMES_READING * cpu(found["pyarrow"]) + BESIDES, " s"),
        ]
    )


def _cpu_ratio(ours: Sequence[Measured], theirs: Sequence[Measured]) -> float:
    """The median of the ratios within each round: what slows a round down slows both."""
    return statistics.median(a.cpu / b.cpu for a, b in zip(ours, theirs, strict=True))


if __name__ == "__main__":
    sys.exit(main())
