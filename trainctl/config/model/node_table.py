"""The nodes of a model as lines of a table: names that were given automatically too, models within it indented."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from trainctl.components.nodes.model import Graph
from trainctl.config.component import KerasComponent
from trainctl.config.model.graph import GraphNode, refs_in
from trainctl.config.model.section import INPUT


@dataclass(frozen=True, slots=True)
class NodeLine:
    """One node.

    Args:
        name: Its name in its model.
        within: The names of the models around it, outermost first.
        component: What it is: `Dense`, `Op: mean`, `Input`.
        takes: What it is called on, by name; call arguments too.
        shares: The node whose layer it calls again; `None` if it has one of its own.
    """

    name: str
    within: tuple[str, ...]
    component: str
    takes: tuple[str, ...] = ()
    shares: str | None = None

    @property
    def path(self) -> tuple[str, ...]:
        """Its name with those of the models around it."""
        return (*self.within, self.name)


def node_lines(model: Graph, within: tuple[str, ...] = ()) -> Iterator[NodeLine]:
    """Yield a line for each input and node of a model, in their order, those of a model within it behind it.

    Args:
        model: The model, blocks and repeats unrolled.
        within: The names of the models around it.
    """
    yield from (NodeLine(name, within, "Input") for name in model.inputs or (INPUT,))
    for node in model.layers:
        takes = tuple(dict.fromkeys(str(ref) for ref in (*refs_in(node.takes), *refs_in(node.call))))
        yield NodeLine(node.name, within, _word(node), takes, node.reuse)
        if isinstance(node.component, Graph):
            yield from node_lines(node.component, (*within, node.name))


def _word(node: GraphNode) -> str:
    """Return what a node is."""
    match node.component:
        case None:
            return "Add" if node.is_sum else "reuse"
        case KerasComponent(kind="op", name=name):
            return f"Op: {name}"
        case KerasComponent(name=name):
            return name
    return str(node.component.name_in_yaml)
