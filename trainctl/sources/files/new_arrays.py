"""New inputs in files of arrays: .npy and .npz."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from trainctl.aliases import Data
from trainctl.components.new_inputs import NewFiles, NewInputs
from trainctl.errors import DataError
from trainctl.sources.files.mapped import DAMAGED, read_npy
from trainctl.text import one_of, plural


def read_arrays(new: NewFiles) -> NewInputs:
    """Read the only array of a file; for a model with several inputs, those of their names.

    Raises:
        DataError: There are several files, or one that is damaged, pickled, or does not hold what the model takes.
    """
    if len(new.files) > 1:
        raise DataError(
            f"{plural(len(new.files), 'file')} of arrays, expected one", hint="join them, or predict on each"
        )
    return NewInputs(_arrays(new))


def _arrays(new: NewFiles) -> Data:
    import numpy as np

    path = new.files[0]
    inputs = [new.schema.input_names.get(each.name, each.name) for each in new.inputs]
    if path.suffix.lower() == ".npy":
        if len(inputs) > 1:
            raise _lacks(path, inputs)
        return read_npy(path, mapped=True)
    hint = "save it with numpy.savez(path, x=array)"
    try:
        with path.open("rb") as file:  # which NumPy would leave open where it is damaged
            loaded = np.load(file, allow_pickle=False)
            arrays = {"": loaded} if isinstance(loaded, np.ndarray) else loaded
            found = {name: arrays[name] for name in _chosen(path, list(arrays), inputs)}
    except (*DAMAGED, ValueError) as error:
        pickled = "allow_pickle" in str(error)
        reason = "it is pickled, not an array of numbers or text" if pickled else error
        raise DataError(f"cannot read {path}: {reason}", hint=hint) from error
    strange = next((name for name, array in found.items() if not isinstance(array, np.ndarray)), None)
    if strange is not None:
        raise DataError(f"cannot read {path}: {strange!r} is not an array", hint=hint)
    if len(inputs) == 1:
        return next(iter(found.values()))
    return {each.name: found[name] for each, name in zip(new.inputs, inputs, strict=True)}


def _lacks(path: Path, inputs: Sequence[str]) -> DataError:
    return DataError(f"{path} does not hold {one_of(inputs, 'and')}", hint="use a .npz with one array per input")


def _chosen(path: Path, names: Sequence[str], inputs: Sequence[str]) -> Sequence[str]:
    """Return which arrays of a file are the inputs."""
    if len(inputs) > 1:
        if not set(inputs) <= set(names):
            raise _lacks(path, inputs)
        return inputs
    name = "x" if "x" in names else names[0] if len(names) == 1 else None
    if name is None:
        held = f"holds {one_of(names, 'and')}; which array is the input?" if names else "holds no array"
        raise DataError(f"{path} {held}", hint="name it x")
    return [name]
