"""New inputs predicted part by part, in constant memory, with what is unusual about them counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np

from trainctl.aliases import Data, KerasObject, Tensors, Value
from trainctl.backend import keras, tf
from trainctl.components.context import CallbackContext
from trainctl.components.data_schema import DataSchema
from trainctl.components.dataset import Rows, read
from trainctl.components.new_inputs import Counts, ModelInput, NewFiles
from trainctl.components.spec import SourceSpec
from trainctl.config.load import Loaded
from trainctl.data.new.match import match_inputs
from trainctl.data.new.read import model_inputs, read_inputs, table_reader
from trainctl.data.prediction_files import Part
from trainctl.data.predictions import Predictions
from trainctl.errors import DataError
from trainctl.events import ignore
from trainctl.models import build
from trainctl.runs.layout import RunDirectory
from trainctl.runs.outputs import OutputGuard
from trainctl.sources.json_lines import ENCODING, UNDECODED, json_tables, read_lines
from trainctl.sources.table.input_names import inputs_by_column
from trainctl.sources.table.new_blocks import new_blocks, tables_of
from trainctl.sources.table.new_rows import takes_columns
from trainctl.training import environment
from trainctl.training.model_file import whole_model
from trainctl.training.prediction import fitting, understood_by

_ROWS_AT_ONCE, _FILES_AT_ONCE = 16384, 32
_STDIN = "-"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be predicted.

    Args:
        paths: Files, folders or globs; `-` is JSON lines on standard input.
        lines: Standard input.
        model_file: The model, or its weights.
        columns: Columns of a table to carry along; `None` for all.
        threshold: From which probability on the second of two classes is predicted; `None` for the likelier.
        each: Whether to give the probability of every class.
        skip: Whether to skip rows and files that cannot be read.
    """

    paths: Sequence[Path]
    lines: Iterable[str]
    model_file: Path
    columns: Sequence[str] | None = None
    threshold: float | None = None
    each: bool = False
    skip: bool = False


def predict_parts(
    loaded: Loaded, directory: RunDirectory, recorded: Mapping[str, Value], asked: Asked, scratch: Path, counts: Counts
) -> Iterator[Part]:
    """Yield what the run's model says of new inputs, part by part; the experiment's callbacks are called.

    Args:
        loaded: The run's experiment.
        directory: The run directory.
        recorded: What run.json tells of the data.
        asked: What is to be predicted.
        scratch: Where callbacks write.
        counts: Counted meanwhile.

    Raises:
        BuildError: It is a model of the user's own without `call`.
        DataError: A file is missing, or not what the model takes.
        RunDirError: The run has no such model.
    """
    experiment = loaded.experiment.at_stage(-1)
    environment.set_keras_settings(experiment.execution)
    schema = DataSchema.from_record(recorded)
    model = whole_model(directory, asked.model_file, is_mapped=bool(experiment.data.map))
    context = CallbackContext(scratch, ignore, build.instantiate, claim=OutputGuard.of(loaded, directory).claim)
    callbacks = keras.callbacks.CallbackList(build.build_callbacks(experiment.callbacks, context), model=model)
    known = _vocabularies(model)
    callbacks.on_predict_begin()
    inputs = _Inputs(model, experiment.data.source, schema, asked, counts)
    for step, (values, columns, files) in enumerate(inputs):
        _count(values, known, schema, counts)
        callbacks.on_predict_batch_begin(step)
        with fitting(model, asked.paths[0]):
            output = keras.tree.map_structure(np.asarray, model.predict_on_batch(_tensors(values)))
        callbacks.on_predict_batch_end(step, {"outputs": output})
        said = replace(understood_by(experiment, output, schema), files=files)
        counts.samples += len(said)
        yield Part(_as_asked(said, asked), columns)
    callbacks.on_predict_end()


def _as_asked(said: Predictions, asked: Asked) -> Predictions:
    said = said if asked.threshold is None else said.above(asked.threshold)
    return said.with_each() if asked.each else said


Batch = tuple[Data, Mapping[str, Data], tuple[str, ...]]
"""What the model takes, the columns to carry along, and the file of each sample where each has one."""


@dataclass(frozen=True, slots=True)
class _Inputs:
    """New inputs, so many at a time as fit into memory."""

    model: KerasObject
    source: SourceSpec
    schema: DataSchema
    asked: Asked
    counts: Counts

    def __iter__(self) -> Iterator[Batch]:
        for path in self.asked.paths:
            if str(path) == _STDIN or path.suffix.lower() in {".jsonl", ".ndjson"}:
                yield from self._json(path)
            else:
                yield from self._files(path)

    @property
    def inputs(self) -> tuple[ModelInput, ...]:
        """What the model takes."""
        return tuple(model_inputs(self.model, self.schema))

    def bad(self, error: DataError) -> None:
        """Note what cannot be read.

        Raises:
            DataError: Nothing is to be skipped.
        """
        if not self.asked.skip:
            raise error
        self.counts.left_out += 1
        if len(self.counts.bad) < _SHOWN:
            self.counts.bad.append(error)

    def _files(self, path: Path) -> Iterator[Batch]:
        found = table_reader(path, self.inputs, self.source, self.schema)
        if found is not None:
            spec, new, header = found
            yield from self._table(tables_of(spec, new.files, header, self.bad), header, new, spec.cell_separator)
            return
        new_inputs = read_inputs(self.model, path, self.source, self.schema)
        values, files = new_inputs.values, tuple(map(str, new_inputs.files))
        if isinstance(values, Mapping) or not isinstance(values, Rows):
            count = len(next(iter(values.values()))) if isinstance(values, Mapping) else len(values)
            for begin in range(0, count, _ROWS_AT_ONCE):
                chosen = slice(begin, begin + _ROWS_AT_ONCE)
                part = {k: v[chosen] for k, v in values.items()} if isinstance(values, Mapping) else values[chosen]
                yield part, {}, files[chosen]
            return
        for begin in range(0, len(values), _FILES_AT_ONCE):
            yield from self._read(values, np.arange(begin, min(begin + _FILES_AT_ONCE, len(values))), files)

    def _read(self, rows: Rows, indices: Data, files: tuple[str, ...]) -> Iterator[Batch]:
        """Read samples that are read on demand; one that cannot be read is found by reading halves."""
        try:
            batch = read(rows, indices)
        except DataError as error:
            if len(indices) == 1:
                self.bad(error)
                return
            half = len(indices) // 2
            yield from self._read(rows, indices[:half], files)
            yield from self._read(rows, indices[half:], files)
        else:
            yield batch, {}, tuple(files[index] for index in indices.tolist()) if files else ()

    def _table(
        self, tables: Iterator[Data], header: Sequence[str], new: NewFiles, separator: str | None
    ) -> Iterator[Batch]:
        kept = self.asked.columns
        absent = [name for name in kept or () if name not in header]
        if absent:
            raise DataError(f"{new.files[0]} has no column {absent[0]!r}", hint=f"--columns takes {', '.join(header)}")
        for block in new_blocks(tables, header, new, kept, self.bad, separator):
            count = len(next(iter(block.values.values())))
            for begin in range(0, count, _ROWS_AT_ONCE):
                chosen = slice(begin, begin + _ROWS_AT_ONCE)
                values = {name: each[chosen] for name, each in block.values.items()}
                yield values, {name: each.slice(begin, _ROWS_AT_ONCE) for name, each in block.columns.items()}, ()

    def _json(self, path: Path) -> Iterator[Batch]:
        name = "stdin" if str(path) == _STDIN else str(path)
        is_file = name != "stdin"
        if is_file and not path.is_file():
            raise DataError(f"{path} does not exist")
        with path.open(encoding=ENCODING, errors=UNDECODED) if is_file else _Open(self.asked.lines) as lines:
            rows = read_lines(lines, name, self.bad)
            first = next(rows, None)
            if first is None and self.counts.left_out:
                return
            if first is None:
                raise DataError(f"{name} holds no rows", hint='write one row per line: {"age": 31}')
            rows = _chained(first, rows)
            new = NewFiles((Path(name),), self.inputs, self.schema)
            header = tuple(first[1]) if isinstance(first[1], Mapping) else ()
            if isinstance(first[1], Mapping) and takes_columns(header, new):
                known = [*self.schema.columns, *self.schema.input_names.values()] or [each.name for each in self.inputs]
                header = tuple(dict.fromkeys([*header, *known]))
                yield from self._table(json_tables(rows, header, name, self.bad), header, new, None)
                return
            while batch := list(islice(rows, _FILES_AT_ONCE)):
                yield from self._values(batch, name)

    def _values(self, batch: list[tuple[int, Value]], name: str) -> Iterator[Batch]:
        """Lines that are a text, a list of numbers, or a mapping of one key such as `x` to these."""
        try:
            cells = [_only(value) for _, value in batch]
            yield match_inputs(np.asarray(cells), self.inputs, Path(f"{name}:{batch[0][0]}")), {}, ()
        except (DataError, ValueError) as error:
            if len(batch) == 1:
                known = error if isinstance(error, DataError) else DataError(f"{name}:{batch[0][0]}: {error}")
                self.bad(known)
                return
            half = len(batch) // 2
            yield from self._values(batch[:half], name)
            yield from self._values(batch[half:], name)


_SHOWN = 20  # errors that are told


class _Open:
    """Lines that are open already."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = lines

    def __enter__(self) -> Iterable[str]:
        return self._lines

    def __exit__(self, *_: Value) -> None:
        """Leave them open."""


def _chained(first: tuple[int, Value], rest: Iterator[tuple[int, Value]]) -> Iterator[tuple[int, Value]]:
    yield first
    yield from rest


def _only(value: Value) -> Value:
    return next(iter(value.values())) if isinstance(value, Mapping) and len(value) == 1 else value


def _tensors(values: Data) -> Tensors:
    if isinstance(values, Mapping):
        return {name: _tensors(each) for name, each in values.items()}
    return tf.constant(values) if isinstance(values, np.ndarray) and values.dtype.kind in "OU" else values


def known_texts(model: KerasObject) -> dict[str, list[str]]:
    """Return some texts that training had, for each input that goes straight into a lookup."""
    return {name: sorted(texts)[:_SHOWN] for name, texts in _vocabularies(model).items()}


def _vocabularies(model: KerasObject, outer: Mapping[str, str] | None = None) -> dict[str, frozenset[str]]:
    """Return the texts that training had, for each input that goes straight into a lookup.

    Args:
        model: The model.
        outer: Of a model within another, the input of the whole behind each of its own.
    """
    found: dict[str, frozenset[str]] = {}
    for layer in getattr(model, "layers", ()):
        is_model = isinstance(layer, keras.Model)
        if not is_model and not isinstance(layer, keras.layers.StringLookup):
            continue
        for node in layer._inbound_nodes:  # noqa: SLF001  # `input` of a model within another is its own, not what it is called on
            given = [tensor._keras_history.operation.name for tensor in node.input_tensors]  # noqa: SLF001
            names = given if outer is None else [outer.get(name, "") for name in given]
            if not is_model:
                found |= {name: frozenset(map(str, layer.get_vocabulary())) for name in names}
            elif getattr(layer, "inputs", None) and len(layer.inputs) == len(names):
                inner = {tensor.name: name for tensor, name in zip(layer.inputs, names, strict=True)}
                found |= _vocabularies(layer, inner)
    return found


def _count(values: Data, known: Mapping[str, frozenset[str]], schema: DataSchema, counts: Counts) -> None:
    """Count missing values and texts that training never had."""
    if not isinstance(values, Mapping):
        return
    import pyarrow as pa

    columns = _named(values, schema)
    for name, each in values.items():
        if not isinstance(each, np.ndarray):
            continue
        if each.dtype.kind == "f":
            missing = int(np.isnan(each).sum())
        else:
            tally = {str(pair["values"]): pair["counts"] for pair in pa.array(each.ravel()).value_counts().to_pylist()}
            missing = tally.pop("", 0)
            if name in known:
                strange = Counter({text: count for text, count in tally.items() if text not in known[name]})
                counts.unseen.setdefault(columns[name], Counter()).update(strange)
        if missing:
            counts.missing[columns[name]] += missing


def _named(values: Mapping[str, Data], schema: DataSchema) -> Mapping[str, str]:
    """Return the column behind each input."""
    by_input = {name: column for column, name in inputs_by_column(list(schema.columns)).items()}
    return {name: schema.input_names.get(name, by_input.get(name, name)) for name in values}
