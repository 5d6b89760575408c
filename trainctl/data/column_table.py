"""The table of columns that a person sees before training: what each holds, and what is done with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from trainctl.aliases import Array, Value
from trainctl.components.dataset import ColumnKind, Samples
from trainctl.data.findings import SAMPLE, Finding, sampled
from trainctl.data.profile import ColumnProfile, Profile

_FREQUENT = 5  # values of a column of categories that are shown

_USES = {
    ColumnKind.NUMERIC: "scaled",
    ColumnKind.DATE: "scaled, with year and week",
    ColumnKind.BOOLEAN: "0 or 1",
    ColumnKind.CATEGORICAL: "a 0/1 feature each",
    ColumnKind.TEXT: "a 0/1 feature a word",
}


def with_column_table(
    details: Mapping[str, Value], train: Samples, profile: Profile, taken: Collection[str], problems: Sequence[Finding]
) -> dict[str, Value]:
    """Return the details of a table with, for each column, also `distinct`, `frequent` and `use`; and with the `warnings`.

    Args:
        details: As `profile.details` gives them; returned as they are where the data is no table.
        train: The samples to train on, not encoded.
        profile: What is known of them.
        taken: The columns that the model names as its inputs; none where all are encoded.
        problems: What is suspicious.
    """
    if not profile.columns:
        return dict(details)
    sample = sampled(Samples({name: train.x[name] for name in profile.columns}, train.y))
    columns = {
        name: {**details["columns"][name], **_facts(name, each, sample.x[name], len(train), taken)}
        for name, each in profile.columns.items()
    }
    return {**details, "columns": columns, "warnings": [each.record for each in problems]}


def _facts(name: str, profile: ColumnProfile, sample: Array, rows: int, taken: Collection[str]) -> dict[str, Value]:
    """Return what is shown of a column besides its kind and range.

    `distinct` counts in all rows where categories are counted anyway, else in a sample, of `distinct_of` rows where that is not
    all of them.
    """
    use = (
        (str(profile.options) or _USES[profile.kind])
        if not taken
        else "input of the model"
        if name in taken
        else "not used"
    )
    if profile.kind is ColumnKind.CATEGORICAL:
        return {"distinct": len(profile.texts), "frequent": profile.texts.most_common(_FREQUENT), "use": use}
    there = sample[sample != ""] if profile.kind.is_words else sample[~np.isnan(sample)]
    part = {"distinct_of": SAMPLE} if rows > SAMPLE else {}
    return {"distinct": len(np.unique(there.astype(str) if profile.kind.is_words else there)), **part, "use": use}
