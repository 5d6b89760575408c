"""Data given in Python in place of the experiment's source: arrays, or a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trainctl.aliases import ArrowData, Data
from trainctl.components.user.decorators import spec_with_arguments
from trainctl.errors import UsageError
from trainctl.sources.parquet import Parquet
from trainctl.sources.table.table import TableSpec
from trainctl.sources.user import UserSourceSpec

if TYPE_CHECKING:
    from trainctl.components.spec import SourceSpec


class DataFrame(Parquet):
    """A table given in Python."""

    name_in_yaml = "DataFrame"


@dataclass(frozen=True, slots=True)
class GivenData:
    """Data that takes the place of an experiment's source.

    Args:
        data: Arrays `(x, y)`, `(x, y, weight)` or `((x, y), (x_test, y_test))`; or a DataFrame; or a DataFrame and its
            labels `(x, y)`. `x` and `y` may be mappings of names to arrays.
        folder: An empty folder that lasts as long as the source; tables are written there.
        label: The label of a DataFrame; `None` takes that of the experiment's source.
    """

    data: Data
    folder: Path
    label: str | Sequence[str] | None = None

    def source(self, instead_of: SourceSpec) -> SourceSpec:
        """Return a source that loads the data.

        Args:
            instead_of: The experiment's source. Where that is a table, its label and features hold for a DataFrame too.

        Raises:
            UsageError: It is no such data, or nothing says which column is the label.
        """
        data = self.data
        if is_frame(data):
            return _table(data, instead_of, self.folder, self.label)
        if not isinstance(data, tuple):
            raise UsageError(
                f"data= must be (x, y) or a DataFrame, got {type(data).__name__}",
                hint="pass arrays as a tuple: data=(x, y)",
            )
        if len(data) == 2 and is_frame(data[0]):
            frame, labels = data
            name = getattr(labels, "name", None) or self.label or "label"
            if not isinstance(name, str) or name in frame.columns:
                raise UsageError(
                    f"the label {name!r} has the name of a column of the DataFrame", hint="rename the label"
                )
            return _table(frame.assign(**{name: getattr(labels, "values", labels)}), instead_of, self.folder, name)

        def arrays() -> Data:
            return data

        spec: SourceSpec = spec_with_arguments(UserSourceSpec, arrays, arrays, "Arrays")()
        return spec


def is_frame(data: Data) -> bool:
    """Return whether it is a DataFrame of pandas, or of a library with the same methods."""
    return hasattr(data, "columns") and hasattr(data, "assign")


def frame_to_arrow(frame: Data) -> ArrowData:
    """Return a DataFrame as an Arrow table, its categories as text, without its index.

    Raises:
        UsageError: A column holds what no table holds, or has no text as its name.
    """
    import pyarrow as pa

    other = next((name for name in frame.columns if not isinstance(name, str)), None)
    if other is not None:
        raise UsageError(
            f"a column of the DataFrame is named {other!r}, which is not text",
            hint="frame.columns = map(str, frame.columns)",
        )
    try:
        table = pa.Table.from_pandas(frame, preserve_index=False)
    except pa.ArrowException as error:
        raise UsageError(f"the DataFrame cannot be read as a table: {error}") from error
    for number, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(number, field.name, table[field.name].cast(field.type.value_type))
    return table.replace_schema_metadata(None)


def _table(frame: Data, instead_of: SourceSpec, folder: Path, label: str | Sequence[str] | None) -> SourceSpec:
    import pyarrow.parquet as pq

    own = instead_of if isinstance(instead_of, TableSpec) else None
    wanted = label if label is not None else own.label if own is not None else None
    if wanted is None:
        raise UsageError("data= is a DataFrame without a label column", hint="label='COLUMN'")
    path = folder / "data.parquet"
    pq.write_table(frame_to_arrow(frame), path)
    names = wanted if isinstance(wanted, str) else tuple(wanted)
    return DataFrame(path=str(path), label=names, features=own.features if own is not None else None)
