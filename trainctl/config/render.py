"""Experiment → text: the resolved experiment as YAML that validates and runs to the same numbers."""

from __future__ import annotations

from typing import Any

import yaml

from trainctl.config.fill import filled
from trainctl.config.load import Loaded
from trainctl.config.nodes import Node
from trainctl.config.scalars import parse_scalar


class _Dumper(yaml.SafeDumper):
    """Writes what our loader reads back as the same value: quotes are decided by YAML 1.2."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    looks_otherwise = not isinstance(parse_scalar(text), str)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if looks_otherwise else None)


_Dumper.add_representer(str, _text)


def to_yaml(value: Any, width: float = 100) -> str:
    """`value` as YAML in block style, keys in their order; longer text is folded at `width` characters."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=width, default_flow_style=False)


def resolved_yaml(loaded: Loaded, seed: int) -> str:
    """Everything filled in: defaults, seed, absolute input paths. Secrets and late facts stay `${…}`."""
    values = written(filled(loaded.resolved, loaded.name))
    return to_yaml({**values, "seed": seed})


def written(node: Node) -> Any:
    """The node's value as it goes to disk and screen: secrets and late facts as they were written."""
    if node.secret or node.is_late:
        return node.raw
    if node.is_mapping:
        return {key: written(child) for key, child in node.value.items()}
    if node.is_list:
        return [written(item) for item in node.value]
    return str(node.value).replace("${", "$${") if isinstance(node.value, str) else node.value
