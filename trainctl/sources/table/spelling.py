"""How text files of a table are written: what `CSV` and `Timeseries` let an experiment say of it."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from trainctl.aliases import Value
from trainctl.components.fields import Boolean, Encoding, InputFile, Integer, Separator, Text, Texts
from trainctl.components.spec import SourceSpec


class SpellingFields(SourceSpec):
    """The settings of delimited text files."""

    path: InputFile = Field(description="A file, a folder or a glob.", examples=["data.csv"])
    missing: Texts | None = Field(
        default=None, description="Cells that mean a missing value, besides empty ones; null = NA, NaN, null, N/A …"
    )
    separator: Separator | Literal["whitespace"] = Field(
        default=",", description="The character between two cells; whitespace: any number of blanks."
    )
    header: Boolean | None = Field(
        default=None,
        description="Whether the first line names the columns; null: yes, unless names: does. Without names they are called "
        "column_1, column_2 …",
    )
    names: Texts | None = Field(
        default=None,
        description="The names of the columns, of a file without a header, or with header: true in place of it.",
        examples=[["length", "width", "species"]],
    )
    encoding: Encoding = Field(
        default="utf-8", description="The encoding of the files, such as utf-8, latin-1 or cp1252."
    )
    decimal: Literal[".", ","] = Field(default=".", description="The decimal separator of numbers.")
    thousands: Literal[",", ".", "'", "’", "_", " ", "\u00a0", "\u202f"] | None = Field(
        default=None, description="The thousands separator of numbers; null = none."
    )

    dates: Literal["day_first", "month_first"] | None = Field(
        default=None,
        description="What stands first in dates such as 05/06/2020 and 5-Jun-20; null = they are not read as dates.",
    )
    skip: Annotated[Integer, Field(ge=0)] = Field(
        default=0, description="Lines at the beginning of each file to leave out, above the names of the columns."
    )
    comment: Text | None = Field(
        default=None, description="How lines begin that are comments and not read; null = none.", examples=["#"]
    )

    @model_validator(mode="after")
    def _numbers_can_be_read(self) -> Self:
        if self.decimal == self.thousands:
            raise ValueError(f"decimal and thousands must differ; both are {self.decimal!r}")
        return self

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        twice = next((name for name in self.names or () if (self.names or ()).count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"names: gives {twice!r} to two columns")
        return self

    @property
    def spelling_fields(self) -> dict[str, Value]:
        """These settings but the path, for another source of such files."""
        return {name: getattr(self, name) for name in SpellingFields.model_fields if name != "path"}
