"""Memory and time of one epoch as the data grows: tables in blocks, time series, and folders of small images.

python benchmarks/large.py [--rows 100000 1000000 10000000] [--minutes 100000 1000000 10000000] [--images 10000 100000 1000000]
                           [--folds 0] [--folder /tmp/large]

Ten million rows are 1.1 GB, one million images as many files: the whole takes about an hour on two cores. Memory may not grow
with the data, apart from what each sample costs (its file's name, its label); time per sample may not grow either.
"""

from __future__ import annotations

import argparse
import json
import shutil
import struct
import sys
import tempfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from measure import Command, Measured, measure

ROWS_AT_ONCE = 100_000
SIDE = 16
"""Height and width of an image."""
BYTES_PER_ROW, BYTES_PER_MINUTE, BYTES_PER_IMAGE = 40, 60, 600
"""What a sample may cost in memory beyond the smallest size: a few numbers, and of an image its path and label."""
SPARE = 150
"""MiB that any size may cost above the smallest: buffers that fill up."""
CLASSES = {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]}
CLASSIFIER = {"Dense": {"units": 2, "activation": "softmax"}}
SLOWER = 1.3
"""How much more CPU time a further sample may cost at the largest size than at the one before."""


def write_table(path: Path, rows: int) -> None:
    """Write ten numbers, a category and a label a row as CSV."""
    import pyarrow as pa
    from pyarrow import csv

    rng, towns = np.random.default_rng(0), np.array(["Bonn", "Köln", "Berlin", "Paris"])
    with path.open("wb") as out:
        for begin in range(0, rows, ROWS_AT_ONCE):
            count = min(ROWS_AT_ONCE, rows - begin)
            x = rng.normal(size=(count, 10)).round(5)
            numbers = {f"f{index}": x[:, index] for index in range(10)}
            label = (x[:, 0] + x[:, 1] > 0).astype(int)
            table = pa.table({**numbers, "town": towns[rng.integers(0, 4, count)], "y": label})
            csv.write_csv(table, out, csv.WriteOptions(include_header=begin == 0))


def write_series(path: Path, minutes: int) -> None:
    """Write a row a minute as CSV: when it is, and eight numbers."""
    import pyarrow as pa
    from pyarrow import csv

    rng = np.random.default_rng(0)
    with path.open("wb") as out:
        for begin in range(0, minutes, ROWS_AT_ONCE):
            count = min(ROWS_AT_ONCE, minutes - begin)
            when = np.datetime64("2000-01-01T00:00:00") + (begin + np.arange(count)) * np.timedelta64(1, "m")
            numbers = {f"f{index}": rng.normal(size=count).round(5) for index in range(8)}
            table = pa.table({"when": pa.array(when), **numbers})
            csv.write_csv(table, out, csv.WriteOptions(include_header=begin == 0))


def png(pixels: np.ndarray) -> bytes:
    """Return grey pixels, uint8 (height, width), as a PNG; quicker than a library for very small ones."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width = pixels.shape
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")


def write_images(folder: Path, images: int) -> None:
    """Write dark and light images of noise into two folders."""
    rng = np.random.default_rng(0)
    for number in range(images):
        label = number % 2
        place = folder / ("dark", "light")[label]
        if number < 2:
            place.mkdir(parents=True)
        pixels = rng.integers(128 * label, 128 + 128 * label, (SIDE, SIDE), np.uint8)
        (place / f"{number}.png").write_bytes(png(pixels))


def experiment(
    source: Mapping[str, object],
    layers: Sequence[object],
    file: Path,
    folds: int,
    learned: Mapping[str, object] = CLASSES,
) -> Path:
    """Write an experiment of one epoch; `learned` is its `compile:`."""
    data = {"source": source, "validation_split": 0.05, "batch_size": 1024, **({"folds": folds} if folds else {})}
    config = {
        "seed": 1,
        "data": data,
        "model": {"layers": [*layers]},
        "compile": {"optimizer": "adam", **learned},
    }
    file.write_text(json.dumps(config))
    return file


def run(file: Path, folder: Path) -> Measured:
    """Train in a process of its own."""
    command = [sys.executable, "-m", "trainctl", "run", str(file), "--runs-dir", str(folder / "runs")]
    return measure(Command(command), folder / "log.txt")


def of_table(rows: int, folder: Path, folds: int) -> Measured:
    """Measure an epoch on a table."""
    path = folder / "table.csv"
    write_table(path, rows)
    source = {"CSV": {"path": str(path), "label": "y", "stream": True}}
    layers = [{"Dense": {"units": 16, "activation": "relu"}}, CLASSIFIER]
    found = run(experiment(source, layers, folder / "e.yaml", folds), folder)
    path.unlink()
    return found


def of_series(minutes: int, folder: Path, folds: int) -> Measured:
    """Measure an epoch on windows over a time series."""
    path = folder / "series.csv"
    write_series(path, minutes)
    source = {"Timeseries": {"path": str(path), "time": "when", "target": "f0", "window": 24, "stream": True}}
    layers = ["Flatten", {"Dense": {"units": 1}}]
    found = run(experiment(source, layers, folder / "e.yaml", folds, {"loss": "mse"}), folder)
    path.unlink()
    return found


def of_images(images: int, folder: Path, folds: int) -> Measured:
    """Measure an epoch on a folder of images."""
    path = folder / "images"
    write_images(path, images)
    source = {"ImageFolder": {"path": str(path), "image_size": [SIDE, SIDE], "color_mode": "grayscale"}}
    layers = [{"Rescaling": {"scale": 1 / 255}}, "Flatten", CLASSIFIER]
    found = run(experiment(source, layers, folder / "e.yaml", folds), folder)
    shutil.rmtree(path)
    return found


def problems(what: str, sizes: Sequence[int], found: Sequence[Measured], each: int) -> list[str]:
    """Return what has grown more than it may."""
    told = []
    for size, measured in zip(sizes[1:], found[1:], strict=True):
        allowed = found[0].peak + SPARE + each * (size - sizes[0]) / 2**20
        if measured.peak > allowed:
            told.append(f"{size:,} {what}: {measured.peak:,.0f} MiB, more than {allowed:,.0f}")
    steps = [(b.cpu - a.cpu) / (m - n) for a, b, n, m in zip(found, found[1:], sizes, sizes[1:], strict=False)]
    if len(steps) > 1 and steps[-1] > SLOWER * steps[-2]:
        told.append(f"{what}: {steps[-1] * 1e6:.1f} µs for each further one at the end, {steps[-2] * 1e6:.1f} before")
    return told


def main() -> None:
    """Measure, print, and fail where memory or time per sample grows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="*", default=[100_000, 1_000_000, 10_000_000])
    parser.add_argument("--minutes", type=int, nargs="*", default=[100_000, 1_000_000, 10_000_000])
    parser.add_argument("--images", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--folds", type=int, default=0, help="cross-validate with so many folds; 0 = one run")
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    told = []
    with tempfile.TemporaryDirectory(prefix="trainctl-large-", dir=arguments.folder) as name:
        folder = Path(name)
        for what, sizes, measured_of, each in (
            ("rows", arguments.rows, of_table, BYTES_PER_ROW),
            ("minutes", arguments.minutes, of_series, BYTES_PER_MINUTE),
            ("images", arguments.images, of_images, BYTES_PER_IMAGE),
        ):
            found: list[Measured] = []
            for size in sizes:
                found.append(measured_of(size, folder, arguments.folds))
                more = ""
                if len(found) > 1:
                    before = found[-2]
                    step = (found[-1].cpu - before.cpu) / (size - sizes[len(found) - 2])
                    more = f"  {step * 1e6:7.1f} µs for each further one"
                print(
                    f"{size:>12,} {what:<7} {found[-1].cpu:7.1f} s of CPU  peak {found[-1].peak:6,.0f} MiB{more}",
                    flush=True,
                )
            told += problems(what, sizes, found, each)
    if told:
        sys.exit("\n".join(told))


if __name__ == "__main__":
    main()
