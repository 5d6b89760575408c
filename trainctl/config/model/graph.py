"""The model as a flat list of nodes, each with what it takes: what blocks, groups and repeats are unrolled to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from trainctl.aliases import Value
from trainctl.components.nodes.model import Graph
from trainctl.config.component import Layer
from trainctl.diagnostics import Location


@dataclass(frozen=True, slots=True)
class Ref:
    """A node's output, or a part of it.

    Args:
        node: The node's name, or an input's.
        steps: Into several outputs: by index, or by name.
    """

    node: str
    steps: tuple[int | str, ...] = ()

    def step(self, step: str) -> Ref:
        """Return the part `step` of it."""
        return Ref(self.node, (*self.steps, int(step) if step.isdigit() else step))

    def __str__(self) -> str:
        return ".".join(map(str, (self.node, *self.steps)))


@dataclass(frozen=True, slots=True)
class OutputRef(Ref):
    """What an output of the model is, and which label it learns.

    Args:
        label: The label columns, or the array of labels; empty where they are called as the output is.
    """

    label: tuple[str, ...] = ()


Taken = Ref | tuple[Ref, ...]
"""One output, or a list of them."""


@dataclass(frozen=True, slots=True)
class Freeze:
    """Which layers of a backbone are not trained.

    Args:
        patterns: Their names, with the wildcards `*` and `?`.
        until: All layers up to this one, by name.
        location: Where it is written.
    """

    patterns: tuple[str, ...] = ()
    until: str | None = None
    location: Location | None = field(default=None, compare=False)


def meets(path: str, pattern: str) -> bool:
    """Return whether the pattern is for the layer at this path: for all of it, or its name alone."""
    return fnmatchcase(path, pattern) or fnmatchcase(path.rpartition("/")[2], pattern)


@dataclass(frozen=True, slots=True)
class GraphNode:
    """One call of one layer.

    Args:
        name: Its name and its layer's: `dense`, or `stage_1.conv` within a block.
        takes: What it is called on.
        component: The layer that it makes; `None` if it makes none: `reuse`, and the sum of a residual branch, which
            takes the branch and the shortcut.
        reuse: The node whose layer is called again.
        call: Further call arguments by name, with a `Ref` for each tensor.
        freeze: What of the layer is not trained.
        preprocess: Whether a backbone brings pixels of 0-255 to the range that it was made for.
        location: Where it is written.
        path: Its setting in `--set` spelling.
    """

    name: str
    takes: Taken
    component: Layer | None = None
    reuse: str | None = None
    call: Mapping[str, Value] = field(default_factory=dict)
    freeze: Freeze | None = None
    preprocess: bool = True
    location: Location | None = None
    path: str = ""

    @property
    def is_sum(self) -> bool:
        """Whether it adds a residual branch to its shortcut."""
        return self.component is None and self.reuse is None

    def refs(self) -> Iterator[Ref]:
        """Yield every output that it takes, as call arguments too."""
        yield from refs_in(self.takes)
        yield from refs_in(self.call)


def last_output(model: Graph) -> Ref | None:
    """Return the only output of a graph: the one that is named, else the last node; `None` if it has several."""
    if model.outputs:
        return next(iter(model.outputs.values())) if len(model.outputs) == 1 else None
    return Ref(model.layers[-1].name) if model.layers else None


def refs_in(value: Value) -> Iterator[Ref]:
    """Yield every `Ref` in a value."""
    match value:
        case Ref():
            yield value
        case Mapping():
            yield from refs_in(tuple(value.values()))
        case list() | tuple():
            for each in value:
                yield from refs_in(each)
