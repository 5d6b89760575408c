"""The `model:` section, and each `Model` in it: its inputs, its nodes unrolled and checked, its outputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from trainctl.aliases import Value
from trainctl.components.nodes.model import Graph, Input
from trainctl.components.nodes.position_embedding import PositionEmbedding
from trainctl.components.nodes.weight import Weight
from trainctl.components.spec import NODES, Spec
from trainctl.config import messages
from trainctl.config.component import KerasComponent, Layer
from trainctl.config.compose.paths import join
from trainctl.config.messages import graph as words
from trainctl.config.model import wiring
from trainctl.config.model.expand import Expander, Item, TooLarge
from trainctl.config.model.graph import GraphNode, OutputRef, Ref
from trainctl.config.model.parameters import Values, substituted
from trainctl.config.model.scope import Named, Scope
from trainctl.config.text.nodes import Node, arguments_of, component_name
from trainctl.config.values import FAILED
from trainctl.diagnostics import Location, Problems

INPUT = "input"
"""What the only input is called where none is named."""


class Validator(Protocol):
    """What reading a model needs of the validator."""

    problems: Problems
    facts: Mapping[str, Value] | None

    def spec(self, spec: type[Spec], node: Node, path: str, at: Location, owner: str = "") -> Any:
        """Return the frozen spec that `node` describes."""

    def component(self, kinds: tuple[str, ...], node: Node, path: str) -> Any:
        """Return the component that `node` describes."""

    def construct(
        self, spec: type[Spec], values: dict[str, Value], node: Node, path: str, at: Location, owner: str
    ) -> Any:
        """Return the spec made of values that are read."""


@dataclass
class ModelReader:
    """Reads one graph.

    Args:
        validator: Reads components and specs, and collects problems.
        blocks: The blocks of the models around it.
        values: What `${params.…}` and `${repeat.…}` stand for around it.
    """

    validator: Validator
    blocks: Mapping[str, Node] = field(default_factory=dict)
    values: Values = field(default_factory=dict)

    def read(self, spec: type[Graph], node: Node, path: str, at: Location, owner: str = "") -> Any:
        """Return the graph that `node` describes, or `FAILED`."""
        problems = self.validator.problems
        before = problems.reported
        for key in node.value:
            if key not in spec.model_fields:
                problems.describe(node.key_location(key), messages.unknown_key, spec, node, key, path, owner)
        own = {key: each for key, each in node.value.items() if key in spec.model_fields and each.value is not None}
        blocks = {**self.blocks, **self._blocks(own.pop("blocks", None), join(path, "blocks"))}
        inputs = self._inputs(own.pop("inputs", None), join(path, "inputs"))
        layers, outputs = own.pop("layers", None), own.pop("outputs", None)
        values: dict[str, Value] = {key: substituted(each, self.values, problems).plain() for key, each in own.items()}
        if layers is not None:
            scope = _scope(inputs)
            values["layers"] = self._layers(layers, join(path, "layers"), scope, blocks)
            values["outputs"] = dict(self._outputs(outputs, join(path, "outputs"), scope))
        values["inputs"] = inputs
        result = self.validator.construct(spec, values, node, path, at, owner)
        if problems.reported > before or result is None:
            return FAILED
        result.place(at, path)
        return result

    def _inputs(self, written: Node | None, path: str) -> dict[str, Value]:
        if written is None or written.value in ({}, []):
            return {}
        entries: dict[str, Node] = dict(written.value) if written.is_mapping else {}
        for item in written.value if written.is_list else ():
            entries[str(item.value)] = Node(None, item.location)
        if not entries:
            self.validator.problems.add(words.not_names(written, path))
        for name, node in entries.items():
            problem = words.name_problem(
                Node(name, written.key_location(name) if written.is_mapping else node.location)
            )
            if problem:
                self.validator.problems.add(words.name_beside_column(problem, name))
        return {
            name: self.validator.spec(Input, node, join(path, name), written.keys.get(name, node.location))
            for name, node in entries.items()
        }

    def _blocks(self, written: Node | None, path: str) -> dict[str, Node]:
        if written is None:
            return {}
        if not written.is_mapping:
            self.validator.problems.add(messages.not_a_mapping(written, path, ""))
            return {}
        for name, node in written.value.items():
            self.validator.problems.add(*words.wrong_block(name, node, written.key_location(name), join(path, name)))
        return dict(written.value)

    def _layers(self, written: Node, path: str, scope: Scope, blocks: Mapping[str, Node]) -> Any:
        if not written.is_list:
            self.validator.problems.add(messages.not_a_list(written, path, ("layer",)))
            return FAILED
        before = self.validator.problems.reported
        expander = Expander(blocks, self.validator.problems, self.validator.facts)
        try:
            expander.layers(written, path, scope, self.values)
        except TooLarge:
            self.validator.problems.add(words.too_large(written, path))
            return FAILED
        nodes = [self._node(item, blocks) for item in expander.items]
        failed = any(node is FAILED for node in nodes) or self.validator.problems.reported > before
        return FAILED if failed else tuple(nodes)

    def _node(self, item: Item, blocks: Mapping[str, Node]) -> Any:
        bare = GraphNode(item.name, item.takes, None, item.reuse, item.call, location=item.location, path=item.path)
        if item.node is None:
            return bare
        if component_name(item.node) == "Model":
            reader = replace(self, blocks=blocks, values=item.values)
            component = reader.read(NODES.get("Model"), arguments_of(item.node), item.path, item.location, "Model")  # type: ignore[arg-type]
        else:
            unknown = words.unknown_block(item.node, blocks, item.path)
            self.validator.problems.add(*[unknown] if unknown else [])
            component = FAILED if unknown else self.validator.component(("layer",), item.node, item.path)
        if component is FAILED:
            return FAILED
        self._refuse(component, item)
        freeze = item.beside.get("freeze")
        preprocess = item.beside.get("preprocess")
        problems = self.validator.problems
        return replace(
            bare,
            component=component,
            location=getattr(component, "location", None) or getattr(component, "written_at", None) or bare.location,
            freeze=wiring.frozen(freeze, join(item.path, "freeze"), problems) if freeze else None,
            preprocess=preprocess is None or wiring.is_true(preprocess, join(item.path, "preprocess"), problems),
        )

    def _refuse(self, component: Layer, item: Item) -> None:
        """Report layers of Keras that a list cannot hold, and keys that have no meaning beside their component."""
        meaningless: tuple[str, ...] = ("preprocess",)
        match component:
            case KerasComponent(kind="layer" | "op"):
                if component.name in {"Input", "InputLayer"}:
                    self.validator.problems.add(words.input_as_layer(component))
                meaningless = ("freeze", "preprocess")
            case KerasComponent(kind="application"):
                meaningless = ()
            case Weight() | PositionEmbedding():
                meaningless = ("freeze", "preprocess")
        for key in meaningless:
            if key in item.beside:
                self.validator.problems.add(words.means_nothing(key, item.beside[key], item.path))

    def _outputs(self, written: Node | None, path: str, scope: Scope) -> Iterator[tuple[str, Value]]:
        if written is None:
            return
        if written.is_mapping:
            entries = list(written.value.items())
        else:
            entries = [(str(each.value), each) for each in (written.value if written.is_list else [written])]
        for name, node in entries:
            of_node, label = self._output(name, node, join(path, name))
            ref = wiring.resolved(
                substituted(of_node, self.values, self.validator.problems), path, scope, self.validator.problems
            )
            ref = OutputRef(ref.node, ref.steps, label) if label and isinstance(ref, Ref) else ref
            problem = words.name_problem(
                Node(name, written.key_location(name) if written.is_mapping else node.location)
            )
            self.validator.problems.add(*[problem] if problem else [])
            yield name, ref

    def _output(self, name: str, node: Node, path: str) -> tuple[Node, tuple[str, ...]]:
        """Return the node that an output is, as it is written, and the labels that it learns."""
        if not node.is_mapping:
            return node, ()
        for key, each in node.value.items():
            if key not in _OF_OUTPUT:
                self.validator.problems.add(words.unknown_key_of_output(key, node, join(path, key), _OF_OUTPUT))
            elif key != "from" and not _are_names(each):
                self.validator.problems.add(words.not_a_label(each, join(path, key)))
        found = next((node.value[key] for key in ("label", "array") if key in node.value), None)
        if found is None or not _are_names(found):
            label: tuple[str, ...] = ()
        else:
            label = tuple(each.value for each in found.value) if found.is_list else (found.value,)
        return node.value.get("from", Node(name, node.location)), label


_OF_OUTPUT = ("from", "label", "array")
"""The keys of an output that says more than its node."""


def _are_names(node: Node) -> bool:
    items = node.value if node.is_list else [node]
    return bool(items) and all(isinstance(each.value, str) for each in items)


def _scope(inputs: Mapping[str, Value]) -> Scope:
    """Return the names that the first layer sees: those of the inputs, or `input`."""
    names = list(inputs) or [INPUT]
    previous = Ref(names[0]) if len(names) == 1 else None
    return Scope("", previous, {name: Named(Ref(name)) for name in names}, set(names))
