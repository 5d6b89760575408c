"""A component that Keras describes, as the experiment holds it: its name and its checked arguments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from trainctl.aliases import Value
from trainctl.components.spec import NodeSpec
from trainctl.config.text.nodes import Late
from trainctl.diagnostics import Location


@dataclass(frozen=True, slots=True)
class KerasComponent:
    """A component that Keras describes: a layer, an optimizer, a loss …

    Args:
        kind: Which kind it is, such as `layer`.
        name: Its name in Keras, such as `Dense`, or the lower-case identifier that was written.
        arguments: Its arguments: plain values and further components.
        location: Where it is written.
        path: Its setting in `--set` spelling.
        argument_locations: Where each argument's name is written.
        value_locations: Where each argument's value is written.
        beside: What is beside it, by key.
        beside_locations: Where each of these values is written.
    """

    kind: str
    name: str
    arguments: Mapping[str, Value] = field(default_factory=dict)
    location: Location | None = None
    path: str = ""
    argument_locations: Mapping[str, Location] = field(default_factory=dict)
    value_locations: Mapping[str, Location] = field(default_factory=dict)
    beside: Mapping[str, Value] = field(default_factory=dict)
    beside_locations: Mapping[str, Location] = field(default_factory=dict)

    @property
    def is_identifier(self) -> bool:
        """Whether it is one of the lower-case words that Keras accepts as text, such as `adam`."""
        return not self.name[:1].isupper()


def walk_components(value: Value) -> Iterator[KerasComponent]:
    """Yield every Keras component in `value`, outer before inner."""
    match value:
        case KerasComponent():
            yield value
            yield from walk_components(value.arguments)
        case Mapping():
            yield from walk_components(tuple(value.values()))
        case list() | tuple():
            for each in value:
                yield from walk_components(each)


BESIDE_OPTIMIZER: Mapping[str, Mapping[str, Value]] = {
    "exclude": {
        "description": "Variables without weight decay: patterns (regular expressions) found in their names, or, with a /, "
        "in their paths.",
        "type": "array",
        "items": {"type": "string"},
        "minItems": 1,
    },
    "learning_rate_multiplier": {
        "description": "Patterns of layer names, each with the factor of the learning rate for the layers that it matches.",
        "type": "object",
        "additionalProperties": {"type": "number", "exclusiveMinimum": 0},
        "minProperties": 1,
    },
}
"""The keys that may be beside the optimizer of `compile:`."""

Layer: TypeAlias = KerasComponent | NodeSpec
"""What makes a node of the model: a layer, an application or a function of Keras, or a spec of ours."""

Settled: TypeAlias = KerasComponent | Late
"""A component, or the `${data.…}` that becomes one once the data is loaded."""

Losses: TypeAlias = Settled | Mapping[str, Settled | None]
"""One loss for all outputs, or one for each; `None` if an output has none."""

Metrics: TypeAlias = tuple[Settled, ...] | Mapping[str, tuple[Settled, ...]] | Late
"""Metrics for all outputs, or for each."""
