"""NPZ: NumPy arrays in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zipfile import is_zipfile

from pydantic import Field

from trainctl.aliases import Array, Data
from trainctl.components.dataset import Dataset, LabelKind, Samples
from trainctl.components.fields import InputFile, Text, Texts
from trainctl.components.spec import SourceSpec, source
from trainctl.errors import DataError
from trainctl.sources.files.arrays import require_finite_labels, require_learnable, tell_gaps
from trainctl.sources.files.mapped import DAMAGED, mapped_member
from trainctl.sources.reading.inputs import existing_file, shown
from trainctl.sources.reading.labels import infer_labels
from trainctl.text import nearest, one_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trainctl.components.context import DataContext

_SAVE = "write one with numpy.savez_compressed(path, x=inputs, y=labels)"


@source("NPZ")
class NPZ(SourceSpec):
    """NumPy arrays from an .npz file, as they are stored.

    Shapes:
        x: as stored, (n, …).
        y: int64 (n,) for text, booleans and whole numbers (classes); float32 (n,) or (n, outputs) for other numbers.

    `x_test` and `y_test` become the test part where `x_train` and `y_train` are used. A list of arrays under x: or y:
    makes several inputs or outputs of these names. Pickled content is refused. Arrays of inputs from 256 MiB on that are
    stored uncompressed (`numpy.savez`) stay in the file and are read as they are wanted.
    """

    path: InputFile = Field(description="The .npz file.", examples=["digits.npz"])
    x: Text | Texts | None = Field(
        default=None,
        description="The array of the inputs, or a list, one for each input of the model; null: `x_train` where the file "
        "has it, else `x`.",
    )
    y: Text | Texts | None = Field(
        default=None,
        description="The array of the labels, or a list, one for each output of the model; null: `y_train` where the file "
        "has it, else `y`.",
    )

    def look(self) -> None:
        """The file exists."""
        existing_file(self.path)

    def load(self, context: DataContext) -> Dataset:
        """The arrays.

        Raises:
            DataError: No NPZ file, a key that is not in it, pickled or damaged content, empty arrays, arrays of
                different lengths, times or complex numbers, or labels that are NaN.
        """
        import numpy as np

        path = existing_file(self.path)
        if not is_zipfile(path):
            raise DataError(f"{shown(path)} is not an NPZ file", hint=_SAVE)
        try:
            with np.load(path, allow_pickle=False) as archive:
                if isinstance(self.x, tuple) or isinstance(self.y, tuple):
                    return self._several(archive, path, context)
                keys = self._keys(archive, path)
                parts = [_samples(archive, path, *each) for each in keys]
        except DAMAGED as error:
            raise DataError(f"{shown(path)} is damaged: {error}", hint=_SAVE) from error
        for part, (x_key, y_key) in zip(parts, keys, strict=True):
            _look_at_inputs(part.x, path, x_key, context)
            require_finite_labels(part.y, f"{shown(path)}: {y_key}")
        labels, kind, names = infer_labels([part.y for part in parts])
        if len(parts) > 1 and parts[0].x.shape[1:] != parts[1].x.shape[1:]:
            shapes = f"x_train {tuple(parts[0].x.shape)} and x_test {tuple(parts[1].x.shape)}"
            raise DataError(f"{shown(path)}: the samples have different shapes: {shapes}")
        train, *test = (Samples(part.x, y) for part, y in zip(parts, labels, strict=True))
        return Dataset(train, kind, test=test[0] if test else None, class_names=names)

    def _several(self, archive: Mapping[str, Data], path: Path, context: DataContext) -> Dataset:
        """Several inputs or outputs, by the names of their arrays; there is no test part."""
        [(x_key, y_key)] = self._keys(archive, path)[:1]
        wanted = {
            "x": self.x if isinstance(self.x, tuple) else (x_key,),
            "y": self.y if isinstance(self.y, tuple) else (y_key,),
        }
        x, y = ({key: _checked(archive, path, key, field) for key in keys} for field, keys in wanted.items())
        if len({len(array) for array in (*x.values(), *y.values())}) > 1:
            told = one_of((f"{key!r} has {len(array):,}" for key, array in [*x.items(), *y.items()]), "and")
            raise DataError(f"{shown(path)}: {told} samples", hint="the first axis of all counts the samples")
        for key, array in x.items():
            _look_at_inputs(array, path, key, context)
        for key, array in y.items():
            require_finite_labels(array, f"{shown(path)}: {key}")
        outputs = {key: infer_labels([array]) for key, array in y.items()}
        labels = {key: found for key, ([found], _, _) in outputs.items()}
        kinds = {kind for _, kind, _ in outputs.values()}
        return Dataset(
            Samples(
                x if isinstance(self.x, tuple) else x[x_key], labels if isinstance(self.y, tuple) else labels[y_key]
            ),
            LabelKind.CLASSES if kinds == {LabelKind.CLASSES} else LabelKind.NUMBERS,
            class_names=outputs[y_key][2] if len(outputs) == 1 else (),
        )

    def _keys(self, archive: Mapping[str, Data], path: Path) -> list[tuple[str, str]]:
        x, y = (each if isinstance(each, str) else None for each in (self.x, self.y))
        x = x or (self.x[0] if self.x else None) or ("x_train" if "x_train" in archive else "x")
        y = y or (self.y[0] if self.y else None) or ("y_train" if "y_train" in archive else "y")
        for field, key in (("x", x), ("y", y)):
            _require(archive, path, key, field)
        has_test = (x, y) == ("x_train", "y_train") and "x_test" in archive and "y_test" in archive
        return [(x, y), *([("x_test", "y_test")] if has_test else [])]


def _require(archive: Mapping[str, Data], path: Path, key: str, field: str) -> None:
    if key not in archive:
        close = nearest(key, archive)
        raise DataError(
            f"{shown(path)} has no array {key!r}; it has {one_of(map(repr, archive), 'and') or 'none'}",
            hint=f"did you mean {field}: {close}?" if close else f"name the array under {field}:",
            field=field,
        )


def _checked(archive: Mapping[str, Data], path: Path, key: str, field: str) -> Array:
    _require(archive, path, key, field)
    return _array(archive, path, key)


def _samples(archive: Mapping[str, Data], path: Path, x_key: str, y_key: str) -> Samples:
    x = mapped_member(path, x_key)
    x, y = _array(archive, path, x_key) if x is None else x, _array(archive, path, y_key)
    if len(x) != len(y):
        raise DataError(
            f"{shown(path)}: {x_key!r} has {len(x):,} samples and {y_key!r} has {len(y):,}",
            hint="the first axis of both counts the samples",
        )
    return Samples(x, y)


def _look_at_inputs(x: Data, path: Path, key: str, context: DataContext) -> None:
    require_learnable(x, f"{shown(path)}: {key!r}")
    tell_gaps(x, f"{shown(path)}: {key}", context.emit)


def _array(archive: Mapping[str, Data], path: Path, key: str) -> Array:
    try:
        array: Array = archive[key]
    except ValueError as error:  # what NumPy raises for pickled objects, and for a header it cannot read
        if "pickle" not in str(error):
            raise DataError(f"{shown(path)}: {key!r} cannot be read: {error}", hint=_SAVE) from error
        raise DataError(
            f"{shown(path)}: {key!r} is pickled, not an array of numbers or text",
            hint="pickled objects can run code and are never loaded; convert the array, then save it",
        ) from error
    if not hasattr(array, "ndim"):  # of a member that is no .npy file, the bytes
        raise DataError(f"{shown(path)}: {key!r} is no array", hint=_SAVE)
    if array.ndim == 0 or array.size == 0:
        raise DataError(f"{shown(path)}: {key!r} is empty, its shape is {array.shape}", hint=_SAVE)
    return array
