"""What a model says of new inputs: as values, as rows for people, as a file."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from colorsys import hsv_to_rgb
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from trainctl.aliases import Data
from trainctl.errors import RunDirError, UsageError
from trainctl.files import saved_atomically
from trainctl.sources.files.mapped import save_npz

Cell = str | int | float


@dataclass(frozen=True, slots=True)
class Predictions:
    """What a model says of some inputs.

    Args:
        values: The model's output, (samples, …); of several outputs, a mapping of their names to such.
        classes: The name of the likeliest class of each sample, or its index where it has no name; empty where the output
            is no class.
        probabilities: The probability of that class, (samples,); empty likewise.
        several: The names of the classes, where a sample may have several of them; `classes` then joins those it has with `;`.
        each: The probability of each of them, for each sample.
        files: The file of each sample, where each has one of its own.
        masks: Where each place of a sample has a class, their indices, (samples, height, width); else `None`.
        shares: The probability of each class, (samples, classes), where a sample has one of them; else `None`.
        names: What to call those classes.
        number_names: What to call each number of the only output, where they are as many as it has.
    """

    values: Data
    classes: tuple[str | int, ...] = ()
    probabilities: tuple[float, ...] = ()
    files: tuple[str, ...] = ()
    several: tuple[str, ...] = ()
    each: tuple[tuple[float, ...], ...] = ()
    masks: Data = None
    shares: Data = None
    names: tuple[str, ...] = ()
    number_names: tuple[str, ...] = ()

    def above(self, threshold: float) -> Predictions:
        """Return the predictions with the second of two classes where its probability is at least `threshold`.

        Raises:
            UsageError: There are not two classes.
        """
        if self.shares is None or len(self.names) != 2:
            raise UsageError("--threshold needs a model of two classes", hint="predict without --threshold")
        second = self.shares[:, 1] >= threshold
        classes = tuple(self.names[index] for index in second.astype(int).tolist())
        probabilities = tuple(np.where(second, self.shares[:, 1], self.shares[:, 0]).tolist())
        return replace(self, classes=classes, probabilities=probabilities)

    def with_each(self) -> Predictions:
        """Return the predictions with the probability of every class in a column of its own."""
        if self.shares is None:
            return self
        several = tuple(f"probability_{name}" for name in self.names)
        return replace(self, several=several, each=tuple(map(tuple, self.shares.tolist())))

    def __len__(self) -> int:
        several = self.values.values() if isinstance(self.values, Mapping) else [self.values]
        return len(next(iter(several)))

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        """A head and a row for each sample: its file, then the class and its probability, or the output; numbers to six digits."""
        if not self.files:
            return self._answers()
        return ((file, *row) for file, row in zip(("file", *self.files), self._answers(), strict=True))

    def _answers(self) -> Iterator[tuple[Cell, ...]]:
        if self.several:
            yield ("prediction", *self.several)
            for known, probabilities in zip(self.classes, self.each, strict=True):
                yield (known, *map(_six_digits, probabilities))
            return
        if self.classes:
            yield ("prediction", "probability")
            yield from zip(self.classes, map(_six_digits, self.probabilities), strict=True)
            return
        several = self.values if isinstance(self.values, Mapping) else {"": self.values}
        arrays = {name: np.asarray(each) for name, each in several.items()}
        flat = np.concatenate([each.reshape(len(each), -1) for each in arrays.values()], axis=1)
        is_named = "" in arrays and 1 < flat.shape[1] == len(self.number_names)
        heads = (head for name, each in arrays.items() for head in _heads(name, each.shape[1:]))
        yield self.number_names if is_named else tuple(heads)
        yield from (tuple(map(_six_digits, row)) for row in flat.tolist())


def _heads(output: str, shape: tuple[int, ...]) -> Iterator[str]:
    """Yield what to call each number of an output, by its place in it: `output_0_2`; "" is the only output."""
    if math.prod(shape) == 1:
        yield output or "prediction"
        return
    for place in np.ndindex(shape):
        yield "_".join(map(str, (output or "output", *place)))


def _six_digits(value: float) -> float:
    return float(f"{value:.6g}")


def to_csv(predictions: Predictions) -> str:
    """Return the rows as CSV with a header."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(as_text(row) for row in predictions.rows())
    return text.getvalue()


def as_text(row: Iterable[Cell]) -> list[str | int]:
    """Return the cells of a row as they are written to a .csv."""
    return [f"{cell:g}" if isinstance(cell, float) else cell for cell in row]


def write(predictions: Predictions, output: Path) -> None:
    """Write a .csv of the rows, or a .npy or .npz of the raw outputs: a whole file aside, then renamed; or a folder of masks.

    Raises:
        UsageError: A .npy holds one array, but the model has several outputs; or a folder holds masks, but it has none.
        RunDirError: The file cannot be written.
    """
    if not output.suffix:
        _write_masks(predictions, output)
        return
    values = predictions.values
    several = values if isinstance(values, dict) else {"output": values}
    if output.suffix == ".npy" and len(several) > 1:
        raise UsageError(f"{output} holds one array, but the model has several outputs", hint="write a .npz")
    save = {
        ".csv": lambda aside: Path(aside).write_text(to_csv(predictions), encoding="utf-8"),
        ".npy": lambda aside: np.save(aside, *several.values()),
        ".npz": lambda aside: save_npz(aside, several),
    }
    try:
        saved_atomically(output, save[output.suffix])
    except OSError as error:
        raise RunDirError(f"cannot write {output}: {error.strerror}") from None


def _write_masks(predictions: Predictions, folder: Path) -> None:
    """Write each mask as a PNG of the name of its image, with class indices and a color for each of them."""
    if predictions.masks is None:
        raise UsageError(f"{folder} is a folder for masks, but the model predicts none", hint="write a .npy")
    digits = len(str(len(predictions)))
    stems = [Path(file).stem for file in predictions.files] or [f"{each:0{digits}}" for each in range(len(predictions))]
    twice = next((stem for stem, count in Counter(stems).items() if count > 1), None)
    if twice is not None:
        raise UsageError(f"two images are named {twice}, so their masks would be one file", hint="write a .npy")
    try:
        for stem, mask in zip(stems, predictions.masks, strict=True):
            saved_atomically(folder / f"{stem}.png", partial(_save_mask, mask))
    except OSError as error:
        raise RunDirError(f"cannot write {folder}: {error.strerror}") from None


def _save_mask(mask: Data, path: str) -> None:
    from PIL import Image

    if mask.max(initial=0) > 255:
        Image.fromarray(mask.astype(np.uint16)).save(path)
        return
    image = Image.fromarray(mask.astype(np.uint8))
    image.putpalette(_PALETTE)
    image.save(path)


_PALETTE = [
    round(255 * part)
    for index in range(256)
    for part in (hsv_to_rgb(index * 0.618 % 1, 0.8, 0.95) if index else (0.0, 0.0, 0.0))  # neighbours differ most
]
"""Red, green and blue of each class index: the first one is black."""
