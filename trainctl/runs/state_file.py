"""A tree of plain values and arrays in one file, without pickle: it cannot run code, and tells when it is damaged.

The file is an `.npz`, a zip whose members carry checksums: the arrays one by one, and the rest as JSON in `tree`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from trainctl.aliases import Array, Value
from trainctl.files import replacing

_ARRAY = "$array"
_JSON = "tree"


class StateError(Exception):
    """A value that cannot be kept, or a file that cannot be read.

    Args:
        problem: What is wrong, without its subject where there is a place.
        place: The keys that lead to the value in the tree.
    """

    def __init__(self, problem: str, place: Sequence[str] = ()) -> None:
        super().__init__(f"{'.'.join(place)} {problem}" if place else problem)
        self.problem, self.place = problem, tuple(place)


def write_state(path: Path, tree: Mapping[str, Value]) -> None:
    """Write `tree` aside, force it to the disk, and rename it to `path`: a kill at any instant leaves no half of it.

    Args:
        path: The file; its folder exists.
        tree: None, booleans, numbers, text, lists, mappings with text keys, and NumPy arrays of any but object type.
            Tuples come back as lists.

    Raises:
        StateError: `tree` holds something else; says where.
        OSError: The disk is full, or the folder is gone or cannot be written; what was at `path` is left as it was.
    """
    import numpy as np

    arrays: dict[str, Value] = {}
    text = json.dumps(_encoded(tree, arrays, ()))
    arrays[_JSON] = np.frombuffer(text.encode(), np.uint8)
    with replacing(path) as aside, aside.open("wb") as file:
        np.savez(file, **arrays)


def read_state(path: Path) -> dict[str, Value]:
    """The tree in `path`, every array read and its checksum compared.

    Raises:
        StateError: The file is missing, damaged or of another kind.
    """
    import numpy as np

    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as members:
            arrays = {name: members[name] for name in members.files}
        tree: dict[str, Value] = _decoded(json.loads(arrays[_JSON].tobytes()), arrays)
    except Exception as error:  # NumPy and zipfile raise nearly anything for a flipped bit, NotImplementedError too
        raise StateError(f"{path} is damaged or cannot be read ({type(error).__name__}: {error})") from error
    return tree


def _encoded(value: Value, arrays: dict[str, Array], place: tuple[str, ...]) -> Value:
    import numpy as np

    match value:
        case None | bool() | int() | float() | str() if not isinstance(value, np.generic):
            return value
        case np.ndarray() | np.generic():
            return _stored(np.asarray(value), arrays, place)
        case Mapping():
            _require_text_keys(value, place)
            return {key: _encoded(each, arrays, (*place, key)) for key, each in value.items()}
        case list() | tuple():
            return [_encoded(each, arrays, (*place, str(index))) for index, each in enumerate(value)]
    kinds = "a number, text, None, an array, a list or a mapping"
    raise StateError(f"is {type(value).__name__}; it can be {kinds}", place)


def _stored(array: Array, arrays: dict[str, Array], place: tuple[str, ...]) -> dict[str, str]:
    """Keep the array under a name of its own; the tree holds the name."""
    if array.dtype.hasobject:
        raise StateError("is an array of Python objects", place)
    name = str(len(arrays))
    arrays[name] = array
    return {_ARRAY: name, "dtype": str(array.dtype)}


def _require_text_keys(value: Mapping[Value, Value], place: tuple[str, ...]) -> None:
    for key in value:
        if not isinstance(key, str) or key == _ARRAY:
            raise StateError(f"has the key {key!r}; keys are text", place or ("the state",))


def _decoded(value: Value, arrays: Mapping[str, Array]) -> Value:
    if isinstance(value, dict):
        if _ARRAY in value:
            array = arrays[value[_ARRAY]]
            # NumPy keeps types that it does not know itself, such as bfloat16, as bare bytes
            array = array if str(array.dtype) == value["dtype"] else array.view(value["dtype"])
            return array if array.ndim else array[()]
        return {key: _decoded(each, arrays) for key, each in value.items()}
    return [_decoded(each, arrays) for each in value] if isinstance(value, list) else value
