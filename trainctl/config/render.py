"""Experiment → text: the resolved experiment as YAML that validates and runs to the same numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from trainctl.aliases import Value
from trainctl.config.compose.paths import item_step, join
from trainctl.config.fill import filled
from trainctl.config.load import Loaded
from trainctl.config.text.nodes import Node, arguments_of, component_name
from trainctl.config.text.scalars import parse_scalar


class _Dumper(yaml.SafeDumper):
    """Writes what our loader reads back as the same value: quotes are decided by YAML 1.2."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    looks_otherwise = not isinstance(parse_scalar(text), str)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if looks_otherwise else None)


_Dumper.add_representer(str, _text)


def to_yaml(value: Value, width: float = 100) -> str:
    """`value` as YAML in block style, keys in their order; longer text is folded at `width` characters."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=width, default_flow_style=False)


def resolved_yaml(loaded: Loaded, seed: int) -> str:
    """Everything filled in: defaults, seed, absolute input paths. Secrets and late facts stay `${…}`."""
    values = written(filled(loaded.resolved, loaded.name))
    return to_yaml({**values, "seed": seed})


def written(node: Node) -> Value:
    """The node's value as it goes to disk and screen: secrets and late facts as they were written."""
    if node.secret or node.is_late:
        return node.raw
    if node.is_mapping:
        return {key: written(child) for key, child in node.value.items()}
    if node.is_list:
        return [written(item) for item in node.value]
    return str(node.value).replace("${", "$${") if isinstance(node.value, str) else node.value


def flat_settings(loaded: Loaded, seed: int) -> dict[str, Value]:
    """The resolved experiment for anybody's eyes, by `--set` path: `{"compile.optimizer": "Adam", …}`; secrets as written."""
    return {**dict(_flat(filled(loaded.resolved, loaded.name), "")), "seed": seed}


def _flat(node: Node, path: str) -> Iterator[tuple[str, Value]]:
    name = component_name(node) if path and node.is_mapping else None
    if name is not None and arguments_of(node).is_mapping:
        arguments = arguments_of(node).value
        if not arguments or path.rsplit(".", 1)[-1] != name:
            yield path, name
        for key, child in {**arguments, **{key: node.value[key] for key in node.value if key != name}}.items():
            yield from _flat(child, join(path, key))
    elif node.is_mapping:
        for key, child in node.value.items():
            yield from _flat(child, join(path, key))
    elif node.is_list and any(item.is_mapping for item in node.value):
        for index, item in enumerate(node.value):
            yield from _flat(item, join(path, item_step(node.value, index)))
    else:
        yield path, node.public()
