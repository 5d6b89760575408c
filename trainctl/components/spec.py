"""What every component of ours is: a frozen pydantic spec that documents, checks and builds itself."""

from __future__ import annotations

import importlib
import inspect
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from trainctl import catalog
from trainctl.aliases import Value
from trainctl.components.extras import Extra
from trainctl.components.fields import InputPath, Slot
from trainctl.components.moment import Moment
from trainctl.diagnostics import Location
from trainctl.registry import Registry

if TYPE_CHECKING:
    from trainctl.backend import keras
    from trainctl.components.context import CallbackContext, DataContext
    from trainctl.components.dataset import Dataset
    from trainctl.components.new_inputs import NewFiles, NewInputs


RateOf: TypeAlias = Callable[[Value], Callable[[float], float] | None]


class Spec(BaseModel):
    """Settings of one component or section: frozen, and closed to unknown keys.

    Every field has a description of one sentence with its unit; it feeds `describe`, the JSON Schema and editors.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, defer_build=True)

    extra: ClassVar[Extra | None] = None
    """The optional package that it needs."""
    shorthand: ClassVar[str | None] = None
    """The field that a number or text in place of the section is; `None` if only a mapping is a section."""

    _location: Location | None = PrivateAttr(default=None)
    _path: str = PrivateAttr(default="")

    @property
    def written_at(self) -> Location | None:
        """Where it stands in the experiment file."""
        return self._location

    @property
    def setting(self) -> str:
        """Its path in `--set` spelling, such as `callbacks.EarlyStopping`."""
        return self._path

    def place(self, location: Location | None, path: str) -> None:
        """Remember where it was written, for errors that only building can find."""
        self._location, self._path = location, path

    @classmethod
    def field_schema(cls, name: str) -> dict[str, Value]:
        """The JSON Schema fragment of the field's plain values, for messages, `describe` and the published schema."""
        schema = _json_schema_of(cls)
        fragment: dict[str, Value] = _resolved(schema["properties"][name], schema.get("$defs", {}))
        return fragment

    @classmethod
    def default_of(cls, name: str) -> Value:
        """The field's default; `None` for a field that is required."""
        info = cls.model_fields[name]
        return None if info.is_required() else info.get_default(call_default_factory=True, validated_data={})

    @classmethod
    def summary(cls) -> str:
        """The first line of its documentation."""
        return inspect.cleandoc(cls.__doc__ or "").splitlines()[0]


class CallbackSpec(Spec):
    """A callback: `build` makes the Keras object when the run begins."""

    name_in_yaml: ClassVar[str]
    closes_files: ClassVar[bool] = False
    """Whether `on_train_end` closes files, and so has to be called also when training is cut short."""
    appends: ClassVar[bool] = False
    """Whether its outputs grow during the run, and so are cut back to the snapshot when the run resumes."""
    only_watches: ClassVar[bool] = False
    """Whether it leaves the numbers as they are, so that a run may resume with other settings of it."""
    controls_learning_rate: ClassVar[bool] = False
    """Whether it changes the optimizer's learning rate, which then has to be one number."""
    sets_rate_each_epoch: ClassVar[bool] = False
    """Whether it sets the learning rate at the beginning of every epoch, whatever the rate was."""
    may_stop: ClassVar[bool] = False
    """Whether it may end training before the last epoch."""
    needs_ema: ClassVar[bool] = False
    """Whether the optimizer has to keep moving averages of the weights."""
    swaps_weights: ClassVar[bool] = False
    """Whether it puts other weights into the model during training, as for a validation."""
    keras_logs: ClassVar[bool] = False
    """Whether it reports the logs as Keras gives them: with a learning rate only where a callback above it adds one."""
    describes_files: ClassVar[bool] = False
    """Whether its state is about files in the run directory, and so begins anew in another one."""
    state_attributes: ClassVar[tuple[str, ...]] = ()
    """The attributes of Keras's class that a resumed run restores; those made anew from the arguments are left out."""

    sends: ClassVar[tuple[str, ...]] = ()
    """Fields whose values a service is told as they are, also those from the environment."""
    only_adds: ClassVar[bool] = False
    """Whether it only adds files of its own to the folder that it writes, which others may use too."""

    def build(self, context: CallbackContext) -> keras.callbacks.Callback:
        """Build the Keras callback. The module beside the spec, called as its own with `_keras`, has a `build` for it.

        Only that module imports Keras, and only here is it imported.
        """
        half = importlib.import_module(f"{type(self).__module__}_keras")
        built: keras.callbacks.Callback = half.build(self, context)
        return built

    @property
    def changes_learning_rate(self) -> bool:
        """Whether it changes the learning rate, with the arguments that it has."""
        return self.controls_learning_rate

    @property
    def saves_every_batches(self) -> int | None:
        """Batches between two saves within an epoch; `None` where it saves at the end of an epoch."""
        return None

    @property
    def counts_samples(self) -> bool:
        """Whether progress is to be counted in samples."""
        return False

    @property
    def run_pointer(self) -> str | None:
        """The absolute path of a file that names the run, for the next `trainctl run` to continue it."""
        return None

    removed: ClassVar[Mapping[str, str]] = {}
    """Arguments of older Keras versions that are gone, and what to do instead."""
    renamed: ClassVar[Mapping[str, str]] = {}
    """Those among them that are only called otherwise, with their names now."""

    @property
    def saves_every_epochs(self) -> int:
        """Epochs between two saves, where it saves at the end of an epoch."""
        return 1

    def moment(self, field: str) -> Moment:
        """Return when it reads the logs for `field`: to watch a metric, to name a file, to evaluate an expression."""
        del field
        return Moment.EPOCH_END

    def counters(self, field: str) -> tuple[str, ...]:
        """Return what `{…}` in the path of `field` may name besides metrics; nothing where it is taken as it is."""
        del field
        return ()

    @property
    def reads_batches(self) -> bool | None:
        """Whether its batch hooks need the logs of every batch; `None` where the hooks it defines tell.

        If nobody reads them, the logs of a batch stay on the device.
        """
        return None

    @property
    def shares(self) -> bool:
        """Whether a file outside the run directory, to which it appends, may hold what other runs wrote."""
        return False

    @property
    def hooks(self) -> tuple[str, ...]:
        """Keras's hooks at which it does something, in the order in which a run meets them."""
        return catalog.callback_hooks(self.name_in_yaml.removeprefix("experimental."))

    def monitored(self) -> Iterator[tuple[str, str]]:
        """The log keys it reads at the end of an epoch: pairs of (field, key)."""
        return iter(())

    def expressions(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """The expressions it holds: triples of (field, text, the keys that it adds to the logs)."""
        return iter(())

    def planned_rate(self, field: str, rate_of: RateOf) -> Callable[[int, float], float] | None:
        """The learning rate that `field` plans, of an epoch (from 0) and the rate before it; `None` where it plans none.

        The function raises `ArithmeticError` or `ValueError` where the plan fails.

        Args:
            field: The field's name.
            rate_of: Gives the rate of a Keras schedule as a function of its step.
        """
        del field, rate_of
        return None

    def adds(self, moment: Moment = Moment.EPOCH_END) -> Iterator[str]:
        """The keys it adds to the logs at `moment`."""
        del moment
        return iter(())

    def how_to_declare(self, key: str) -> str | None:
        """Return how its author declares that it adds `key` to the logs; `None` where it can add none undeclared."""
        del key
        return None

    def notes(self) -> Iterator[tuple[str, str]]:
        """What a person should know about settings that do little or nothing: pairs of (field, message)."""
        return iter(())

    def never_acts(self, epochs: int) -> Iterator[tuple[str, str, str]]:
        """Why it can never act in a run of `epochs` epochs: triples of (field, message, hint)."""
        return iter(())

    def defeated_by(self, later: CallbackSpec) -> str | None:
        """Why it should stand below `later`, which is called after it; `None` where the order does not matter."""
        return None

    def inputs(self) -> Iterator[tuple[str, str]]:
        """The files it reads: pairs of (field, absolute path)."""
        return iter(())

    def outputs(self) -> Iterator[tuple[str, str]]:
        """The files and folders it writes: pairs of (field, path as written)."""
        return iter(())

    def growing(self) -> Iterator[str]:
        """Those among them that grow during the run, as written."""
        return (path for _, path in self.outputs() if self.appends)


class SourceSpec(Spec):
    """A data source: `load` brings the data into memory."""

    name_in_yaml: ClassVar[str]
    known_classes: ClassVar[int | None] = None
    """How many classes the labels have, where that is known without loading."""
    known_numbers: ClassVar[bool] = False
    """Whether the labels are known, without loading, to be numbers to predict."""
    known_test: ClassVar[bool] = False
    """Whether it brings a test split, where that is known without loading."""
    is_ordered: ClassVar[bool] = False
    """Whether its samples are in the order of time, which splits keep."""

    @property
    def prediction_names(self) -> tuple[str, ...]:
        """What to call each number that a model with one output predicts; none where only their place tells."""
        return ()

    @property
    def brings_validation(self) -> bool:
        """Whether it sets samples apart to validate on, as far as a quick look tells."""
        return False

    @abstractmethod
    def load(self, context: DataContext) -> Dataset:
        """The whole data, not yet split, shuffled or batched.

        Raises:
            DataError: The data is missing, unreadable, empty or of the wrong kind.
        """

    def look(self, context: DataContext) -> None:
        """A quick look at the files it names, without TensorFlow and the network; reads no more than their headers.

        `load` finds the same problems with the same words, since both call one piece.

        Raises:
            DataError: A file is missing, or visibly not what it should be; names all that are wrong.
        """

    reads: ClassVar[frozenset[str]] = frozenset()
    """How the names of the files end from which it reads new inputs, in lower case, such as `.csv`."""

    def reads_file(self, ending: str) -> bool:
        """Whether it reads new inputs from files whose names end so, in lower case."""
        return ending in self.reads

    @property
    def reads_any_file(self) -> bool:
        """Whether it reads new inputs from files of any name."""
        return False

    @classmethod
    def for_new(cls, new: NewFiles) -> SourceSpec | None:
        """The source that reads new inputs for a model trained on data of another source; `None` where this is none.

        Raises:
            DataError: The data was such that files of this kind cannot be brought to it.
        """
        return None

    def read_new(self, new: NewFiles) -> NewInputs:
        """New inputs for a model that was trained on this source, read as its data was.

        Raises:
            DataError: A file is missing, unreadable, or not what the model takes.
        """
        raise NotImplementedError

    def stand_in(self, other: Dataset) -> Dataset:
        """`other` brought to this source's shape and range, so that the same model fits.

        Raises:
            DataError: `other` cannot stand in for this source.
        """
        return other


class NodeSpec(Spec):
    """What may stand among the layers of a model, but is no layer of Keras."""

    name_in_yaml: ClassVar[str]

    name: Annotated[
        Annotated[str, Field(strict=True, min_length=1)] | None,
        Field(description="The node's name, for from: and outputs:; null = generated."),
    ] = None


def slot_of(spec: type[Spec], name: str) -> Slot | None:
    """The mark of a field that takes components."""
    return next((mark for mark in spec.model_fields[name].metadata if isinstance(mark, Slot)), None)


def reads_path(spec: type[Spec], name: str) -> bool:
    """Return whether a field is a path to read: relative to the file in which it is written, absolute once loaded."""
    info = spec.model_fields[name]
    within = (mark for each in get_args(info.annotation) for mark in get_args(each)[1:])  # of `InputFile | None`
    return any(isinstance(mark, InputPath) for mark in (*info.metadata, *within))


def section_of(spec: type[Spec], name: str) -> type[Spec] | None:
    """The section that a field is, or may be, within its section; `None` where it is a value or a component."""
    kind = spec.model_fields[name].annotation
    kinds = get_args(kind) if get_origin(kind) in {Union, UnionType} else (kind,)
    found = [each for each in kinds if isinstance(each, type) and issubclass(each, Spec)]
    return found[0] if found and slot_of(spec, name) is None else None


def sections_of(spec: type[Spec], name: str) -> type[Spec] | None:
    """The section that each item of a field is, where it is a list of sections; `None` where it is none."""
    kinds = get_args(spec.model_fields[name].annotation)
    is_list = len(kinds) == 2 and kinds[1] is ... and slot_of(spec, name) is None
    return kinds[0] if is_list and isinstance(kinds[0], type) and issubclass(kinds[0], Spec) else None


@cache  # of all fields at once; the published schema asks for each
def _json_schema_of(spec: type[Spec]) -> dict[str, Any]:
    _build_sections(spec)
    return spec.model_json_schema()


def _build_sections(spec: type[Spec]) -> None:
    """Build the sections within a section: pydantic before 2.14 writes no default whose class is not built."""
    for name in spec.model_fields:
        section = section_of(spec, name) or sections_of(spec, name)
        if section is not None:
            section.model_rebuild()
            _build_sections(section)


# Behind a validator of ours, pydantic leaves its own words for bounds in the schema instead of JSON Schema's.
_BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}


def _resolved(fragment: Value, definitions: dict[str, Value]) -> Any:
    """The fragment with its `$ref`s filled in, its bounds in JSON Schema's words, and without pydantic's titles."""
    if isinstance(fragment, list):
        return [_resolved(each, definitions) for each in fragment]
    if not isinstance(fragment, dict):
        return fragment
    if "$ref" in fragment:
        return _resolved(definitions[fragment["$ref"].rsplit("/", 1)[-1]], definitions)
    return {_BOUNDS.get(key, key): _resolved(value, definitions) for key, value in fragment.items() if key != "title"}


CALLBACKS: Registry[type[CallbackSpec]] = Registry("callback", "trainctl.components.callbacks")
SOURCES: Registry[type[SourceSpec]] = Registry("source", "trainctl.sources")
NODES: Registry[type[NodeSpec]] = Registry("node", "trainctl.components.nodes")

REGISTRIES: Mapping[str, Registry[Any]] = {each.kind: each for each in (CALLBACKS, SOURCES, NODES)}
"""The kinds of components that trainctl describes; all others are Keras's."""


def callback(name: str) -> Any:
    """Decorator: register a callback's spec under its YAML name."""
    return _named(CALLBACKS, name)


def source(name: str) -> Any:
    """Decorator: register a data source's spec under its YAML name."""
    return _named(SOURCES, name)


def node(name: str) -> Any:
    """Decorator: register what may stand among layers under its YAML name."""
    return _named(NODES, name)


def _named(registry: Registry[Any], name: str) -> Any:
    def keep(spec: Any) -> Any:
        spec.name_in_yaml = name
        return registry.register(name)(spec)

    return keep
