"""Cross-validation: the section `data.folds`."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from trainctl.components.fields import ArgumentError, Integer, Text
from trainctl.components.spec import Spec

BY_GROUP, BY_TIME = "group", "time"
"""What `by` may say besides the name of a column."""


class FoldsSection(Spec):
    """K-fold cross-validation: k runs, each of which tests on another fold of the samples and trains on the others."""

    shorthand: ClassVar[str | None] = "k"

    k: Annotated[Integer, Field(ge=2, description="How many folds, and runs.", examples=[5])]
    by: Annotated[
        Text | None,
        Field(
            description="A column of the table whose rows with the same value stay in one fold; group = the column of "
            "split_by_group; time = folds follow each other in time, and each run trains on what came before its fold; "
            "null = drawn by the seed, or as split_by_group or split_by_time says.",
            examples=["patient", "time"],
        ),
    ] = None
    fold: Annotated[
        Annotated[Integer, Field(ge=1)] | None,
        Field(description="Train only the run that tests on this fold, from 1 to k; null = all of them."),
    ] = None

    @model_validator(mode="after")
    def _fold_is_there(self) -> Self:
        if self.fold is not None and self.fold > self.k:
            message = f"fold must be between 1 and k: {self.k}, got {self.fold}"
            raise ArgumentError("wrong-value", message, field="fold", hint=f"the last fold is {self.k}")
        return self
