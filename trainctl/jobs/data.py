"""`data`: how data is read, without TensorFlow."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from pydantic import ValidationError

from trainctl.aliases import Value
from trainctl.components.context import DataContext
from trainctl.components.dataset import ColumnKind, Dataset, Samples
from trainctl.components.label_change import LabelChange
from trainctl.components.labels import Labels, ignored_classes
from trainctl.components.spec import SOURCES, SourceSpec
from trainctl.config.load import Loaded
from trainctl.config.model.log_keys import is_classification
from trainctl.config.model.outputs import label_columns, losses
from trainctl.config.model.wanted import wanted_labels
from trainctl.data.column_table import with_column_table
from trainctl.data.draw import Rules
from trainctl.data.findings import Finding, find_problems
from trainctl.data.label_changes import tell_changes
from trainctl.data.labels import decide_labels, tell_constant
from trainctl.data.outputs import with_outputs
from trainctl.data.profile import Profile, details
from trainctl.data.split import Splits, split
from trainctl.errors import DataError, UsageError
from trainctl.events import Event, Notice
from trainctl.files import WORKING_DIRECTORY
from trainctl.sources.csv import CSV
from trainctl.sources.files.folder_spec import FolderSpec
from trainctl.sources.npz import NPZ
from trainctl.sources.parquet import Parquet
from trainctl.sources.reading.inputs import EXPERIMENT_DIRECTORY
from trainctl.sources.table.delimited import is_compressed
from trainctl.sources.table.table import TableSpec
from trainctl.text import nearest

_FEWEST = 10  # samples of a file that are split to be described


@dataclass(frozen=True, slots=True)
class DataReport:
    """How some data is read.

    Args:
        source: The name of the source.
        samples: How many samples there are in each split.
        columns: Of a table, each feature column: `name`, `kind`, `missing`, `distinct` (of `distinct_of` rows where those are not
            all), `min` and `max` or `frequent`, `use`.
        inputs: Of other data, each input: `name`, `dtype`, `shape`, and its range where it is in memory.
        label: `name`, and the count of each of its `classes`, or `min` and `max`; empty where there is none.
        warnings: What is suspicious: `code`, `column`, `text`.
        notices: What the source says of the data.
        about: What the source says of the whole data set, by a word for it.
    """

    source: str
    samples: Mapping[str, int]
    columns: tuple[Mapping[str, Value], ...] = ()
    inputs: tuple[Mapping[str, Value], ...] = ()
    label: Mapping[str, Value] = field(default_factory=dict)
    warnings: tuple[Finding, ...] = ()
    notices: tuple[str, ...] = ()
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Understood:
    """Some data as it was read.

    Args:
        report: What is said of it.
        train: The samples to train on, not encoded.
        labels: What the labels are; `None` where there are none.
        kinds: Of a table, what each feature column holds.
        names: What each number of a step of a series is called, where it is known.
        source: What has read it.
    """

    report: DataReport
    source: SourceSpec
    train: Samples
    labels: Labels | None
    kinds: Mapping[str, ColumnKind]
    names: tuple[str, ...] = ()


def understand_experiment(loaded: Loaded) -> Understood:
    """Read the data of an experiment, split as a run with its seed would (0 where it has none).

    Raises:
        DataError: The data is missing, unreadable, empty, of the wrong kind, or too little for the splits.
    """
    section, experiment = loaded.experiment.data, loaded.experiment
    notices: list[str] = []
    wanted = wanted_labels(experiment)
    ignored = ignored_classes(wanted)
    outputs = label_columns(experiment)
    context = DataContext(
        _noting(notices),
        columns=section.split_columns,
        weight=section.sample_weight,
        ignored=ignored,
        outputs=outputs,
    )
    classify = all(map(is_classification, losses(experiment).values()))
    rules = Rules.of(section, stratify=classify, seed=experiment.seed or 0)
    if section.is_cross_validated:
        notices.append("data.folds takes several runs; these are the splits of the first")
    named = {each.taken_from(name) for name, each in experiment.model.inputs.items()}
    return _described(section.source, context, notices, rules, named, wanted, section.label_changes)


def understand_file(
    path: Path, label: str | None = None, arguments: Mapping[str, Value] = MappingProxyType({})
) -> Understood:
    """Read a file or a folder: a table, arrays, a folder of images or texts.

    Args:
        path: The file or folder.
        label: Of a table, the column to predict.
        arguments: Arguments of the source that reads it, such as the encoding of a table.

    Raises:
        UsageError: It is of no known kind, or the source does not take the arguments.
        DataError: It is missing, unreadable or empty.
    """
    notices: list[str] = []
    context = DataContext(_noting(notices))
    spec = _with(_source_of(path, label), arguments)
    try:
        return _understood(spec, label, context, notices)
    except DataError as error:
        error.hint = _for_command_line(error.hint, type(spec))
        raise


def _for_command_line(hint: str | None, spec: type[SourceSpec]) -> str | None:
    """Say a hint that is meant for an experiment so that it holds for a file on the command line."""
    if hint is None:
        return None
    hint = hint.replace(EXPERIMENT_DIRECTORY, WORKING_DIRECTORY)
    settable = spec.model_fields.keys() - {"path", "label"}  # for which the command has words of its own
    names_argument = not settable.isdisjoint(re.findall(r"\w+", hint))
    return f"{hint} (here, as --set argument=value)" if names_argument else hint


def _understood(spec: SourceSpec, label: str | None, context: DataContext, notices: list[str]) -> Understood:
    if isinstance(spec, TableSpec) and label is None:
        return _report(spec, spec.unlabeled(context), None, None, notices, set())
    share = None if spec.brings_validation else 0.2
    rules = Rules(validation=share, seed=0, stratify=True)
    return _described(spec, context, notices, rules, set(), {}, fewest=_FEWEST)


def _with(spec: SourceSpec, arguments: Mapping[str, Value]) -> SourceSpec:
    """The source with other arguments."""
    for name in arguments:
        if name not in type(spec).model_fields:
            close = nearest(name, type(spec).model_fields)
            raise UsageError(
                f"--set: {spec.name_in_yaml} has no argument {name!r}",
                hint=f"did you mean {close}?" if close else f"see trainctl describe {spec.name_in_yaml}",
            )
    try:
        given = {name: getattr(spec, name) for name in spec.model_fields_set}
        return type(spec).model_validate({**given, **arguments})
    except ValidationError as error:
        problem = error.errors()[0]
        at = ".".join(map(str, problem["loc"]))
        raise UsageError(f"--set {at}: {problem['msg']}".replace("Value error, ", "")) from error


def _source_of(path: Path, label: str | None) -> SourceSpec:
    name = path.name.lower()
    if path.is_dir():
        inside = Counter(each.suffix.lower() for each in path.rglob("*"))
        specs = {spec: sum(inside[ending] for ending in spec.reads) for spec in _folder_specs()}
        most = max(specs, key=lambda spec: specs[spec])
        if specs[most]:
            return most(path=str(path))
        if inside[".csv"]:
            return CSV(path=str(path), label=label or "")
    elif name.endswith((".parquet", ".pq")):
        return Parquet(path=str(path), label=label or "")
    elif name.endswith(".npz"):
        return NPZ(path=str(path))
    elif path.suffix and path.suffix.lower() not in _OTHER:
        return CSV(path=str(path), label=label or "", separator=_separator(path))
    instead = _OTHER.get(path.suffix.lower()) if not path.is_dir() else "no file in the folder is such"
    raise UsageError(
        f"data describes an experiment (.yaml), a table (.csv, .parquet), arrays (.npz) or a folder, received '{path}'",
        hint=instead,
    )


_OTHER = {
    ".xlsx": "save the sheet as CSV",
    ".xls": "save the sheet as CSV",
    ".json": "write the rows as CSV or Parquet",
    ".npy": "name it and its labels in an experiment",
    ".tfrecord": "describe its features and label in an experiment",
}
"""Files of other kinds, and what to do with them."""


def _separator(file: Path) -> str:
    """The separator of a text file whose name does not tell it: a comma, unless the first line has none but another."""
    if not file.is_file() or is_compressed(file):
        return ","
    with file.open("rb") as content:
        first = content.readline(1 << 16).decode("utf-8", "replace")
    return "," if "," in first else max("\t;|", key=first.count) if any(map(first.count, "\t;|")) else ","


def _folder_specs() -> Iterator[type[FolderSpec]]:
    yield from (spec for _, spec in SOURCES if issubclass(spec, FolderSpec))


def _noting(notices: list[str]) -> Value:
    def note(event: Event) -> None:
        if isinstance(event, Notice):
            notices.append(event.message)

    return note


def _described(
    source: SourceSpec,
    context: DataContext,
    notices: list[str],
    rules: Rules,
    named: set[str],
    wanted: Mapping[str, Value],
    changes: Mapping[str, LabelChange] = MappingProxyType({}),
    fewest: int = 0,
) -> Understood:
    """Describe what the source loads; fewer samples than `fewest` are not split."""
    dataset, labels = decide_labels(with_outputs(source.load(context), context), wanted, changes)
    tell_changes(labels, context)
    tell_constant(labels, context)
    rules = rules if len(dataset.train) >= fewest else Rules(seed=rules.seed)
    splits = split(dataset, replace(rules, stratify=rules.stratify and labels.are_classes))
    return _report(source, dataset, labels, splits, notices, named)


def _report(
    source: SourceSpec,
    dataset: Dataset,
    labels: Labels | None,
    splits: Splits | None,
    notices: list[str],
    named: set[str],
) -> Understood:

    train = dataset.train if splits is None else splits.train
    other = None if splits is None else splits.validation
    profile = Profile.of(dataset.columns, train, dataset.options)
    counts = {"training": len(train)}
    held_out = {} if splits is None else {"validation": splits.validation, "test": splits.test}
    counts |= {name: len(part) for name, part in held_out.items() if part is not None}
    problems = find_problems(dataset.columns, train, other, held_out.get("test")) if dataset.columns else []
    facts = with_column_table(details(dataset, train, profile), train, profile, named, problems)
    columns = tuple({"name": name, **known} for name, known in facts.get("columns", {}).items())
    inputs = tuple({"name": name, **known} for name, known in facts.get("inputs", {}).items())
    label = {} if labels is None else _label(dataset, profile, facts)
    report = DataReport(
        source.name_in_yaml, counts, columns, inputs, label, tuple(problems), tuple(notices), dict(dataset.about)
    )
    return Understood(report, source, train, labels, dataset.columns, tuple(dataset.learned))


def _label(dataset: Dataset, profile: Profile, facts: Mapping[str, Value]) -> Mapping[str, Value]:
    if len(profile.labels) != 1:
        return {"outputs": facts["labels"]}
    [known] = facts["labels"].values()
    name = ", ".join(dataset.label_names) or "label"
    return {"name": name, **known}
