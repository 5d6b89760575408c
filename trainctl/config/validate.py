"""Tree → Experiment: every name, argument and value checked, all problems together, each at its word.

Sections, callbacks and data sources are pydantic specs; layers, optimizers and the like are checked against the catalog of
the installed Keras. Both kinds of component are found by where they stand: a field marked with a `Slot`, or an argument
that the catalog knows to take components.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from trainctl import catalog, limits
from trainctl.aliases import Value
from trainctl.components.fields import Slot
from trainctl.components.formulas import formula_problems
from trainctl.components.nodes.model import Graph
from trainctl.components.spec import REGISTRIES, Spec, reads_path, section_of, sections_of, slot_of
from trainctl.components.user.callables import OF_A_TENSOR, function_for, misfit
from trainctl.config import messages
from trainctl.config.component import KerasComponent
from trainctl.config.compose.paths import item_steps, join
from trainctl.config.compose.stages import STAGES, each_laid
from trainctl.config.experiment import Expectation, Experiment, Stage
from trainctl.config.messages.graph import unknown_op
from trainctl.config.messages.phrases import every_kind, known_names
from trainctl.config.model.section import ModelReader
from trainctl.config.model.wiring import frozen
from trainctl.config.origin import with_history
from trainctl.config.text.nodes import EnvText, Node, arguments_of, as_section, component_names, holds_late
from trainctl.config.values import FAILED, Failed, Mismatch, accepts, fit, fit_argument
from trainctl.diagnostics import Diagnostic, Location, Problems
from trainctl.files import from_folder
from trainctl.text import one_of

_NOTHING: Mapping[str, Mapping[str, Value]] = {}
_NEVER: Mapping[str, Value] = {"enum": []}


def validate(tree: Node, facts: Mapping[str, Value] | None = None) -> tuple[Experiment | None, list[Diagnostic]]:
    """The experiment that the tree describes, or `None` with the reasons.

    Args:
        tree: The interpolated tree.
        facts: Facts of the data, once it is loaded.
    """
    validator = _Validator(facts=facts)
    experiment = validator.spec(Experiment, tree, "", tree.location)
    validator.problems.add(*messages.missing_loss(tree))
    if not validator.problems:
        for path, laid in each_laid(tree):
            validator.problems.add(*(replace(each, path=join(path, each.path)) for each in messages.missing_loss(laid)))
    return (None if validator.problems else experiment), with_history(_each_once(validator.problems), tree)


def _each_once(problems: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The diagnostics without those of stages that are about a value of the top level, or of the stage before."""
    seen: set[tuple[str, Location | None]] = set()
    kept = []
    for each in sorted(problems, key=lambda each: each.path.startswith(f"{STAGES}.")):
        key = (each.code, each.location)
        if key not in seen or not each.path.startswith(f"{STAGES}."):
            kept.append(each)
        seen.add(key)
    return kept


@dataclass
class _Validator:
    problems: Problems = field(default_factory=Problems)
    facts: Mapping[str, Value] | None = None

    # ---- sections and components of ours: pydantic specs

    def spec(self, spec: type[Spec], node: Node, path: str, at: Location, owner: str = "") -> Any:
        """The frozen spec that the mapping `node` describes.

        Args:
            spec: Its class.
            node: The mapping.
            path: Its path.
            at: Where it is named.
            owner: The component's name, for messages; empty for a section.
        """
        node = as_section(node, spec.shorthand)
        if not node.is_mapping:
            return self._fail(messages.not_a_mapping(node, path, owner))
        if issubclass(spec, Graph):
            return ModelReader(self).read(spec, node, path, at, owner)
        before = self.problems.reported
        for key in node.value:
            if key not in spec.model_fields and not _is_gone(spec, key, node.value[key]):
                self.problems.describe(node.key_location(key), messages.unknown_key, spec, node, key, path, owner)
        known = {key: value for key, value in node.value.items() if key in spec.model_fields}
        values = {
            key: self._field(spec, key, value, join(path, key), node.key_location(key)) for key, value in known.items()
        }
        values = {k: v for k, v in values.items() if v is not _ABSENT}
        result = self.construct(spec, values, node, path, at, owner)
        if self.problems.reported > before or result is None:
            return FAILED
        result.place(at, path)
        return result

    def _field(self, spec: type[Spec], name: str, node: Node, path: str, at: Location) -> Any:
        slot, section, several = slot_of(spec, name), section_of(spec, name), sections_of(spec, name)
        is_section_of_names = spec is Experiment and name in {"vars", "expect"}
        if node.value is None and (any((slot, section, several)) or is_section_of_names):
            return _ABSENT  # null for a component or a section removes it
        if slot is not None:
            return self._slot(slot, node, path)
        if section is not None:
            return self.spec(section, node, path, at)
        if several is not None:
            return self._sections(several, node, path)
        if spec is Stage and name == "freeze":
            return frozen(node, path, self.problems, none=True)
        if name == "expect" and spec is Experiment:
            return self._expectations(node, path)
        if reads_path(spec, name):
            return _absolute(node)
        return self._plain(spec, name, node)

    def _sections(self, spec: type[Spec], node: Node, path: str) -> Value:
        """A list of sections."""
        if not node.is_list:
            return self._fail(messages.not_a_list(node, path, (spec.__name__.lower(),)))
        if len(node.value) > limits.COMPONENTS:
            return self._fail(messages.too_many(node, path))
        steps = zip(item_steps(node.value), node.value, strict=True)
        items = [self._item(spec, item, join(path, step)) for step, item in steps]
        return FAILED if FAILED in items else tuple(items)

    def _item(self, spec: type[Spec], node: Node, path: str) -> Value:
        if node.value is None or node.is_mapping:
            return self.spec(spec, node, path, node.location)
        expected = f"a mapping with {one_of(spec.model_fields, 'and')}"
        return self._fail(replace(messages.not_a_mapping(node, path, ""), expected=expected))

    def _plain(self, spec: type[Spec], name: str, node: Node) -> Any:
        """The field's plain value; text from the environment becomes a number or boolean where text is not wanted."""
        value = _with_late(node)
        if isinstance(value, EnvText):
            schema = spec.field_schema(name)
            try:
                return fit(value, schema)
            except Mismatch:
                return value
        return value

    def construct(
        self, spec: type[Spec], values: dict[str, Value], node: Node, path: str, at: Location, owner: str
    ) -> Any:
        """The spec made of values that are read, or `None`; those that failed are left out."""
        read = {key: value for key, value in values.items() if value is not FAILED}
        late = {key: value for key, value in read.items() if holds_late(value)}
        given = {key: value for key, value in read.items() if key not in late}
        try:
            return spec.model_validate(given).model_copy(update=late)
        except ValidationError as error:
            skipped = values.keys() - given.keys()
            details = [each for each in error.errors() if not skipped.intersection(each["loc"][:1])]
            self.problems.add(*messages.from_pydantic(spec, details, node, path, owner, at))
            return spec.model_construct(**given, **late) if not details else None

    def _expectations(self, node: Node, path: str) -> Any:
        if not node.is_mapping:
            return self._fail(messages.not_a_mapping(node, path, ""))
        if len(node.value) > limits.COMPONENTS:
            return self._fail(messages.too_many(node, path))
        parsed = {}
        for metric, bound in node.value.items():
            expected = Expectation.parse(metric, bound.value) if isinstance(bound.value, str) else None
            if expected is None:
                self.problems.describe(bound.location, messages.not_a_bound, bound, join(path, metric))
            else:
                parsed[metric] = expected
                expected.place(node.key_location(metric), join(path, metric))
        return parsed

    # ---- components

    def _slot(self, slot: Slot, node: Node, path: str) -> Any:
        if slot.plain and not component_names(node):
            return _with_late(node)
        if slot.by_output and _is_by_output(node) and not self._is_called_with_arguments(slot, node):
            return self._by_output(Slot(slot.kinds, slot.many), node, path)
        if not slot.many:
            return self.component(slot.kinds, node, path, slot.beside)
        if not node.is_list:
            return self._fail(messages.not_a_list(node, path, slot.kinds))
        if len(node.value) > limits.COMPONENTS:
            return self._fail(messages.too_many(node, path))
        steps = zip(item_steps(node.value), node.value, strict=True)
        items = [self.component(slot.kinds, item, join(path, step)) for step, item in steps]
        return FAILED if FAILED in items else tuple(items)

    def _is_called_with_arguments(self, slot: Slot, node: Node) -> bool:
        """Whether it is an identifier with arguments, `{mse: {}}`, rather than an output with its component."""
        [key, *others] = node.value
        body = node.value[key]
        is_plain = body.is_mapping and not component_names(body)
        return is_plain and not others and any(_is_identifier(kind, key) for kind in slot.kinds)

    def _by_output(self, slot: Slot, node: Node, path: str) -> Any:
        """A mapping of outputs to what the slot takes for each; an output without a loss is null."""
        found = {}
        for key, value in node.value.items():
            left_out = value.value is None and not slot.many
            found[key] = None if left_out else self._slot(slot, value, join(path, key))
        return FAILED if FAILED in found.values() else found

    def component(
        self, kinds: tuple[str, ...], node: Node, path: str, beside: Mapping[str, Mapping[str, Value]] = _NOTHING
    ) -> Any:
        """The component that `node` describes, of one of `kinds`, with those keys of `beside` that are beside it."""
        function = self._function(kinds, node, path)
        if function is not None:
            return function
        names = component_names(node)
        if len(names) > 1:
            return self._fail(messages.two_components(kinds, node, names, path))
        if not names and not self._is_identifier(kinds, node):
            return self._fail_with(node.location, messages.not_a_component, kinds, node, path)
        name = names[0] if names else node.value
        misplaced = [key for key in node.value if key != name and key not in beside] if node.is_mapping else []
        if misplaced and (not names or name in known_names(kinds)):  # else that the name is unknown is reported
            known = tuple(beside)
            self._fail(*[messages.beside_component(kinds, name, node, key, path, known) for key in misplaced])
            if not beside:
                return FAILED
        if not names:
            kind = next(kind for kind in kinds if _is_identifier(kind, name))
            return KerasComponent(kind, name, {}, node.location, path)
        found = self._named(kinds, name, node, path)
        if node.is_mapping and len(node.value) > 1:
            found = self._with_beside(found, beside, node, path)
        return FAILED if misplaced else found

    def _function(self, kinds: tuple[str, ...], node: Node, path: str) -> Any:
        """The user's function in place of a component of one of `kinds`; `None` if `node` names none."""
        found = function_for(kinds, node.value) if isinstance(node.value, str) else None
        if found is None:
            return None
        kind, function = found
        problem = misfit(kind, function)
        if problem is not None:
            return self._fail(messages.unfit_function(*problem, node, path))
        return KerasComponent(kind, function.name, {}, node.location, path)

    def _with_beside(self, found: Any, schemas: Mapping[str, Mapping[str, Value]], node: Node, path: str) -> Any:
        """The component with what is beside it; null is as if it were not there."""
        written = {key: node.value[key] for key in schemas if key in node.value and node.value[key].value is not None}
        read = {key: self._plain_beside(key, value, schemas[key], join(path, key)) for key, value in written.items()}
        if FAILED in read.values() or not isinstance(found, KerasComponent):
            return FAILED
        return replace(found, beside=read, beside_locations={key: value.location for key, value in written.items()})

    def _plain_beside(self, key: str, node: Node, schema: Mapping[str, Value], path: str) -> Any:
        inner = schema.get("additionalProperties")
        try:
            if inner is None or not node.is_mapping or not node.value:
                return fit(_with_late(node), schema if inner is None or (node.is_mapping and node.value) else _NEVER)
        except Mismatch:
            return self._fail(messages.bad_value_beside(key, schema, node, path))
        each = {
            name: self._plain_beside(f"{key}.{name}", value, inner, join(path, name))
            for name, value in node.value.items()
        }
        return FAILED if FAILED in each.values() else each

    def _named(self, kinds: tuple[str, ...], name: str, node: Node, path: str) -> Any:
        for kind in every_kind(kinds):
            if name == "Op" and kind == "node":
                return self._op(node, path)
            if kind in REGISTRIES:
                spec = REGISTRIES[kind].get(name)
                if spec is not None:
                    return self.spec(spec, arguments_of(node), path, node.keys.get(name, node.location), name)
            elif (entry := catalog.find(kind, name)) is not None:
                if name in messages.REFUSED:
                    return self._fail(messages.refused(name, node, path))
                return self._from_catalog(entry, arguments_of(node), node.keys.get(name, node.location), path)
        return self._fail_with(node.location, messages.unknown_component, kinds, name, node, path)

    def _op(self, node: Node, path: str) -> Any:
        """A function of keras.ops: its arguments stand beside `op`."""
        arguments = arguments_of(node)
        if not arguments.is_mapping:
            return self._fail(messages.not_a_mapping(arguments, path, "Op"))
        written = arguments.value.get("op") or arguments.value.get("name")
        entry = catalog.find("op", written.value) if written is not None and isinstance(written.value, str) else None
        if entry is None:
            return self._fail(unknown_op(written, node, path))
        others = arguments.without("op").without("name")
        found = self._from_catalog(entry, others, node.keys.get("Op", node.location), path)
        return (
            found if isinstance(found, Failed) else replace(found, arguments={**found.arguments, **_name_of(arguments)})
        )

    @staticmethod
    def _is_identifier(kinds: tuple[str, ...], node: Node) -> bool:
        return isinstance(node.value, str) and any(_is_identifier(kind, node.value) for kind in kinds)

    def _from_catalog(self, entry: catalog.Entry, arguments: Node, location: Location, path: str) -> Any:
        if not arguments.is_mapping:
            return self._fail(messages.arguments_not_a_mapping(entry, arguments, path))
        before = self.problems.reported
        values: dict[str, Value] = {}
        for key, value in arguments.value.items():
            parameter = entry.parameter(key)
            if parameter is None:
                place = arguments.key_location(key)
                self.problems.describe(place, messages.unknown_argument, entry, arguments, key, join(path, key))
            else:
                values[key] = self._argument(entry, parameter, value, join(path, key))
        missing = self._missing(entry, arguments)
        if missing and entry.kind != "op":  # an op takes the outputs that `from:` names first
            self.problems.describe(location, messages.missing_arguments, entry, missing, location, path)
        if self.problems.reported > before:
            return FAILED
        places = {key: value.location for key, value in arguments.value.items()}
        return KerasComponent(entry.kind, entry.name, values, location, path, dict(arguments.keys), places)

    def _missing(self, entry: catalog.Entry, arguments: Node) -> list[str]:
        """The required arguments that are not written, not even misspelled."""
        given = arguments.value
        missing = [each.name for each in entry.parameters if each.required and each.name not in given]
        unknown = [key for key in given if entry.parameter(key) is None] if missing else []
        if unknown and self.problems.is_full:
            return []  # it may be one of those, which are reported
        meant = messages.meant_by(unknown, entry.parameter_names)
        return [name for name in missing if name not in meant]

    def _argument(self, entry: catalog.Entry, parameter: catalog.Parameter, node: Node, path: str) -> Any:
        """One argument of a Keras component: a plain value, a component, or a list of them."""
        kinds = parameter.kinds
        if entry.reads_file(parameter.name, node.value):
            return str(from_folder(node.location.source.directory, node.value))
        if kinds and node.is_list and accepts(parameter.schema, []):
            return [self.component(kinds, item, join(path, i)) for i, item in enumerate(node.value)]
        if kinds and node.is_mapping and not component_names(node) and accepts(parameter.schema, {}):
            return {key: self.component(kinds, item, join(path, key)) for key, item in node.value.items()}
        if kinds and self._looks_like_component(kinds, node):
            return self.component(kinds, node, path)
        if parameter.takes_function and (function := self._function((OF_A_TENSOR,), node, path)) is not None:
            return function
        try:
            value = fit_argument(_with_late(node), parameter.schema)
        except Mismatch:
            return self._fail_with(node.location, messages.bad_argument, entry, parameter, node, path)
        if parameter.schema.get("format") == catalog.FORMULA and isinstance(value, str):
            problems = [messages.bad_formula(problem, node, path) for problem in formula_problems(value)]
            return self._fail(*problems) if problems else value
        return value

    def _looks_like_component(self, kinds: tuple[str, ...], node: Node) -> bool:
        is_function = isinstance(node.value, str) and function_for(kinds, node.value) is not None
        return is_function or bool(component_names(node)) or self._is_identifier(kinds, node) or node.is_mapping

    def _fail(self, *problems: Diagnostic) -> Failed:
        self.problems.add(*problems)
        return FAILED

    def _fail_with(self, place: Location, words: Callable[..., Diagnostic], *args: object) -> Failed:
        self.problems.describe(place, words, *args)
        return FAILED


def _is_by_output(node: Node) -> bool:
    """Whether it maps outputs to components: its keys are spelled like outputs, not like a component."""
    return node.is_mapping and bool(node.value) and not any(key[:1].isupper() for key in node.value)


def _name_of(arguments: Node) -> dict[str, Value]:
    name = arguments.value.get("name")
    return {} if name is None or name.value is None else {"name": name.value}


@dataclass
class _Absent:
    """Stands for a field that was removed with `null`."""


_ABSENT = _Absent()


def _is_identifier(kind: str, word: str) -> bool:
    return kind not in REGISTRIES and catalog.stands_for(kind, word) is not None


def _is_gone(spec: type[Spec], key: str, value: Node) -> bool:
    """Whether it is an argument of an older Keras that is given null, its default there."""
    return value.value is None and key in getattr(spec, "removed", {})


def _absolute(node: Node) -> Any:
    """A path to read, or a mapping of them, made absolute from where each is written."""
    if node.is_mapping:
        return {key: _absolute(child) for key, child in node.value.items()}
    return (
        str(from_folder(node.location.source.directory, node.value))
        if isinstance(node.value, str)
        else _with_late(node)
    )


def _with_late(node: Node) -> Any:
    """The node's plain value, with `Late` values kept as such."""
    if node.is_mapping:
        return {key: _with_late(child) for key, child in node.value.items()}
    if node.is_list:
        return [_with_late(item) for item in node.value]
    return node.value
