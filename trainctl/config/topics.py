"""What `describe` knows besides components: sections, keys, Keras's lower-case names, exit codes and diagnostic codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import get_args

from trainctl import catalog
from trainctl.aliases import Value
from trainctl.components.spec import Spec
from trainctl.config import describe as components
from trainctl.config.component import KerasComponent
from trainctl.config.describe import Argument, Description
from trainctl.config.experiment import SECTIONS, Experiment
from trainctl.config.messages.codes import CODES
from trainctl.errors import EXIT_CODES, UsageError
from trainctl.text import literal, nearest, several, type_words

_EXIT_CODES = "exit-codes"


def describe(name: str) -> list[Description]:
    """Return all that is called `name`: components, and what else a file, a message or a script can name.

    Raises:
        UsageError: There is nothing.
    """
    found = [*_identifiers(name), *_keys(name), *_exit_codes(name), *_diagnostic(name), *_argument(name)]
    try:
        return [*components.describe(name), *found]
    except UsageError as unknown:
        if found:
            return found
        known = [*_every_key(), *CODES, _EXIT_CODES, *_arguments_beside(name)]
        close = nearest(name, known) if "did you mean" not in str(unknown.hint) else None
        if close is None:
            raise
        raise UsageError(f"nothing is called {literal(name)}", hint=f"did you mean '{close}'?") from unknown


def _identifiers(name: str) -> Iterator[Description]:
    """Yield what Keras means by a word such as `accuracy`, which stands for no one class."""
    for kind in catalog.KINDS:
        if name in catalog.identifiers(kind) and catalog.find(kind, name) is None:
            text = f"The {kind} of this name that fits the labels and the model's outputs: binary, categorical or sparse categorical."
            written = f"[{name}]" if kind == "metric" else name
            key = several(kind) if kind == "metric" else kind
            yield Description(kind, name, text, text, (), f"compile:\n  {key}: {written}", "keras")


def _keys(name: str) -> Iterator[Description]:
    """Yield the section or key of this path; where there is none, those of which it is the last part."""
    every = list(_every_key())
    paths = [name] if name in every else [path for path in every if path.rpartition(".")[2] == name]
    yield from map(_describe_key, paths)


def _every_key() -> Iterator[str]:
    for section in Experiment.model_fields:
        yield section
        yield from _below(section, SECTIONS.get(section) or _inner(Experiment, section))


def _below(path: str, spec: type[Spec] | None) -> Iterator[str]:
    for key in () if spec is None else spec.model_fields:
        yield f"{path}.{key}"
        yield from _below(f"{path}.{key}", _inner(spec, key)) if spec is not None else ()


def _inner(spec: type[Spec], key: str) -> type[Spec] | None:
    """Return the section that a key holds; `None` for values and components."""
    waiting: list[Value] = [spec.model_fields[key].annotation]
    while waiting:
        each = waiting.pop()
        if isinstance(each, type) and issubclass(each, Spec) and each.__module__.startswith("trainctl.config."):
            return each
        waiting += get_args(each)
    return None


def _describe_key(path: str) -> Description:
    owner: type[Spec] = Experiment
    *parents, key = path.split(".")
    for parent in parents:
        owner = _inner(owner, parent) or owner
    section = _inner(owner, key)
    info, argument = owner.model_fields[key], _argument_of(owner, key)
    arguments = (
        tuple(_argument_of(section, each) for each in section.model_fields) if section is not None else (argument,)
    )
    text = info.description or (section.summary() if section is not None else "")
    kind = "section" if section is not None else "key"
    return Description(kind, path, text, text, arguments, "" if section is not None else _example(path, argument), "")


def _argument_of(spec: type[Spec], key: str) -> Argument:
    info = spec.model_fields[key]
    default = spec.default_of(key) if _inner(spec, key) is None else None
    words = type_words(spec.field_schema(key))
    return Argument(key, words, info.is_required(), _plain(default), info.description or "")


def _example(path: str, argument: Argument) -> str:
    """Return the key as it is written, with its default; nothing where that says nothing."""
    if argument.default in (None, [], {}):
        return ""
    *parents, key = path.split(".")
    lines = [f"{'  ' * depth}{parent}:" for depth, parent in enumerate(parents)]
    return "\n".join([*lines, f"{'  ' * len(parents)}{key}: {json.dumps(argument.default)}"])


def _plain(default: Value) -> Value:
    """Return a default as it would be written in a file."""
    if isinstance(default, KerasComponent):
        return default.name
    return list(default) if isinstance(default, tuple) else default


def _exit_codes(name: str) -> Iterator[Description]:
    if name == _EXIT_CODES:
        text = "\n".join(f"{code:>3}  {meaning}" for code, meaning in EXIT_CODES.items())
        yield Description("exit code", name, "How a command ended, for scripts.", text, (), "", "")
    elif name.isascii() and name.isdigit() and int(name) in EXIT_CODES:
        text = f"{EXIT_CODES[int(name)]}\nSee: trainctl describe {_EXIT_CODES}"
        yield Description("exit code", name, EXIT_CODES[int(name)], text, (), "", "")


def _diagnostic(name: str) -> Iterator[Description]:
    if name in CODES:
        yield Description("diagnostic", name, CODES[name].partition(". ")[0], CODES[name], (), "", "")


def _arguments_beside(name: str) -> Iterator[str]:
    """Yield the arguments of the component that a name such as `Dense.unist` begins with."""
    owner = name.rpartition(".")[0]
    try:
        found = components.describe(owner) if owner else []
    except UsageError:
        return
    for each in found:
        yield from (f"{owner}.{argument.name}" for argument in each.arguments)


def _argument(name: str) -> Iterator[Description]:
    """Yield one argument of a component: `Dense.units`, also `callbacks.NAME.argument`."""
    owner, _, key = name.rpartition(".")
    try:
        found = components.describe(owner.rpartition(".")[2]) if owner else []
    except UsageError:
        return
    for each in found:
        for argument in each.arguments:
            if argument.name == key:
                text = argument.description or each.summary
                yield Description(
                    f"argument of {each.kind}", f"{each.name}.{key}", text, text, (argument,), "", each.module
                )
