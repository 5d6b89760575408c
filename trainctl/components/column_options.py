"""What an experiment says of a column of a table: what it holds, and how it is encoded."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from trainctl.aliases import Array, Value
from trainctl.components.column_kind import ColumnKind
from trainctl.components.fields import ArgumentError, Bounds, Integer, Kind, Number
from trainctl.errors import DataError
from trainctl.text import nearest, one_of

OTHERS = "*"
"""As a column: all that are not named."""

_OF_NUMBERS = ("transform", "bins", "clip")
_OF_CATEGORIES = ("encode", "smooth")

Bins = Annotated[Integer, Field(ge=2, le=1000)]


class ColumnOptions(BaseModel):
    """What a column holds, and how it is encoded."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    kind: Kind | None = Field(
        default=None, description="What it holds; null = as its cells tell, or as its encoding needs."
    )
    encode: Literal["one_hot", "target", "frequency"] | None = Field(
        default=None,
        description="Of categories: one_hot = a 0/1 for each (the default); target = the mean of the label, learned on other "
        "rows than the one that is encoded; frequency = the share of the rows that have it.",
    )
    smooth: Annotated[Number, Field(ge=0)] | None = Field(
        default=None,
        description="With encode: target, how many rows of the mean over all categories are added to each; null = 10.",
    )
    transform: Literal["log", "log1p"] | None = Field(default=None, description="Of numbers: the natural logarithm.")
    bins: Bins | None = Field(
        default=None, description="Of numbers: a 0/1 for each of this many ranges, which hold about as many rows each."
    )
    clip: Bounds | None = Field(
        default=None, description="Of numbers: the lowest and the highest, such as [0, 100]; null leaves a side open."
    )

    @model_validator(mode="after")
    def _fits_the_kind(self) -> Self:
        numbers = [name for name in _OF_NUMBERS if getattr(self, name) is not None]
        categories = [name for name in _OF_CATEGORIES if getattr(self, name) is not None]
        if numbers and categories:
            raise ArgumentError(
                "wrong-value",
                f"{categories[0]} is for categories, {numbers[0]} for numbers",
                word=numbers[0],
                hint=f"remove {categories[0]} or {numbers[0]}",
            )
        for names, kind in ((numbers, ColumnKind.NUMERIC), (categories, ColumnKind.CATEGORICAL)):
            if names and self.kind not in {None, kind}:
                raise ArgumentError(
                    "wrong-value",
                    f"{names[0]} is for {'numbers' if names == numbers else 'categories'}, but kind is {self.kind}",
                    word=names[0],
                    hint=f"set kind: {kind}, or remove {names[0]}",
                )
        if self.smooth is not None and self.encode != "target":
            raise ArgumentError("wrong-value", "smooth has no effect without encode: target", word="smooth")
        return self

    @property
    def held(self) -> ColumnKind | None:
        """What the column holds; `None` where only its cells tell."""
        if self.kind is None and any(getattr(self, name) is not None for name in _OF_NUMBERS):
            return ColumnKind.NUMERIC
        return ColumnKind.CATEGORICAL if self.kind is None and self.encode is not None else self.kind

    @property
    def changes(self) -> bool:
        """Whether numbers become others before anything is learned of them."""
        return self.transform is not None or self.clip is not None

    @property
    def is_table(self) -> bool:
        """Whether each category becomes numbers that are learned."""
        return self.encode in {"target", "frequency"}

    def change(self, numbers: Array, name: str) -> Array:
        """Return numbers (n,), NaN for missing, clipped and transformed.

        Raises:
            DataError: One has no logarithm; names the column.
        """
        import numpy as np

        if self.clip is not None:
            numbers = np.clip(numbers, *self.clip)
        if self.transform is None:
            return numbers
        there, least = numbers[~np.isnan(numbers)], 0.0 if self.transform == "log" else -1.0
        if len(there) and float(there.min()) <= least:
            better = "use transform: log1p, or " if least == 0 and there.min() > -1 else ""
            raise DataError(
                f"column {name!r}: {self.transform} takes numbers above {least:g}, but the lowest is {float(there.min()):g}",
                hint=f"{better}clip them, such as clip: [{least + 1:g}, null]",
                field="features",
            )
        return np.asarray(np.log(numbers) if self.transform == "log" else np.log1p(numbers))

    def __str__(self) -> str:
        """How it is encoded, in words; "" where the kind alone says it."""
        low, high = self.clip or (None, None)
        parts = [
            f"clipped to {'' if low is None else f'{low:g}'} … {'' if high is None else f'{high:g}'}"
            if self.clip
            else "",
            self.transform or "",
            f"{self.bins} bins" if self.bins else "scaled" if self.changes else "",
            {"target": "the mean of the label", "frequency": "the share of the rows"}.get(self.encode or "", ""),
        ]
        return ", ".join(filter(None, parts))


def _read_options(value: Value) -> Value:
    """The kind alone, or a mapping; `auto` says nothing."""
    if isinstance(value, str):
        return {} if value == "auto" else {"kind": value}
    for word in value if isinstance(value, dict) else ():
        if word not in ColumnOptions.model_fields:
            close = nearest(word, ColumnOptions.model_fields)
            hint = f"did you mean {close}?" if close else f"it has {one_of(ColumnOptions.model_fields, 'and')}"
            raise ArgumentError("unknown-argument", f"a column has no option {word!r}", word=word, hint=hint)
    return value


Column = Annotated[
    ColumnOptions,
    BeforeValidator(
        _read_options,
        json_schema_input_type=Literal[
            "auto", "numeric", "number", "categorical", "category", "boolean", "bool", "date", "datetime", "text"
        ]
        | ColumnOptions,
    ),
]
"""What a column of a table holds, under any of its usual names, or how it is encoded."""
