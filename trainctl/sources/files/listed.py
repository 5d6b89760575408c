"""Files that a table lists, with their labels: `files: labels.csv`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trainctl.components.dataset import ColumnKind
from trainctl.errors import DataError
from trainctl.sources.csv import CSV
from trainctl.sources.files.found import ONLY, FoundFiles, FoundSplits
from trainctl.sources.files.walk import first_of
from trainctl.sources.reading.inputs import existing_folder, shown
from trainctl.sources.table.delimited import default_missing, read_header, read_texts
from trainctl.text import plural

if TYPE_CHECKING:
    from collections.abc import Set

    from trainctl.aliases import Array
    from trainctl.components.context import DataContext


@dataclass(frozen=True, slots=True)
class FileTable:
    """A CSV file with columns of paths and of labels.

    Args:
        path: The CSV file.
        folder: The folder at which the paths begin.
        inputs: The columns of paths, one for each input.
        label: The label column, or several.
        separator: What stands between the classes in a cell of the label column.
        suffixes: The endings that a path in the table may lack.
        answers: The folder at which the paths in the label column begin; `None` where the labels are no files.
    """

    path: str
    folder: str
    inputs: tuple[str, ...]
    label: str | tuple[str, ...]
    separator: str | None
    suffixes: Set[str]
    answers: str | None = None

    def look(self, context: DataContext) -> None:
        """See that the table has the columns.

        Raises:
            DataError: There is no such table, folder or column.
        """
        existing_folder(self.folder)
        with _at_the_table():
            self._table.look(context)

    def find(self, context: DataContext) -> FoundSplits:
        """Return the files and the labels.

        Raises:
            DataError: There is no such table, column or file, or a cell is empty; names all files that are missing.
        """
        existing_folder(self.folder)
        with _at_the_table():
            data = self._table.load(context)
        samples, notes = data.train, list[str]()
        inputs = {name: self._files(self.folder, samples.x[name], name, notes) for name in self.inputs}
        inputs = inputs if len(inputs) > 1 else {ONLY: inputs[self.inputs[0]]}
        found = FoundFiles(inputs, samples.y, (), samples.weight, samples.extra)
        if self.answers is not None:
            answers = self._files(self.answers, samples.y, str(self.label), notes)
            found = FoundFiles(inputs, None, answers, samples.weight, samples.extra)
        return FoundSplits(
            found, notes=tuple(notes), label_names=data.label_names, label_separator=data.label_separator
        )

    @property
    def _table(self) -> CSV:
        return CSV(
            path=self.path,
            label=self.label,
            label_separator=self.separator,
            features=dict.fromkeys(self.inputs, ColumnKind.TEXT),
            stream=False,
        )

    def _files(self, folder: str, cells: Array, column: str, notes: list[str]) -> tuple[Path, ...]:
        """Return the files that the cells of a column name."""
        written = [str(cell) for cell in cells.tolist()]
        empty = sum(not cell.strip() for cell in written)
        if empty:
            raise DataError(
                f"{shown(Path(self.path))}: {plural(empty, 'row')} without a path in column {column!r}",
                hint="fill in the cells, or remove the rows",
                field="files",
            )
        files = tuple(Path(folder) / cell for cell in written)
        found = tuple(completed(file, self.suffixes) for file in files)
        absent = [file for file, there in zip(files, found, strict=True) if there is None]
        if absent:
            raise DataError(
                f"{shown(Path(self.path))} lists {plural(len(absent), 'file')} that {_do_not(absent)} exist: "
                + first_of(map(shown, absent), len(absent)),
                hint=f"paths in the table are relative to {shown(Path(folder))}",
                field="files",
            )
        added = sum(file != there for file, there in zip(files, found, strict=True))
        if added:
            notes.append(
                f"{shown(Path(self.path))}: {plural(added, 'path')} in column {column!r} without an ending; the files "
                "were found by their names"
            )
        return tuple(filter(None, found))


def completed(file: Path, suffixes: Iterable[str]) -> Path | None:
    """Return the file, or the one of its name with an ending; `None` if there is neither."""
    if file.is_file():
        return file
    candidates = (file.with_name(file.name + each) for suffix in sorted(suffixes) for each in (suffix, suffix.upper()))
    return next((each for each in candidates if each.is_file()), None)


def listed_files(table: Path, columns: Sequence[str]) -> Iterator[tuple[Path, ...]]:
    """Yield the files of each column of a CSV file of new inputs; the paths in it begin at its folder.

    Raises:
        DataError: It has no such column, or a cell is empty.
    """
    header = read_header(table)
    for column in columns:
        if column not in header:
            raise DataError(f"{shown(table)} has no column {column!r}", hint="name the columns as in training")
    cells = read_texts([table], tuple(columns), ",", default_missing())
    for column in columns:
        paths = cells.columns[column].to_pylist()
        empty = next((row for row, path in enumerate(paths) if not path), None)
        if empty is not None:
            raise DataError(f"{cells.place(empty)} has no path in column {column!r}", hint="fill in the cell")
        yield tuple(table.parent / path for path in paths)


def _do_not(files: Sequence[Path]) -> str:
    return "does not" if len(files) == 1 else "do not"


@contextmanager
def _at_the_table() -> Iterator[None]:
    """Point errors at the argument that names the table, where they are not about its columns."""
    try:
        yield
    except DataError as error:
        for each in (error, *error.others):
            argument = each.field.partition(".")[0]
            each.field = argument if argument in {"label", "features"} else "files"
        raise
