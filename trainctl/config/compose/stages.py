"""Stages: each laid over the top level by the rules of `extends`, then interpolated by itself.

So `${fit.epochs}` in a callback of the top level is, in a stage, the stage's, as it would be in a file that extends another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from trainctl.aliases import Value
from trainctl.config.compose.extends import overlay, with_callback_list
from trainctl.config.compose.interpolate import interpolate
from trainctl.config.compose.paths import item_steps, join
from trainctl.config.text.nodes import Node
from trainctl.errors import ConfigError

STAGES = "stages"
_WHOLE = ("compile", "fit", "callbacks")
"""The sections of a stage that are the top level's with what the stage changes."""
_BEGINS = "initial_epoch"
"""What the top level's `fit` says of the first stage, and of no other."""


def interpolated(
    tree: Node,
    environ: Mapping[str, str],
    facts: Mapping[str, Value] | None = None,
    facts_of_stages: Sequence[Mapping[str, Value]] = (),
) -> Node:
    """The tree with every `${…}` replaced by its value, and each stage with all that it takes from the top level.

    Args:
        tree: The composed tree, overrides applied.
        environ: The environment variables for `${env:NAME}`.
        facts: Values for the late `data.*` references; `None` leaves them `Late`.
        facts_of_stages: The same for each stage; empty if those of the top level are everyone's.

    Raises:
        ConfigError: References to nothing, circles, unset variables; a stage amends callbacks that are not there.
    """
    found = interpolate(tree, environ, facts)
    stages = found.value.get(STAGES)
    if stages is None or not stages.is_list:
        return found
    written = tree.value[STAGES]
    items = list(written.value) if written.is_list else stages.value  # else the list comes from elsewhere
    every_facts: Sequence[Mapping[str, Value] | None] = facts_of_stages or [facts] * len(items)
    laid = []
    for step, item, known, of_stage in zip(item_steps(stages.value), items, stages.value, every_facts, strict=True):
        given = item if item.is_mapping else known
        laid.append(_laid(tree, given, known, environ, of_stage, join(STAGES, step)) if known.is_mapping else known)
    return found.with_entry(STAGES, replace(stages, value=laid), found.key_location(STAGES))


def _laid(
    tree: Node,
    given: Node,
    known: Node,
    environ: Mapping[str, str],
    facts: Mapping[str, Value] | None,
    path: str,
) -> Node:
    """A stage with the top level's values where it gives none.

    Args:
        tree: The composed tree.
        given: The stage as it is written.
        known: The same, interpolated.
        environ: For `${env:NAME}`.
        facts: For the late references.
        path: The stage's path.
    """
    over = {key: node for key, node in given.value.items() if key in _WHOLE}
    data = given.value.get("data")
    if data is not None and data.is_mapping and "batch_size" in data.value:
        over["data"] = replace(data, value={"batch_size": data.value["batch_size"]})
    try:
        whole = with_callback_list(overlay(tree, Node(over, given.location, dict(given.keys))))
    except ConfigError as error:
        error.diagnostics = tuple(replace(each, path=join(path, each.path)) for each in error.diagnostics)
        raise
    found = interpolate(whole, environ, facts, sections=(*_WHOLE, "data"))
    stage = known
    for key in _WHOLE:
        if key in found.value:
            place = given.keys[key] if key in given.value else tree.key_location(key)
            stage = stage.with_entry(key, _without_begin(found.value[key], key, given), place)
    size = found.value["data"].value.get("batch_size") if _is_mapping(found.value.get("data")) else None
    own = known.value.get("data", Node({}, known.location))
    if size is None or not (own.is_mapping or own.value is None):
        return stage
    own = own if own.is_mapping else Node({}, own.location)
    return stage.with_entry("data", own.with_entry("batch_size", size), stage.key_location("data"))


def _without_begin(section: Node, key: str, given: Node) -> Node:
    """The section without what only the first stage takes from the top level; what the stage itself says is checked."""
    own = given.value.get(key)
    is_own = _is_mapping(own) and _BEGINS in own.value
    return section.without(_BEGINS) if key == "fit" and section.is_mapping and not is_own else section


def _is_mapping(node: Node | None) -> bool:
    return node is not None and node.is_mapping


def each_laid(tree: Node) -> Iterator[tuple[str, Node]]:
    """Yield the path of each stage, and the tree as if that stage were the whole experiment; the tree itself without stages.

    Args:
        tree: The interpolated tree.
    """
    stages = tree.value.get(STAGES) if tree.is_mapping else None
    if stages is None or not stages.is_list or not stages.value:
        yield "", tree
        return
    for step, stage in zip(item_steps(stages.value), stages.value, strict=True):
        whole = tree
        for key in (*_WHOLE, "data") if stage.is_mapping else ():
            node = stage.value.get(key)
            if node is not None and key == "data" and _is_mapping(tree.value.get(key)) and node.is_mapping:
                node = replace(tree.value[key], value={**tree.value[key].value, **node.value})
            if node is not None:
                whole = whole.with_entry(key, node, stage.key_location(key))
        yield join(STAGES, step), whole
