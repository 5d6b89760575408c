"""Composition: `extends`, and how one tree overrides another.

Mappings merge; lists and scalars replace. Where a component meets a component, the same name merges the arguments and
another name replaces the whole. `callbacks` given as a mapping amends the inherited list by name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from trainctl import limits
from trainctl.config.text.document import parse
from trainctl.config.text.nodes import Node, arguments_of, component_name
from trainctl.config.text.source import read_source
from trainctl.diagnostics import Diagnostic, Location, Related, Source
from trainctl.errors import ConfigError
from trainctl.files import from_folder, hint_for_missing, hint_for_unreadable
from trainctl.text import literal, nearest, one_of

BaseReader = Callable[[Source, Node], Source]
"""Reads the file that the node in a source names."""


def load_tree(source: Source, read_base: BaseReader | None = None) -> tuple[Node, tuple[Source, ...]]:
    """The tree of `source` laid over all that it extends, and every file that was read, `source` first.

    Args:
        source: The experiment.
        read_base: Reads what it extends, in order; `None` reads the files where they are.

    Raises:
        ConfigError: A file is broken, missing, or extends itself.
    """
    sources: list[Source] = []
    return _load_extended(source, (), None, sources, read_base or _read_base), tuple(sources)


def _load_extended(
    source: Source,
    chain: tuple[Source, ...],
    written: Location | None,
    sources: list[Source],
    read_base: BaseReader,
) -> Node:
    _refuse_circle(source, chain, written)
    sources.append(source)
    if len(sources) > limits.FILES:  # a file may be extended along several ways, and the ways multiply
        raise ConfigError(
            diagnostics=[
                Diagnostic(
                    "too-large",
                    f"extends reads more than {limits.FILES} files (a file that is extended twice counts twice)",
                    written,
                    "extends",
                )
            ]
        )
    tree = parse(source)
    if not tree.is_mapping:
        raise ConfigError(
            diagnostics=[
                Diagnostic(
                    "wrong-root",
                    "an experiment must be a mapping with sections such as data, model and fit",
                    tree.location,
                    received=f"a list of {len(tree.value)}" if tree.is_list else literal(tree.value),
                    expected="a mapping",
                )
            ]
        )
    result: Node | None = None
    for name in _list_bases(tree):
        base = _load_extended(read_base(source, name), (*chain, source), name.location, sources, read_base)
        result = base if result is None else overlay(result, base)
    tree = tree.without("extends")
    return with_callback_list(tree if result is None else overlay(result, tree))


def _list_bases(tree: Node) -> Iterator[Node]:
    extends = tree.value.get("extends")
    if extends is None or extends.value is None:
        return
    for node in extends.value if extends.is_list else [extends]:
        if not isinstance(node.value, str) or not node.value:
            raise ConfigError(
                diagnostics=[
                    Diagnostic(
                        "wrong-type",
                        "extends must name the files that this file builds on",
                        node.location,
                        "extends",
                        received=literal(node.plain()),
                        expected="a path, or a list of paths",
                    )
                ]
            )
        yield node


def _read_base(source: Source, name: Node) -> Source:
    path = from_folder(source.directory, name.value)
    shown = str(Path(source.name).parent / name.value) if source.path else name.value
    try:
        return read_source(shown, path, name.location)
    except OSError as error:
        raise ConfigError(diagnostics=[_describe_unreadable_base(shown, path, name, error)]) from None


def _describe_unreadable_base(shown: str, path: Path, name: Node, error: OSError) -> Diagnostic:
    if isinstance(error, FileNotFoundError):
        message = f"{literal(shown)} does not exist and cannot be extended"
        hint = hint_for_missing(path, f"paths are relative to this file; the full path is {path}")
    elif isinstance(error, IsADirectoryError):
        message, hint = f"{literal(shown)} is a directory, not an experiment file", "name a file in it"
    else:
        message, hint = f"cannot read {literal(shown)}: {error.strerror}", hint_for_unreadable(error)
    return Diagnostic("extends", message, name.location, "extends", hint=hint)


def _refuse_circle(source: Source, chain: tuple[Source, ...], written: Location | None) -> None:
    paths = [each.path.resolve() for each in chain if each.path]
    if source.path is None or source.path.resolve() not in paths:
        return
    names = [each.name for each in chain[paths.index(source.path.resolve()) :]]
    message = (
        f"{names[0]} extends itself"
        if len(names) == 1
        else f"files extend each other in a cycle: {' → '.join([*names, names[0]])}"
    )
    raise ConfigError(
        diagnostics=[Diagnostic("extends-circle", message, written, "extends", hint="remove this extends")]
    )


def overlay(base: Node, over: Node, path: tuple[str, ...] = ()) -> Node:
    """`over` laid over `base`. Values of `over` remember those of `base` that they replace."""
    if path == ("callbacks",) and over.is_mapping:
        return amend_callbacks(base, over)
    if path != ("vars",) and component_name(over) is not None and component_name(base) is not None:
        return _overlay_component(base, over, path)
    if not (base.is_mapping and over.is_mapping):
        return over.replacing(base)
    entries = dict(base.value)
    for key, node in over.value.items():
        inherited = base.value.get(key)
        entries[key] = node if inherited is None else overlay(inherited, node, (*path, key))
    keys = {**base.keys, **{key: over.key_location(key) for key in over.value}}
    return replace(base, value=entries, keys=keys, location=over.location)


def _overlay_component(base: Node, over: Node, path: tuple[str, ...]) -> Node:
    name = component_name(over)
    if name is None or name != component_name(base):
        return over.replacing(base)
    if not over.is_mapping:
        return replace(base, location=over.location, earlier=(base, *base.earlier))
    as_mapping = (
        base if base.is_mapping else Node({name: Node(None, base.location)}, base.location, {name: base.location})
    )
    merged = overlay(arguments_of(as_mapping), arguments_of(over), (*path, name))
    result = replace(as_mapping, location=over.location, keys={**as_mapping.keys, **over.keys})
    for key, node in over.value.items():
        result = result.with_entry(key, merged if key == name else node)
    return result


def with_callback_list(tree: Node) -> Node:
    """The tree with `callbacks` as a list, also where a mapping amends nothing inherited."""
    callbacks = tree.value.get("callbacks")
    if callbacks is None or not callbacks.is_mapping:
        return tree
    return tree.with_entry("callbacks", amend_callbacks(Node([], callbacks.location), callbacks))


def amend_callbacks(base: Node, amendments: Node) -> Node:
    """The list `base` with each of `amendments` applied by name: changed, removed by `null`, or appended.

    Raises:
        ConfigError: A name matches two callbacks of the list, or is to be removed and matches none.
    """
    items: list[Node] = list(base.value) if base.is_list else []
    removed: set[int] = set()
    places: dict[str | None, list[int]] = defaultdict(list)
    for index, item in enumerate(items):
        places[component_name(item)].append(index)
    for name, arguments in amendments.value.items():
        matches = places[name]
        mark = amendments.key_location(name)
        if len(matches) > 1:
            raise ConfigError(diagnostics=[_report_ambiguous(name, mark, [items[index].location for index in matches])])
        amendment = Node({name: arguments}, mark, {name: mark})
        if not matches and arguments.value is None:
            raise ConfigError(diagnostics=[_report_nothing_to_remove(name, mark, items)])
        if not matches:
            items.append(amendment)
        elif arguments.value is None:
            removed.add(matches[0])
        else:
            items[matches[0]] = overlay(items[matches[0]], amendment, ("callbacks", name))
    kept = [item for index, item in enumerate(items) if index not in removed]
    return Node(kept, amendments.location, earlier=(base, *base.earlier) if base.is_list else ())


def _report_nothing_to_remove(name: str, mark: Location, items: list[Node]) -> Diagnostic:
    known = [each for item in items if (each := component_name(item)) is not None]
    close = nearest(name, known)
    hint = (
        f"did you mean '{close}'?"
        if close
        else f"remove this line; the inherited callbacks are {one_of(known, 'and')}"
        if known
        else "remove this line"
    )
    return Diagnostic(
        "nothing-to-remove",
        f"cannot remove {name}: no callback of this name is inherited",
        mark,
        f"callbacks.{name}",
        hint=hint,
    )


def _report_ambiguous(name: str, mark: Location, places: list[Location]) -> Diagnostic:
    return Diagnostic(
        "ambiguous",
        f"{name} is ambiguous: the inherited list has {len(places)} callbacks of this name",
        mark,
        f"callbacks.{name}",
        hint="write the whole list of callbacks instead",
        related=tuple(Related("one of them", place) for place in places[: limits.EXAMPLES]),
    )
