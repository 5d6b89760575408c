"""Names of nodes: what `from:` can name where it stands, and the names that nodes get which have none."""

from __future__ import annotations

from dataclasses import dataclass, field

from trainctl.catalog import snake_case
from trainctl.config.model.graph import Ref, Taken
from trainctl.config.text.nodes import Node, arguments_of, component_name


@dataclass(frozen=True, slots=True)
class Named:
    """What a name means.

    Args:
        result: What comes out of it: several outputs where it is what a block is given.
        layer: The node whose layer it is, for `reuse:`; `None` if it is not a layer.
        inner: What its dotted names mean, where it is a block.
        branches: The names of its branches, where it is made by `each:`.
    """

    result: Taken
    layer: str | None = None
    inner: Scope | None = None
    branches: tuple[str, ...] = ()


@dataclass
class Scope:
    """The names of one list of layers.

    Args:
        prefix: What comes before each name of it in the whole model: `stage_1.` within a block.
        previous: What a layer without `from:` takes; `None` if there is no one such thing.
        names: The names that are known so far.
        taken: The names that are written anywhere in the list, and those that were made.
        counts: How far each name that was made has been counted up.
    """

    prefix: str
    previous: Taken | None
    names: dict[str, Named] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)

    def made_up(self, base: str) -> str:
        """Return a name that nothing has: `base`, `base_1`, … as Keras counts, but within this list only."""
        count = self.counts.get(base, 0)
        name = f"{base}_{count}" if count else base
        while name in self.taken:
            count += 1
            name = f"{base}_{count}"
        self.counts[base] = count
        self.taken.add(name)
        return name

    def find(self, text: str) -> Named | None:
        """Return what `encoder`, `encoder.1` or `stage.conv` means; `None` if it means nothing."""
        first, *steps = text.split(".")
        found = self.names.get(first)
        for step in steps:
            if found is None:
                return None
            found = _stepped(found, step)
        return found


def _stepped(named: Named, step: str) -> Named | None:
    if named.inner is not None and step in named.inner.names:
        return named.inner.names[step]
    if isinstance(named.result, Ref):
        return Named(named.result.step(step))
    index = int(step) if step.isdigit() else len(named.result)
    return Named(named.result[index]) if index < len(named.result) else None


def automatic_name(item: Node, block: str | None) -> str:
    """Return the base of the name for an item that has none: what it is, in Keras's spelling."""
    name = component_name(item)
    if name is None:
        keys = item.value if item.is_mapping else {}
        reused = keys.get("reuse")
        group = "residual" if "residual" in keys else "group"
        return block or (f"{reused.value}_again".replace(".", "_") if reused is not None else group)
    op = arguments_of(item).value.get("op") if name == "Op" and arguments_of(item).is_mapping else None
    return op.value if op is not None and isinstance(op.value, str) else snake_case(name)


def written_name(item: Node, block: str | None) -> Node | None:
    """Return the `name` that is written: among the arguments, or beside `reuse:` and `layers:`."""
    if component_name(item) is not None:
        holder = arguments_of(item)
    else:
        holder = item.value[block] if block and item.is_mapping else item
    name = holder.value.get("name") if holder.is_mapping else None
    return name if name is not None and name.value is not None else None
