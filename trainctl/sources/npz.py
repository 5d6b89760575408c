"""NPZ: NumPy arrays in a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

from pydantic import Field

from trainctl.aliases import Array, Data
from trainctl.components.dataset import Dataset, Samples
from trainctl.components.fields import InputFile, Text, Texts
from trainctl.components.new_inputs import NewFiles, NewInputs
from trainctl.components.spec import SourceSpec, source
from trainctl.errors import DataError
from trainctl.files import is_regular
from trainctl.notices import Notice
from trainctl.sources.files.array_heads import PICKLED, ArrayHead, heads_of
from trainctl.sources.files.arrays import decoded, require_finite_labels, require_learnable, tell_gaps
from trainctl.sources.files.mapped import DAMAGED, mapped_member
from trainctl.sources.files.new_arrays import read_arrays
from trainctl.sources.reading.inputs import existing_file, shown
from trainctl.text import nearest, one_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from trainctl.components.context import DataContext

Keys = tuple[str, ...]
Shape = tuple[int, ...]
Arrays = tuple[dict[str, Array], dict[str, Array]]
"""The inputs and the labels of a part, by the names of their arrays."""

_ENDINGS = {"validation": ("val", "valid", "validation"), "test": ("test",)}
"""What the names of a part's arrays may end in."""

_SAVE = "write one with numpy.savez_compressed(path, x=inputs, y=labels)"


@source("NPZ")
class NPZ(SourceSpec):
    """NumPy arrays from an .npz file, as they are stored.

    Shapes:
        x: as stored, (n, …).
        y: int64 (n,) for text, booleans and whole numbers (classes); float32 (n,) or (n, outputs) for other numbers.

    `x_val` and `y_val` (or `x_valid`, `x_validation`) become the validation split, `x_test` and `y_test` the test split. A
    list of arrays under x: or y: makes several inputs or outputs of these names. Pickled content is refused. Arrays of
    inputs from 256 MiB on that are stored uncompressed (`numpy.savez`) stay in the file and are read as they are wanted.
    """

    reads = frozenset({".npz"})

    path: InputFile = Field(description="The .npz file.", examples=["digits.npz"])
    x: Text | Texts | None = Field(
        default=None,
        description="The array of the inputs, or a list, one for each input of the model; null = `x_train` where the file "
        "has it, else `x`.",
    )
    y: Text | Texts | None = Field(
        default=None,
        description="The array of the labels, or a list, one for each output of the model; null = `y_train` where the file "
        "has it, else `y`.",
    )

    @property
    def brings_validation(self) -> bool:
        """Whether the file holds `x_val` and `y_val`."""
        if not is_regular(Path(self.path)):
            return False  # opening a pipe would wait for ever
        try:
            with ZipFile(self.path) as archive:
                names = [name.removesuffix(".npy") for name in archive.namelist()]
        except (OSError, BadZipFile):
            return False  # what is wrong is reported where the file is read
        return "validation" in self._keys(names)

    @classmethod
    def for_new(cls, new: NewFiles) -> SourceSpec | None:
        """Return any .npz file."""
        return cls(path=str(new.files[0]))

    def read_new(self, new: NewFiles) -> NewInputs:
        """Return the only array of the file; for a model with several inputs, those of their names.

        Raises:
            DataError: It is damaged, pickled, or does not hold what the model takes.
        """
        return read_arrays(new)

    def look(self, context: DataContext) -> None:
        """Check that the file exists and holds the arrays: not pickled, not empty, of as many samples each."""
        self._checked(existing_file(self.path))

    def load(self, context: DataContext) -> Dataset:
        """Return the arrays.

        Raises:
            DataError: No NPZ file, a key that is not in it, pickled or damaged content, empty arrays, arrays of
                different lengths, times or complex numbers, or labels that are NaN.
        """
        import numpy as np

        path = existing_file(self.path)
        keys = self._checked(path)
        try:
            with np.load(path, allow_pickle=False) as archive:
                parts = {part: _read(archive, path, *each) for part, each in keys.items()}
                _tell_unused(archive, keys, path, context)
        except DAMAGED as error:
            raise DataError(f"{shown(path)} is damaged: {error}", hint=_SAVE) from error
        for x, y in parts.values():
            for key, array in x.items():
                require_learnable(array, f"{shown(path)}: {key!r}")
                tell_gaps(array, f"{shown(path)}: {key}", context.emit)
            for key, array in y.items():
                require_finite_labels(array, f"{shown(path)}: {key}")
        return self._dataset(parts)

    def _checked(self, path: Path) -> dict[str, tuple[Keys, Keys]]:
        """Return the arrays of each part, which their heads say to be usable.

        Raises:
            DataError: They are not; names every array that is missing.
        """
        heads = heads_of(path, _SAVE)
        keys = self._keys(heads)
        missing = [
            _no_such(heads, path, key, field)
            for field, each in zip("xy", keys["train"], strict=True)
            for key in each
            if key.removesuffix(".npy") not in heads
        ]
        if missing:
            raise DataError.of(missing)
        shapes = {
            part: [{key: _usable_shape(heads, path, key) for key in each} for each in pair]
            for part, pair in keys.items()
        }
        for x, y in shapes.values():
            _require_one_length({**x, **y}, path)
            _require_one_shape(shapes["train"][0], x, path)
        return keys

    def _dataset(self, parts: Mapping[str, Arrays]) -> Dataset:
        """Return the parts as samples, with labels as they stand there."""
        names = tuple(parts["train"][1])
        samples = {
            part: Samples(
                x if isinstance(self.x, tuple) else next(iter(x.values())),
                dict(zip(names, y.values(), strict=True)) if isinstance(self.y, tuple) else next(iter(y.values())),
            )
            for part, (x, y) in parts.items()
        }
        return Dataset(
            samples["train"],
            test=samples.get("test"),
            validation=samples.get("validation"),
        )

    def _keys(self, names: Collection[str]) -> dict[str, tuple[Keys, Keys]]:
        """Return the arrays of the inputs and of the labels of each part, of a file that holds `names`."""
        x, y = _named(self.x, "x", names), _named(self.y, "y", names)
        keys = {"train": (x, y)}
        if (x, y) in {(("x_train",), ("y_train",)), (("x",), ("y",))}:
            for part, endings in _ENDINGS.items():
                for each in endings:
                    if f"x_{each}" in names and f"y_{each}" in names and part not in keys:
                        keys[part] = ((f"x_{each}",), (f"y_{each}",))
        return keys


def _named(given: str | tuple[str, ...] | None, letter: str, names: Collection[str]) -> Keys:
    if given:
        return (given,) if isinstance(given, str) else given
    return (f"{letter}_train" if f"{letter}_train" in names else letter,)


def _tell_unused(
    archive: Mapping[str, Data], keys: Mapping[str, tuple[Keys, Keys]], path: Path, context: DataContext
) -> None:
    used = {key.removesuffix(".npy") for pair in keys.values() for names in pair for key in names}
    unused = [repr(name) for name in archive if name not in used]
    if unused:
        listed = one_of([*unused[:10], "…"] if len(unused) > 10 else unused, "and")
        context.emit(Notice(message=f"{shown(path)}: {listed} {'is' if len(unused) == 1 else 'are'} not used"))


def _read(archive: Mapping[str, Data], path: Path, x_keys: Keys, y_keys: Keys) -> Arrays:
    """Return the arrays of a part, those of the inputs mapped where they are large."""
    x = {key: _input(archive, path, key) for key in x_keys}
    y = {key: decoded(_array(archive, path, key), f"{shown(path)}: {key!r}") for key in y_keys}
    return x, y


def _input(archive: Mapping[str, Data], path: Path, key: str) -> Array:
    mapped = mapped_member(path, key)
    return _array(archive, path, key) if mapped is None else mapped


def _array(archive: Mapping[str, Data], path: Path, key: str) -> Array:
    try:
        array: Array = archive[key]
    except ValueError as error:
        raise DataError(f"{shown(path)}: {key!r} cannot be read: {error}", hint=_SAVE) from error
    return array


def _no_such(heads: Mapping[str, ArrayHead | None], path: Path, key: str, field: str) -> DataError:
    close = nearest(key, heads)
    return DataError(
        f"{shown(path)} has no array {key!r}; it has {one_of(map(repr, heads), 'and') or 'none'}",
        hint=f"did you mean {field}: {close}?" if close else f"name the array under {field}:",
        field=field,
    )


def _usable_shape(heads: Mapping[str, ArrayHead | None], path: Path, key: str) -> Shape:
    """Return the shape of an array that can be read and holds samples."""
    head = heads[key.removesuffix(".npy")]
    if head is None:
        raise DataError(f"{shown(path)} is damaged: {key!r} is not an array", hint=_SAVE)
    if head.is_pickled:
        raise DataError(f"{shown(path)}: {key!r} is pickled, not an array of numbers or text", hint=PICKLED)
    if head.is_empty:
        raise DataError(f"{shown(path)}: {key!r} is empty, its shape is {head.shape}", hint=_SAVE)
    return head.shape


def _require_one_length(shapes: Mapping[str, Shape], path: Path) -> None:
    if len({shape[0] for shape in shapes.values()}) > 1:
        told = one_of((f"{key!r} has {shape[0]:,}" for key, shape in shapes.items()), "and")
        raise DataError(f"{shown(path)}: {told} samples", hint="the first axis of all must be the number of samples")


def _require_one_shape(of_train: Mapping[str, Shape], of_part: Mapping[str, Shape], path: Path) -> None:
    """Refuse a part whose samples have other shapes than those to train on."""
    for (own, first), (key, shape) in zip(of_train.items(), of_part.items(), strict=True):
        if shape[1:] != first[1:]:
            raise DataError(f"{shown(path)}: the samples have different shapes: {own} {first} and {key} {shape}")
