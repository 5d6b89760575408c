"""From the `data:` section to what Keras trains on: loaded, or stood in for, then split, encoded and described."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from trainctl.aliases import Data, Tensors, Value
from trainctl.backend import as_written, tf
from trainctl.components.data_schema import DataSchema, InputSchema
from trainctl.components.dataset import ColumnKind, Dataset, Samples
from trainctl.components.labels import LabelKind, Labels, OutputLabels, Wanted, ignored_classes
from trainctl.config.model.keras_names import TWO_CLASSES
from trainctl.data import batches as pipeline
from trainctl.data.augment import Augmentation
from trainctl.data.balance import tell_labels
from trainctl.data.cache import cached, remembered, with_small_parts_in_memory
from trainctl.data.changed_labels import labels_by_output
from trainctl.data.column_table import with_column_table
from trainctl.data.draw import Rules
from trainctl.data.encoded import encode_table, require_encodable, tables_for
from trainctl.data.encoder import TableEncoder
from trainctl.data.facts import Facts
from trainctl.data.follow import Label
from trainctl.data.in_memory import InMemory, Walk, steps
from trainctl.data.label_changes import tell_changes
from trainctl.data.labels import decide_labels, tell_constant
from trainctl.data.mapping import Chain
from trainctl.data.outputs import with_outputs
from trainctl.data.profile import LabelProfile, Profile, details, fingerprint, unseen
from trainctl.data.rows import with_rows
from trainctl.data.sample_weights import spread
from trainctl.data.separate import in_place_of_test, with_separate
from trainctl.data.split import Splits, each_split, split
from trainctl.data.taken import renamed, require_inputs, require_lengths, tell_problems
from trainctl.errors import DataError
from trainctl.events import Decision, Notice
from trainctl.sources.reading.download import DownloadError
from trainctl.text import one_of, plural

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trainctl.components.context import DataContext
    from trainctl.components.spec import SourceSpec
    from trainctl.config.experiment import DataSection

__all__ = ["Evaluated", "Prepared", "fingerprint", "load"]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What an evaluation asks for besides what training does: each sample keeps its raw row.

    Args:
        source: Data to evaluate on in place of the test split; `None` for the run's own.
    """

    source: SourceSpec | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """Data ready to batch.

    Args:
        splits: Samples whose `x` is an array or `Rows` (n, …), or a mapping of the model's input names to such; of a
            table, the encoded feature vectors, or the columns (n, 1) that the model names as its inputs. `y` likewise.
        labels: What the labels are, by output.
        facts: `num_classes` (`None` for numbers and for several outputs), `input_shape` of one sample (of several inputs
            a mapping), `num_samples` to train on, `steps_per_epoch` and the rest that `${data.…}` may name.
        source: The name of the source that was loaded.
        stand_in_for: The name of the source that could not be reached, where `source` stands in for it.
        encoder: How a table was encoded; `None` where no preprocessing sits outside the model.
        columns: Of a table, each column and what it holds.
        fingerprint: BLAKE2b of everything loaded, before drawing and splitting, in hexadecimal.
        section: The experiment's `data:`.
        seed: The run's seed.
        details: Types, ranges, balance and missing values, for people and run.json.
        mapped: The layers of `data.map`.
        change: Those of them that are still to apply: none where the data is cached.
        augmentation: The layers of `data.augment`.
        depths: How many values one-hot labels have, by output, where that is not the number of classes.
        input_names: For each of the model's inputs that is called otherwise, the column or array that it takes.
        learned: What the source must know to read new inputs as in training.
        held_out: Finds the numbers (from 0) of the test samples among all samples, where they are a fold of these.
        read_errors: Errors of samples that could not be read while batches were made, first one first.
        label_profiles: What is known of the training labels, by output; "" is the only one.
        latest: Of time series, which features of the last step are the latest values of the labels.
        cache: Whether samples in files are kept in memory, where the experiment leaves that open and there are any.
        held: Samples in memory that have been made tensors, by what identifies them here, so that there is one copy.
    """

    splits: Splits
    labels: Labels
    facts: Facts
    source: str
    stand_in_for: str | None
    encoder: TableEncoder | None
    columns: Mapping[str, ColumnKind]
    fingerprint: str
    section: DataSection
    seed: int
    details: Mapping[str, Value] = field(default_factory=dict)
    mapped: Chain = field(default_factory=Chain)
    change: Chain = field(default_factory=Chain)
    augmentation: Augmentation = field(default_factory=Augmentation)
    depths: Mapping[str, int] = field(default_factory=dict)
    read_errors: list[DataError] = field(default_factory=list)
    held: dict[int, InMemory] = field(default_factory=dict, repr=False)
    input_names: Mapping[str, str] = field(default_factory=dict)
    learned: Mapping[str, float] = field(default_factory=dict)
    held_out: Callable[[], NDArray[np.int64]] | None = None
    label_profiles: Mapping[str, LabelProfile] = field(default_factory=dict)
    latest: tuple[int, ...] = ()
    cache: Decision | None = None

    def batched(self, batch_size: int) -> Prepared:
        """The data in batches of another size."""
        if batch_size == self.section.batch_size:
            return self
        facts = {**self.facts.known, "steps_per_epoch": steps(len(self.splits.train), batch_size)}
        section = self.section.model_copy(update={"batch_size": batch_size})
        return replace(self, section=section, facts=replace(self.facts, known=facts))

    @property
    def schema(self) -> DataSchema:
        """What reading new inputs depends on, for run.json."""
        inputs = {
            name: InputSchema(known["dtype"], tuple(known["shape"]), known.get("min"), known.get("max"))
            for name, known in self.details.get("inputs", {}).items()
        }
        return DataSchema(
            self.columns, inputs, self.class_names, self.facts["num_classes"], self.input_names, self.learned
        )

    @property
    def highest(self) -> dict[str, int]:
        """The highest integer of each input of the training split that the model takes as it is."""
        inputs = {} if self.change else self.details.get("inputs", {})
        called = {taken: name for name, taken in self.input_names.items()}
        numbers = {name: each for name, each in inputs.items() if "max" in each and "int" in each["dtype"]}
        return {called.get(name, name): int(each["max"]) for name, each in numbers.items()}

    @property
    def class_names(self) -> tuple[str, ...]:
        """The text of each class index of the only output, where it is known."""
        return self.labels.class_names

    @property
    def input_dtype(self) -> str:
        """The dtype of the inputs as the model gets them, such as `uint8` or `string`; of several inputs, of the first."""
        x = self.splits.train.x
        first = next(iter(x.values())) if isinstance(x, Mapping) else x
        return self.change.dtype or ("string" if first.dtype == object else str(first.dtype))

    def training(self, start_step: int | tf.Tensor = 0) -> tf.data.Dataset:
        """Batches (x, y), or (x, y, weight), without end; to be used with `steps_per_epoch`.

        Args:
            start_step: The global step, from 0, at which to begin, a scalar int64 where it is a tensor: what follows is as if it had never been interrupted.
        """
        section, train = self.section, self.splits.train
        if pipeline.is_gathered(train, section.shuffle, section.bucket_by_length):
            batches = self._in_memory(train).training(self.seed if section.shuffle else None, start_step)
        else:
            batches = pipeline.training(
                train,
                section.batch_size,
                section.shuffle,
                self.seed,
                start_step,
                self.read_errors.append,
                section.bucket_by_length,
            )
        batches = self._changed(batches)
        if self.augmentation:
            steps = tf.data.Dataset.range(start_step, tf.int64.max)
            numbered = tf.data.Dataset.zip(steps, batches)
            batches = numbered.map(tf.function(self.augmentation.batch), num_parallel_calls=pipeline.PARALLEL)
        return pipeline.ahead(batches, self.section.prefetch)

    def evaluation(self, samples: Samples) -> tf.data.Dataset:
        """Batches (x, y), or (x, y, weight), of a split's samples, in order; their number is known to Keras."""
        if samples.in_memory:
            batches = self._in_memory(samples).evaluation()
        else:
            batches = pipeline.evaluation(samples, self.section.batch_size, self.read_errors.append)
        return pipeline.ahead(self._changed(batches), self.section.prefetch)

    def training_walk(self) -> Walk | str:
        """Return what `training` would, for a graph to go through by itself; or why that cannot be, in words."""
        section, train = self.section, self.splits.train
        if not pipeline.is_gathered(train, section.shuffle, section.bucket_by_length):
            return "the order needs the pipeline" if train.in_memory else "the samples are read on demand"
        if self.augmentation:
            return "data.augment changes the batches"
        return self._walk(train, self.seed if section.shuffle else None)

    def evaluation_walk(self, samples: Samples) -> Walk | str:
        """Return what `evaluation` would, for a graph to go through by itself; or why that cannot be, in words."""
        return self._walk(samples, None) if samples.in_memory else "the samples are read on demand"

    def _walk(self, samples: Samples, seed: int | None) -> Walk | str:
        if self.section.prefetch is not None:
            return "data.prefetch asks for the pipeline"
        if self.change:
            return "data.map changes the batches"
        return Walk(self._in_memory(samples), self._change() or _unchanged, seed)

    def _in_memory(self, samples: Samples) -> InMemory:
        if id(samples) not in self.held:
            self.held[id(samples)] = InMemory(samples, self.section.batch_size)
        return self.held[id(samples)].batched(self.section.batch_size)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """A sample that cannot be read ends what happens inside with its own error, not with TensorFlow's.

        Raises:
            DataError: Names the sample's file.
        """
        try:
            yield
        except Exception as error:
            if self.read_errors:
                raise self.read_errors[0] from error
            raise

    def adapt_data(self, name: str | None = None) -> tf.data.Dataset:
        """Batches of the inputs to train on, once and in order, as the model gets them but not augmented: for `adapt`.

        Args:
            name: Which input, where the model has several.
        """

        def inputs(x: Data, *_: Any) -> Tensors:
            return x if name is None else x[name]

        return self.evaluation(self.splits.train).map(as_written(inputs))

    def _as_one_hot(self, y: Tensors, outputs: Sequence[str]) -> Tensors:
        """The labels of a batch, those of `outputs` one-hot, float32."""
        for name in outputs:
            depth = self.depths.get(name) or self.labels.outputs[name].classes
            y = {**y, name: tf.one_hot(y[name], depth)} if isinstance(y, Mapping) else tf.one_hot(y, depth)
        return y

    def _changed(self, batches: tf.data.Dataset) -> tf.data.Dataset:
        """The batches after `data.map`, with the inputs as what is to be learned where `data.target` says so."""
        change = self._change()
        if change is None:
            return batches
        traced = tf.function(change) if self.change else as_written(change)
        return batches.map(traced, num_parallel_calls=pipeline.PARALLEL)

    def _change(self) -> Callable[..., Tensors] | None:
        """What becomes of a batch before the model gets it; `None` if nothing does."""
        one_hot = [name for name, each in self.labels.outputs.items() if each.as_one_hot]
        learns_labels, is_weighed = self.section.target == "labels", self.splits.train.weight is not None
        if not self.change and not one_hot and learns_labels and not is_weighed:
            return None

        def change(x: Data, y: Data, *weights: Data) -> Tensors:
            x, y = self.change.both(x, y)
            y = self._as_one_hot(y, one_hot) if learns_labels else x
            return (x, y, *(spread(weight, y, self.labels if learns_labels else None) for weight in weights))

        return change


def _unchanged(*batch: Tensors) -> Tensors:
    return batch


def load(
    section: DataSection,
    context: DataContext,
    *,
    loss_is_classification: bool,
    seed: int,
    inputs: Mapping[str, str] = MappingProxyType({}),
    wanted: Mapping[str, Wanted] = MappingProxyType({}),
    evaluated: Evaluated | None = None,
) -> Prepared:
    """Load, split and encode the data.

    Args:
        section: The experiment's `data:`.
        context: For the source.
        loss_is_classification: Whether splits keep the classes in proportion.
        seed: Decides the splits.
        inputs: For each of the model's inputs, the column or array that it takes; such columns are not encoded.
        wanted: What the experiment says of the labels, by output; "" where there is only one.
        evaluated: What an evaluation asks for besides; `None` for training.

    Raises:
        DataError: The data is missing, unreadable, empty, of the wrong kind, or too little for the splits.
    """
    context = replace(
        context, columns=section.split_columns, weight=section.sample_weight, ignored=ignored_classes(wanted)
    )
    dataset, source, stand_in_for = _loaded(section, context)
    dataset = with_outputs(dataset, context)
    _require_columns(dataset.train, section, source)
    dataset, labels = decide_labels(dataset, wanted, section.label_changes)
    tell_changes(labels, context)
    tell_constant(labels, context)
    dataset, separate = with_separate(dataset, section, context, labels, wanted)
    if evaluated is not None:
        train, test, validation = (
            part and with_rows(part) for part in (dataset.train, dataset.test, dataset.validation)
        )
        dataset = replace(dataset, train=train or dataset.train, test=test, validation=validation)
        separate = separate and with_rows(separate)
    splits = split(dataset, Rules.of(section, stratify=loss_is_classification and labels.are_classes, seed=seed))
    splits = splits if separate is None else replace(splits, validation=separate)
    if evaluated is not None and evaluated.source is not None:
        other = in_place_of_test(evaluated.source, dataset, section, context, labels, wanted)
        splits = replace(splits, test=with_rows(other), held_out=None)
    require_encodable(dataset, labels, inputs)
    tables = tables_for(dataset, labels, seed)
    known = Profile.of(dataset.columns, splits.train, dataset.options, tables)
    _tell_unseen(dataset, splits, known, context)
    if section.target == "labels":
        tell_labels(dataset, known, context, classify=loss_is_classification)
    require_inputs(dataset, inputs)
    problems = tell_problems(dataset, splits, inputs, context)
    described = details(dataset, splits.train, known)
    held_out = splits.held_out
    named = {taken for taken in inputs.values() if taken in dataset.columns}
    described = with_column_table(described, splits.train, known, named, problems)
    splits, encoder = encode_table(dataset, splits, known, inputs, context, tables)
    if not dataset.columns:  # of a table, the columns are under the inputs' names already
        splits = each_split(splits, lambda samples: renamed(samples, inputs))
    splits = with_small_parts_in_memory(splits)
    require_lengths(splits, section)
    mapped = Chain.built(section.map, splits.train.x, seed, _followers(labels, splits.train, section))
    splits, change = cached(splits, mapped, section)
    splits, cache = remembered(splits, section) if evaluated is None else (splits, None)
    labels = _moved(labels, mapped)
    facts = _facts(dataset, labels, splits, known, section, change)
    augmentation = Augmentation.built(
        section.augment, change, splits.train.x, seed, _augmented(change, splits.train, section, labels, wanted)
    )
    return Prepared(
        splits,
        labels,
        facts,
        source,
        stand_in_for,
        encoder,
        dataset.columns,
        fingerprint(dataset),
        section,
        seed,
        described,
        mapped,
        change,
        augmentation,
        input_names={name: taken for name, taken in inputs.items() if name != taken},
        learned=dataset.learned,
        held_out=held_out,
        label_profiles=dict(zip(labels.outputs, known.labels.values(), strict=True)),
        latest=dataset.latest,
        cache=cache,
    )


def _followers(labels: Labels, train: Samples, section: DataSection) -> Mapping[str, Label]:
    """What layers of `data.map` have to know of the labels, by output."""
    if section.target == "inputs":
        return {}
    rows = labels_by_output(train)
    return {
        name: Label(tuple(rows[name].shape[1:]), each.kind is LabelKind.NUMBER, each.are_classes)
        for name, each in labels.outputs.items()
    }


def _moved(labels: Labels, change: Chain) -> Labels:
    """The labels with the shapes that `data.map` gives to those that move with their images."""
    shapes = {name: each.shape for name, each in change.after.items() if change.moves_labels}
    known = {name: tuple(size or 0 for size in shape) for name, shape in shapes.items()}
    return Labels({name: replace(each, shape=known.get(name, each.shape)) for name, each in labels.outputs.items()})


def _augmented(
    change: Chain, train: Samples, section: DataSection, labels: Labels, wanted: Mapping[str, Wanted]
) -> Mapping[str, Label]:
    """What layers of `data.augment` have to know of the labels; the inputs themselves where those are learned."""
    if section.target == "labels":
        return {name: _in_batch(each, labels.outputs[name], wanted.get(name)) for name, each in change.after.items()}
    shape = change.shape if change.shape is not None or isinstance(train.x, Mapping) else train.x.shape[1:]
    return {"": Label(tuple(shape), are_numbers=True)} if shape is not None else {}


def _in_batch(label: Label, of_output: OutputLabels, wanted: Wanted | None) -> Label:
    """What is known of labels as a batch holds them: perhaps one-hot. Those of a binary loss may lie between 0 and 1."""
    if of_output.as_one_hot:
        return Label((*label.shape, None), are_numbers=False)
    is_binary = wanted is not None and wanted.loss in TWO_CLASSES
    return replace(label, are_indices=label.are_indices and not is_binary)


def _loaded(section: DataSection, context: DataContext) -> tuple[Dataset, str, str | None]:
    """The data, the name of the source that brought it, and of the one it stands in for."""
    wanted, offline = section.source, section.offline
    try:
        return wanted.load(context), wanted.name_in_yaml, None
    except DownloadError as error:
        if offline is None:
            raise
        name, other = wanted.name_in_yaml, offline.name_in_yaml
        message = (
            f"STAND-IN DATA: training on {other} instead of {name}, which cannot be downloaded ({error.reason}). "
            f"The results are not about {name}."
        )
        context.emit(Notice(message=message, loud=True))
    return wanted.stand_in(offline.load(context)), other, name


def _require_columns(samples: Samples, section: DataSection, source: str) -> None:
    """Refuse settings that name a column where the source has none."""
    in_folds = section.folds is not None and section.folds.by is not None
    group, time = ("folds.by", "folds.by") if in_folds else ("split_by_group", "split_by_time")
    for key, name in ((group, section.group_column), (time, section.time_column)):
        if name is not None and name not in samples.extra:
            raise DataError(f"{source} has no columns, but {key}: {name} names a column", hint=f"remove {key}")
    if section.sample_weight is not None and samples.weight is None:
        raise DataError(
            f"{source} has no columns, but sample_weight: {section.sample_weight} names a column",
            hint="remove sample_weight",
        )


def _tell_unseen(dataset: Dataset, splits: Splits, known: Profile, context: DataContext) -> None:
    for name, part in (("validation", splits.validation), ("test", splits.test)):
        missing = unseen(known, part)
        if missing:
            names = [dataset.class_names[each] if dataset.class_names else str(each) for each in missing]
            what = f"{plural(len(missing), 'class')} of the {name} samples: {one_of(names[:10], 'and')}"
            context.emit(Notice(message=f"the training split has no samples of {what}", loud=True))


def _facts(
    dataset: Dataset, labels: Labels, splits: Splits, profile: Profile, section: DataSection, change: Chain
) -> Facts:
    train = splits.train
    shapes: Any = list(change.shape or ())
    if change.shape is None:
        shapes = (
            {name: list(rows.shape[1:]) for name, rows in train.x.items()}
            if isinstance(train.x, Mapping)
            else list(train.x.shape[1:])
        )
    known: Mapping[str, Value] = {
        **dataset.learned,
        "num_classes": labels.num_classes if section.target == "labels" else None,
        "input_shape": shapes,
        "num_samples": len(splits.train),
        "steps_per_epoch": steps(len(splits.train), section.batch_size),
    }
    return Facts(known, profile, splits, None if isinstance(shapes, Mapping) else tuple(shapes))
