"""The resolved tree with every default filled in, and input paths absolute: what a run records and `explain` shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from trainctl import catalog
from trainctl.aliases import Value
from trainctl.components.fields import Slot
from trainctl.components.spec import REGISTRIES, Spec, reads_path, section_of, slot_of
from trainctl.config.component import KerasComponent
from trainctl.config.compose.stages import STAGES
from trainctl.config.experiment import SECTIONS, Experiment, Stage
from trainctl.config.text.nodes import Node, arguments_of, as_section, component_name
from trainctl.diagnostics import Location
from trainctl.files import from_folder


def filled(root: Node, name: str) -> Node:
    """The tree with the defaults of sections, callbacks and data sources, in the order of the grammar.

    Args:
        root: The interpolated tree of a valid experiment.
        name: The experiment's name, where it gives none.
    """
    entries: dict[str, Node] = {"name": _find_default(name, root.location)}
    for key in Experiment.model_fields:
        node = root.value.get(key)
        if key == "model" and node is not None:
            entries[key] = _make_paths_absolute(node)
        elif key in SECTIONS:
            entries[key] = _fill_spec(SECTIONS[key], node, root.location)
        elif key == STAGES and node is not None and node.is_list:
            entries[key] = replace(node, value=[_fill_stage(each, entries) for each in node.value])
        elif node is not None and node.value is not None:
            entries[key] = _fill_written(Experiment, key, node)
    return replace(root, value=entries)


def _fill_stage(stage: Node, defaults: Mapping[str, Node]) -> Node:
    """The stage with its defaults, and null where it lacks what the top level has: laid over that again, it is the same."""
    filled = _fill_spec(Stage, stage, stage.location)
    entries = dict(filled.value)
    for key in ("compile", "fit"):
        known = (section_of(Stage, key) or Stage).model_fields
        lacking = [each for each in defaults[key].value if each in known and each not in entries[key].value]
        nothing = {each: _find_default(None, stage.location) for each in lacking}
        entries[key] = replace(entries[key], value={**entries[key].value, **nothing})
    if "callbacks" in defaults:
        entries.setdefault("callbacks", _find_default(None, stage.location))
    return replace(filled, value=entries)


def _fill_spec(spec: type[Spec], node: Node | None, location: Location) -> Node:
    given: Mapping[str, Node] = node.value if node is not None and node.is_mapping else {}
    entries: dict[str, Node] = {}
    for name, info in spec.model_fields.items():
        written = given.get(name)
        section = section_of(spec, name)
        if section is not None:
            if info.default is not None or (written is not None and written.value is not None):
                whole = None if written is None else as_section(written, section.shorthand)
                entries[name] = _fill_spec(section, whole, node.location if node else location)
            continue
        if written is not None and (written.value is not None or info.default is None):
            entries[name] = _fill_written(spec, name, written)
        else:
            default = spec.default_of(name)
            if default not in (None, {}, ()):
                entries[name] = _find_default(_convert_plain(default), node.location if node else location)
    return replace(node, value=entries) if node is not None else Node(entries, location, default=True)


def _make_paths_absolute(node: Node) -> Node:
    """The model with the files that its layers read by absolute paths: it says all that it says by itself."""
    if node.is_list:
        return replace(node, value=[_make_paths_absolute(item) for item in node.value])
    if not node.is_mapping:
        return node
    entries = {key: _make_paths_absolute(child) for key, child in node.value.items()}
    for name, body in entries.items():
        for argument, path in body.value.items() if body.is_mapping else ():
            if _names_file(name, argument, path.value):
                entries[name] = replace(body, value={**entries[name].value, argument: _make_absolute(path)})
    return replace(node, value=entries)


_FILE_ARGUMENTS = {argument for _, argument in catalog.FILE_ARGUMENTS}


def _names_file(name: str, argument: str, value: Value) -> bool:
    """Whether `value` of the `argument` of the component `name`, among layers, is a file that is read."""
    if name == "Saved" and argument == "path":
        return True
    found = (catalog.find(kind, name) for kind in ("application", "layer")) if argument in _FILE_ARGUMENTS else ()
    return any(entry is not None and entry.reads_file(argument, value) for entry in found)


def _fill_written(spec: type[Spec], name: str, node: Node) -> Node:
    slot = slot_of(spec, name)
    if slot is not None and node.is_list:
        return replace(node, value=[_fill_component(slot, item) for item in node.value])
    if slot is not None:
        return _fill_component(slot, node)
    return _make_absolute(node) if reads_path(spec, name) else node


def _make_absolute(node: Node) -> Node:
    if node.is_mapping:
        return replace(node, value={key: _make_absolute(child) for key, child in node.value.items()})
    if isinstance(node.value, str) and not node.secret:
        return replace(node, value=str(from_folder(node.location.source.directory, node.value)))
    return node


def _fill_component(slot: Slot, node: Node) -> Node:
    """A callback or data source with its defaults; a component of Keras's as it is."""
    name = component_name(node)
    registries = [REGISTRIES[kind] for kind in slot.kinds if kind in REGISTRIES]
    spec = next((each for registry in registries if name and (each := registry.get(name))), None)
    if name is None or spec is None or not spec.model_fields:
        return node
    body = _fill_spec(spec, arguments_of(node), node.location)
    return Node({name: body}, node.location, {name: node.keys.get(name, node.location)}, earlier=node.earlier)


def _convert_plain(default: Value) -> Value:
    if isinstance(default, KerasComponent):
        return default.name
    return list(default) if isinstance(default, tuple) else default


def _find_default(value: Value, location: Location) -> Node:
    if isinstance(value, list):
        return Node([_find_default(each, location) for each in value], location, default=True)
    if isinstance(value, dict):
        return Node({key: _find_default(each, location) for key, each in value.items()}, location, default=True)
    return Node(value, location, default=True)
