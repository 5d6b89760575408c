"""The data of the benchmarks, made without the network and always the same.

python benchmarks/cases/data.py FOLDER
"""

import sys
from pathlib import Path

import keras
import numpy as np
import pyarrow as pa
from pyarrow import csv
from sklearn.datasets import load_digits


def write_digits(path: Path, samples: int = 20_000) -> None:
    """Write images of MNIST's shape: scikit-learn's digits, enlarged, moved about, with noise."""
    random = np.random.default_rng(0)
    small, digits = load_digits(return_X_y=True)
    large = np.kron(small.reshape(-1, 8, 8), np.ones((3, 3))) * (255 / 16)
    chosen = random.integers(len(digits), size=samples)
    images = np.zeros((samples, 28, 28))
    for image, which, (down, right) in zip(images, chosen, random.integers(4, size=(samples, 2)), strict=True):
        image[down : down + 24, right : right + 24] = large[which]
    images += random.normal(scale=60, size=images.shape)
    np.savez(path, x=np.clip(images, 0, 255).astype(np.uint8)[..., np.newaxis], y=digits[chosen].astype(np.int64))


def write_sequences(path: Path, samples: int = 8_000) -> None:
    """Write sequences of 50 steps of 8 numbers, whose sums tell the class."""
    x = np.random.default_rng(0).normal(size=(samples, 50, 8)).astype(np.float32)
    np.savez(path, x=x, y=(x[:, 25:, 0].sum(axis=1) > 0).astype(np.int64))


def write_table(path: Path, rows: int) -> None:
    """Write seven columns of numbers, two of them with gaps, two of categories, and the label."""
    random = np.random.default_rng(0)
    x = random.normal(size=(rows, 7)).round(5)
    columns: dict[str, object] = {f"f{index}": pa.array(x[:, index]) for index in range(7)}
    for gaps in ("f3", "f4"):
        columns[gaps] = pa.array(x[:, int(gaps[1])], mask=random.random(rows) < 0.05)
    columns["f7"] = np.array(["Bonn", "Berlin", "Paris", "Rome"])[random.integers(0, 4, rows)]
    columns["f8"] = np.array([f"shop {number}" for number in range(30)])[random.integers(0, 30, rows)]
    label = (x[:, 0] + x[:, 1] * x[:, 2] + random.normal(size=rows) > 0).astype(int)
    csv.write_csv(pa.table({**columns, "y": label}), path, csv.WriteOptions(quoting_style="none"))


def write_images(folder: Path, images: int = 2_000) -> None:
    """Write dark and light PNG files of 64 by 64 pixels of noise into two folders."""
    random = np.random.default_rng(0)
    for number in range(images):
        label = number % 2
        place = folder / ("dark", "light")[label]
        place.mkdir(parents=True, exist_ok=True)
        pixels = random.integers(40 * label, 216 + 40 * label, (64, 64, 3), np.uint8)
        keras.utils.save_img(place / f"{number}.png", pixels, scale=False)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir()
    write_digits(folder / "digits.npz")
    write_sequences(folder / "sequences.npz")
    write_table(folder / "titanic.csv", 891)
    write_table(folder / "table.csv", 1_000_000)
    write_images(folder / "images")
