"""Experiment → text: the resolved experiment as YAML that validates and runs to the same numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import cast

import yaml

from trainctl.aliases import Value
from trainctl.config.compose.interpolate import escaped
from trainctl.config.compose.paths import item_steps, join
from trainctl.config.fill import filled
from trainctl.config.load import Loaded
from trainctl.config.text.nodes import Node, arguments_of, component_name
from trainctl.config.text.scalars import parse_scalar


class _Dumper(yaml.SafeDumper):
    """Writes what our loader reads back as the same value: quotes are decided by YAML 1.2."""

    def ignore_aliases(self, _data: Value) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    looks_otherwise = not isinstance(parse_scalar(text), str)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if looks_otherwise else None)


_Dumper.add_representer(str, _text)


def to_yaml(value: Value, width: float = 100) -> str:
    """`value` as YAML in block style, keys in their order; longer text is folded at `width` characters."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=width, default_flow_style=False)


def on_one_line(value: Value) -> str:
    """Return a value as YAML on one line: text with line breaks as JSON writes it."""
    if isinstance(value, str) and "\n" in value:
        return json.dumps(value, ensure_ascii=False)
    return to_yaml(value, math.inf).removesuffix("\n").removesuffix("\n...")


def resolved_yaml(loaded: Loaded, seed: int | None) -> str:
    """Everything filled in: defaults, seed, absolute input paths. Secrets and late facts stay `${…}`."""
    values = written(filled(loaded.resolved, loaded.name))
    return to_yaml({**values, "seed": seed})


def written(node: Node) -> Value:
    """Return the node's value as it goes to disk and screen: secrets and late facts as they were written."""
    if node.secret or node.is_late:
        return node.raw
    if node.is_mapping:
        return {key: written(child) for key, child in node.value.items()}
    if node.is_list:
        return [written(item) for item in node.value]
    return escaped(node.value)


def flat_settings(loaded: Loaded, seed: int) -> dict[str, Value]:
    """The resolved experiment for anybody's eyes, by `--set` path: `{"compile.optimizer": "Adam", …}`; secrets as written."""
    nodes = flat_nodes(filled(loaded.resolved, loaded.name))
    return {**{path: node.public() for path, node in nodes}, "seed": seed}


def flat_nodes(node: Node, path: str = "") -> Iterator[tuple[str, Node]]:
    """Yield each value by its `--set` path; a component is its name, with its arguments below it."""
    if node.is_mapping:
        name = component_name(node) if path else None
        entries = node.value if name is None else _with_arguments(node, name)
        is_named = name is not None and entries is not node.value
        if is_named and (not arguments_of(node).value or path.rsplit(".", 1)[-1] != name):
            yield path, replace(node, value=name)
        for key, child in entries.items():
            yield from flat_nodes(child, join(path, key))
    elif node.is_list and any(item.is_mapping for item in node.value):
        for step, item in zip(item_steps(node.value), node.value, strict=True):
            yield from flat_nodes(item, join(path, step))
    else:
        yield path, node


def _with_arguments(node: Node, name: str) -> Mapping[str, Node]:
    """Return the component's arguments and what is beside it, as one mapping; as it is, where it has no arguments."""
    arguments = arguments_of(node)
    if not arguments.is_mapping:
        return cast("Mapping[str, Node]", node.value)
    return {**arguments.value, **{key: each for key, each in node.value.items() if key != name}}


def in_braces(value: Value) -> str:
    """Return a value as YAML on one line, mappings and lists in `{…}` and `[…]`."""
    if not isinstance(value, dict | list):
        return on_one_line(value)
    return yaml.dump(
        value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=math.inf, default_flow_style=True
    ).strip()
