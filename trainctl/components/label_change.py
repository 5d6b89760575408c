"""`data.map_labels`: what is done to the labels before training, as it is written, and how it is undone.

Everything here is plain arithmetic on NumPy arrays; what undoes it on tensors is in `models/undo.py`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from trainctl.aliases import Array, Value
from trainctl.components.fields import ArgumentError, Boolean, Bounds, Number
from trainctl.errors import DataError
from trainctl.text import nearest, one_of

_SETTING = "data.map_labels"
_DTYPES = {"int": "int64", "float": "float64", "bool": "bool", "text": "object"}
_NOUNS = {"O": "text", "U": "text", "b": "booleans"}


def _not_zero(value: float) -> float:
    if value == 0:
        raise ArgumentError(
            "out-of-range", "map_labels: scale 0 makes all labels the same", hint="scale by another number"
        )
    return value


def _is_on(value: bool) -> bool:
    if not value:
        raise ArgumentError("wrong-value", "map_labels: a step that is false does nothing", hint="remove it")
    return value


On = Annotated[Boolean, AfterValidator(_is_on)]


class LabelStep(BaseModel):
    """One change of the labels: exactly one of these."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    scale: Annotated[Number, AfterValidator(_not_zero)] | None = Field(
        default=None, description="Multiply by this number, such as 1/1000."
    )
    shift: Number | None = Field(
        default=None, description="Add this number; -1 makes class indices of labels that are numbered from 1."
    )
    clip: Bounds | None = Field(
        default=None, description="The lowest and the highest label, such as [0, 100]; null leaves a side open."
    )
    log: On | None = Field(default=None, description="Take the natural logarithm; labels must be above 0.")
    log1p: On | None = Field(
        default=None, description="Take the natural logarithm of 1 + the label; labels must be above -1."
    )
    cast: Literal["int", "float", "bool", "text"] | None = Field(
        default=None, description="Convert to another type; int cuts off the fraction."
    )
    map: dict[str, bool | int | float | str] | None = Field(
        default=None, description="The new label for each label, such as {no: 0, yes: 1}.", min_length=1
    )

    @property
    def written(self) -> tuple[str, Value]:
        """The word of the step and its value."""
        return next((name, value) for name in LabelStep.model_fields if (value := getattr(self, name)) is not None)

    @property
    def keeps_whole(self) -> bool:
        """Whether whole numbers stay whole, also where they are of a type that holds fractions."""
        word, value = self.written
        numbers = [each for each in (value if word == "clip" else [value]) if isinstance(each, int | float)]
        return word in {"scale", "shift", "clip"} and all(float(each).is_integer() for each in numbers)

    def __str__(self) -> str:
        word, value = self.written
        if word in {"scale", "shift"}:
            return f"{word} {value:g}"
        if word == "clip":
            return "clip to " + " … ".join("" if bound is None else f"{bound:g}" for bound in value)
        return {"cast": f"cast to {value}", "map": "map of values"}.get(word, word)

    def dtype(self, given: str) -> str:
        """Return NumPy's name of the type of the labels after this step, given that before it.

        Raises:
            DataError: The step takes no labels of that type.
        """
        word, value = self.written
        if word == "map":
            return _dtype_of(value.values())
        if word == "cast":
            return _DTYPES[value]
        kind = _kind(given)
        if kind in "OUb":
            raise DataError(
                f"map_labels: {word} takes numbers, but the labels are {_NOUNS[kind]}",
                hint="name the number of each label: map_labels: {map: {no: 0, yes: 1}}"
                if kind != "b"
                else "convert them first: map_labels: [cast: int, …]",
                path=_SETTING,
            )
        return "int64" if kind in "iu" and self.keeps_whole else "float64"

    def change(self, labels: Array) -> Array:
        """Return changed labels (n, …).

        Raises:
            DataError: A label has no logarithm, or is none of those that `map` names.
        """
        import numpy as np

        word, value = self.written
        dtype = self.dtype(labels.dtype.name)
        if word == "map":
            return _mapped(labels, value, dtype)
        if word == "cast":
            return _cast(labels, value, dtype)
        numbers = labels.astype(dtype)
        if word in {"log", "log1p"}:
            return _logarithm(numbers, word)
        if word == "clip":
            low, high = (None if bound is None else np.asarray(bound).astype(dtype) for bound in value)
            return np.asarray(np.clip(numbers, low, high))
        factor = np.asarray(value).astype(dtype)
        return np.asarray(numbers * factor if word == "scale" else numbers + factor)


def _kind(dtype: str) -> str:
    import numpy as np

    return "U" if dtype.startswith("str") else np.dtype(dtype).kind  # NumPy does not know its own name str32


def _dtype_of(values: Any) -> str:
    """The type that holds all of the new labels."""
    kinds = {type(each) for each in values}
    if str in kinds:
        return "object"
    return "bool" if kinds == {bool} else "float64" if float in kinds else "int64"


def _mapped(labels: Array, names: Mapping[str, Value], dtype: str) -> Array:
    import numpy as np

    known = {spelling(name): value for name, value in names.items()}
    distinct, where = np.unique(labels.astype(str) if labels.dtype.kind in "OU" else labels, return_inverse=True)
    written = [spelling(each) for each in distinct.tolist()]
    absent = [word for word in written if word not in known]
    if absent:
        listed = [*map(repr, absent[:10]), *(["…"] if len(absent) > 10 else [])]
        raise DataError(
            f"map_labels: map does not say what {one_of(listed, 'and')} {'becomes' if len(absent) == 1 else 'become'}",
            hint="name the new label of each label",
            path=f"{_SETTING}",
        )
    new = [str(known[word]) if dtype == "object" else known[word] for word in written]
    result: Array = np.array(new, dtype)[where].reshape(labels.shape)
    return result


def spelling(label: Value) -> str:
    """Return how a label is compared with the names in `map`: 1.0 is 1, True is true."""
    if isinstance(label, bool):
        return str(label).lower()
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    text = str(label)
    return text.lower() if text.lower() in {"true", "false"} else text


def _cast(labels: Array, value: str, dtype: str) -> Array:
    import numpy as np

    if value == "text":
        return np.array([spelling(each) for each in labels.ravel().tolist()], object).reshape(labels.shape)
    texts: list[str] = np.unique(labels.astype(str)).tolist() if labels.dtype.kind in "OU" else []
    strange = next((each for each in texts if not _is_number(each)), None)
    if strange is not None:
        raise DataError(
            f"map_labels: cast to {value}: the label {strange!r} is not a number",
            hint="name the number of each label: map_labels: {map: {no: 0, yes: 1}}",
            path=_SETTING,
        )
    numbers = labels.astype("float64") if labels.dtype.kind in "OU" else labels
    if value == "int" and numbers.dtype.kind == "f" and not np.isfinite(numbers).all():
        raise DataError("map_labels: cast to int: a label is not finite", hint="clip the labels first", path=_SETTING)
    result: Array = numbers.astype(dtype)
    return result


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _logarithm(numbers: Array, word: str) -> Array:
    import numpy as np

    least = 0.0 if word == "log" else -1.0
    if numbers.size and float(np.nanmin(numbers)) <= least:
        hint = (
            "use log1p, or clip the labels first" if least == 0 and np.nanmin(numbers) > -1 else "clip the labels first"
        )
        raise DataError(
            f"map_labels: {word} takes labels above {least:g}, but the lowest is {float(np.nanmin(numbers)):g}",
            hint=hint,
            path=_SETTING,
        )
    return np.asarray(np.log(numbers) if word == "log" else np.log1p(numbers))


class LabelChange:
    """The steps of one output, one after the other.

    Args:
        steps: The steps.
    """

    def __init__(self, steps: Sequence[LabelStep]) -> None:
        self.steps = tuple(steps)

    def __call__(self, labels: Array) -> Array:
        """Return the changed labels (n, …)."""
        for step in self.steps:
            labels = step.change(labels)
        return labels

    def __str__(self) -> str:
        return ", ".join(map(str, self.steps))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LabelChange) and other.steps == self.steps

    def __hash__(self) -> int:
        return hash(str(self))

    def dtype(self, given: str) -> str:
        """Return NumPy's name of the type of the labels after all steps, given that before them."""
        for step in self.steps:
            given = step.dtype(given)
        return given

    @property
    def undo(self) -> tuple[Undo, ...]:
        """What turns a prediction back into the label's own unit; what clip and cast took away stays away.

        Nothing undoes what comes before a map of values.
        """
        found: list[Undo] = []
        for step in reversed(self.steps):
            word, value = step.written
            if word == "map":
                break
            if word == "scale":
                found.append(("affine", 1 / value, 0.0))
            elif word == "shift":
                found.append(("affine", 1.0, -value))
            elif word == "log":
                found.append(("exp", 1.0, 0.0))
            elif word == "log1p":
                found += [("exp", 1.0, 0.0), ("affine", 1.0, -1.0)]
        return tuple(found)

    def own(self, label: float) -> float:
        """Return a changed label in the label's own unit."""
        for kind, factor, offset in self.undo:
            label = math.exp(label) if kind == "exp" else label * factor + offset
        return label

    @property
    def names(self) -> Mapping[int, str] | None:
        """Which labels each class index stands for, where the last map of values gives class indices; else `None`."""
        last = self.steps[-1].map if self.steps else None
        if last is None or not all(type(index) is int and index >= 0 for index in last.values()):
            return None
        found: dict[int, list[str]] = {}
        for name, index in last.items():
            found.setdefault(cast("int", index), []).append(name)
        return {index: "/".join(names) for index, names in sorted(found.items())}


Undo = tuple[Literal["affine", "exp"], float, float]
"""A step back: `label · factor + offset`, or the exponential."""

_WORDS = tuple(LabelStep.model_fields)
_BARE = ("log", "log1p")


def _by_output(value: Value) -> Value:
    """What is written, as the steps of each output; "" is the only one."""
    if value in ({}, [], ()):
        return {}
    if isinstance(value, dict) and value and not any(key in _WORDS for key in value):
        parts = {key: each for key, each in value.items() if isinstance(each, dict | list | str)}
        if parts and len(parts) == len(value):
            return {output: _steps(each) for output, each in parts.items()}
    return {"": _steps(value)}


def _steps(value: Value) -> Value:
    items = value if isinstance(value, list) else [value]
    return tuple(step for item in items for step in _each_step(item))


def _each_step(item: Value) -> Sequence[Mapping[str, Value]]:
    """The steps of a mapping, in the order in which they are written."""
    if isinstance(item, str):
        item = {item: True if item in _BARE else None}
    if not isinstance(item, dict) or not item:
        raise ArgumentError(
            "wrong-type", f"map_labels takes {one_of(_WORDS)}", hint="such as map_labels: {scale: 1/1000}"
        )
    for word, value in item.items():
        if word not in _WORDS:
            close = nearest(word, _WORDS)
            hint = f"did you mean {close}?" if close else f"it takes {one_of(_WORDS)}"
            raise ArgumentError("unknown-argument", f"map_labels does not know {word!r}", word=word, hint=hint)
        if value is None and word not in _BARE:
            raise ArgumentError(
                "wrong-value", f"map_labels: {word} needs a value", word=word, hint=f"write {_EXAMPLES[word]}"
            )
    return [{word: True if value is None else value} for word, value in item.items()]


_EXAMPLES = {
    "scale": "scale: 1/1000",
    "shift": "shift: -1",
    "clip": "clip: [0, 100]",
    "cast": "cast: int",
    "map": "map: {no: 0, yes: 1}",
}


class _Written(LabelStep):
    """As it may be written: the steps of the only output, or a mapping of outputs to such."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, LabelStep | list[LabelStep | Literal["log", "log1p"]] | Literal["log", "log1p"]]


LabelChanges = Annotated[
    dict[str, tuple[LabelStep, ...]],
    BeforeValidator(
        _by_output,
        json_schema_input_type=_Written | list[LabelStep | Literal["log", "log1p"]] | Literal["log", "log1p"],
    ),
]
"""The steps of each output, by its name; "" is the only one."""
