"""Experiment → text: the resolved experiment as YAML that validates and runs to the same numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from trainctl.components.base import CALLBACKS, SOURCES, Spec
from trainctl.components.fields import InputPath
from trainctl.config.experiment import SECTIONS, Experiment
from trainctl.config.load import Loaded
from trainctl.config.nodes import Node, arguments_of, component_name
from trainctl.config.scalars import parse_scalar


class _Dumper(yaml.SafeDumper):
    """Writes what our loader reads back as the same value: quotes are decided by YAML 1.2."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    looks_otherwise = not isinstance(parse_scalar(text), str)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if looks_otherwise else None)


_Dumper.add_representer(str, _text)


def to_yaml(value: Any) -> str:
    """`value` as YAML in block style, keys in their order."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100, default_flow_style=False)


def resolved_yaml(loaded: Loaded, seed: int) -> str:
    """Everything filled in: defaults, seed, absolute input paths. Secrets and late facts stay `${…}`."""
    return to_yaml(resolved_values(loaded, seed))


def resolved_values(loaded: Loaded, seed: int | None) -> dict[str, Any]:
    """The experiment as plain values, defaults of sections, callbacks and data sources filled in."""
    root = loaded.resolved
    values: dict[str, Any] = {}
    for key in Experiment.model_fields:
        node = root.value.get(key)
        if key in SECTIONS:
            values[key] = _with_defaults(SECTIONS[key], node)
        elif node is not None and node.value is not None:
            values[key] = _component_list(node) if key == "callbacks" and node.is_list else _written(node)
    return {"name": loaded.name, **values, "seed": seed} if seed is not None else {"name": loaded.name, **values}


def _with_defaults(spec: type[Spec], node: Node | None) -> dict[str, Any]:
    given: Mapping[str, Node] = node.value if node is not None and node.is_mapping else {}
    values: dict[str, Any] = {}
    for name, info in spec.model_fields.items():
        if name in given and not (given[name].value is None and info.default is not None):
            is_source = spec is SECTIONS["data"] and name in {"source", "offline"}
            paths = any(isinstance(mark, InputPath) for mark in info.metadata)
            values[name] = _our_component(given[name]) if is_source else _written(given[name], absolute=paths)
        elif not info.is_required():
            default = info.get_default(call_default_factory=True)  # type: ignore[call-arg]
            if default is not None:
                values[name] = _plain_default(default)
    return values


def _plain_default(default: Any) -> Any:
    if hasattr(default, "kind") and hasattr(default, "name"):
        return default.name
    return list(default) if isinstance(default, tuple) else default


def _component_list(node: Node) -> list[Any]:
    return [_our_component(item) for item in node.value]


def _our_component(node: Node) -> Any:
    """A callback or data source with its defaults filled in."""
    name = component_name(node)
    spec = None if name is None else CALLBACKS.get(name) or SOURCES.get(name)
    if name is None or spec is None:
        return _written(node)
    return {name: _with_defaults(spec, arguments_of(node))} if spec.model_fields else name


def _written(node: Node, *, absolute: bool = False) -> Any:
    """The node's value as it goes to disk: secrets and late facts as they were written."""
    if node.secret or node.is_late:
        return node.raw
    if node.is_mapping:
        return {key: _written(child) for key, child in node.value.items()}
    if node.is_list:
        return [_written(item) for item in node.value]
    if not isinstance(node.value, str):
        return node.value
    text = str(node.location.source.directory / node.value) if absolute else str(node.value)
    return text.replace("${", "$${")
