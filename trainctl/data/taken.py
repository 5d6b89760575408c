"""What the model's inputs take: columns and arrays by their names, and what to tell of them."""

from __future__ import annotations

from collections.abc import Mapping

from trainctl.components.context import DataContext
from trainctl.components.dataset import ColumnKind, Dataset, Samples, has_lengths
from trainctl.config.experiment import DataSection
from trainctl.data.findings import Finding, find_problems
from trainctl.data.profile import Profile
from trainctl.data.split import Splits
from trainctl.errors import DataError
from trainctl.events import Notice
from trainctl.text import one_of, plural


def tell_problems(dataset: Dataset, splits: Splits, inputs: Mapping[str, str], context: DataContext) -> list[Finding]:
    """Tell what is suspicious in the columns that the model takes, and return it."""
    taken = {column: kind for column, kind in dataset.columns.items() if column in inputs.values()}
    if not dataset.columns:
        return []
    found = find_problems(taken or dataset.columns, splits.train, splits.validation, splits.test)
    for problem in found:
        context.emit(Notice(message=problem.text, loud=True))
    return found


def tell_gaps(named: Mapping[str, tuple[str, ColumnKind]], known: Profile, context: DataContext) -> None:
    """Tell which columns reach the model with NaN, since no encoder fills their gaps."""
    for column, kind in named.values():
        missing = known.columns[column].missing
        if missing and not kind.is_words:
            message = (
                f"column {column!r} has {plural(missing, 'missing value')}, which reach the model as NaN: fill them in, or do not "
                "name the column under model.inputs"
            )
            context.emit(Notice(message=message, loud=True))


def require_inputs(dataset: Dataset, inputs: Mapping[str, str]) -> None:
    """See that the columns and arrays that the model's inputs name are there.

    Raises:
        DataError: One is not.
    """
    x = dataset.train.x
    known = list(dataset.columns) or (list(x) if isinstance(x, Mapping) else [])
    for name, taken in inputs.items():
        if name != taken and taken not in known:
            what = f"it has {one_of(map(repr, known[:20]), 'and')}" if known else "it is one array without a name"
            raise DataError(f"model.inputs.{name} takes {taken!r}, which the data does not have; {what}")


def require_lengths(splits: Splits, section: DataSection) -> None:
    """See that samples differ in length where those of similar length are to come together.

    Raises:
        DataError: They have one length.
    """
    if section.bucket_by_length and not has_lengths(splits.train):
        raise DataError(
            "bucket_by_length needs texts or sequences of different lengths, but all samples have one shape",
            hint="remove bucket_by_length",
            path="data.bucket_by_length",
        )


def renamed(samples: Samples, inputs: Mapping[str, str]) -> Samples:
    """The samples of named arrays under the names of the model's inputs."""
    if not isinstance(samples.x, Mapping):
        return samples
    taken = {name: samples.x[array] for name, array in inputs.items() if array in samples.x}
    if all(name == inputs[name] for name in taken):
        return samples
    others = {name: rows for name, rows in samples.x.items() if name not in inputs.values()}
    return samples.with_x({**others, **taken})
