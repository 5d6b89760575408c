"""`--set path=value`: one value of the experiment replaced from the command line. A `--set` always beats the file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from trainctl import catalog, limits
from trainctl.aliases import Value
from trainctl.config.component import BESIDE_OPTIMIZER
from trainctl.config.compose.extends import amend_callbacks
from trainctl.config.compose.paths import PathError, no_such_key, pick
from trainctl.config.compose.stages import STAGES
from trainctl.config.experiment import SHORTHANDS
from trainctl.config.text.document import parse, shifted
from trainctl.config.text.nodes import Node, arguments_of, as_section, component_name
from trainctl.config.text.syntax import NotYaml
from trainctl.diagnostics import Diagnostic, Location, Source
from trainctl.errors import ConfigError, UsageError
from trainctl.masking import SECRET_NAME, conceal
from trainctl.text import literal

_TEXT_THAT_YAML_REFUSES = (">", "|", "%", "@", "`")  # `expect.val_accuracy=>= 0.9`: the shell removes the quotes
_NO_SECRETS = frozenset({"model", "compile", "fit", "execution"})  # `oov_token` and `mask_token` are words, not secrets
_COMPONENT_SLOTS = {"optimizer", "loss", "source", "offline"}


class Override(str):
    """A `--set` argument that another option stands for.

    Args:
        text: `path=value`.
        option: What the user calls it, such as `--expect #1`.
    """

    __slots__ = ("option",)

    option: str

    def __new__(cls, text: str, option: str = "--set") -> Override:  # noqa: D102
        made = super().__new__(cls, text)
        made.option = option
        return made


def _source(number: int, argument: str) -> Source:
    """Return the argument as a source of text, under the name by which the user knows it."""
    return Source(argument.option if isinstance(argument, Override) else f"--set #{number}", argument, Path.cwd())


def apply_overrides(tree: Node, arguments: Sequence[str]) -> Node:
    """The tree with every `--set` argument applied, in order; a later one wins.

    Raises:
        UsageError: An argument is not `path=value`, or its value is not YAML.
        ConfigError: A path leads nowhere. All such problems are reported together.
    """
    problems: list[Diagnostic] = []
    for number, argument in enumerate(arguments, start=1):
        path, value = _parse_argument(_source(number, argument))
        value = _hide_secrets(path.split("."), value)
        source = value.location.source
        try:
            _refuse_path(path.split("."))
            tree = _assign(_with_inherited(tree, path.split(".")), path.split("."), value, "")
        except PathError as error:
            location = Location(source, 1, 1, len(path))
            problems.append(Diagnostic("set-path", str(error), location, path, hint=error.hint))
    if problems:
        raise ConfigError(diagnostics=problems)
    return tree


def parse_arguments(arguments: Sequence[str]) -> dict[str, Value]:
    """The values of `--set` arguments that name arguments of one component: `["skip=3"]` is `{"skip": 3}`.

    Raises:
        UsageError: An argument is not `name=value`, or its value is not YAML.
    """
    parsed = (_parse_argument(_source(number, each)) for number, each in enumerate(arguments, start=1))
    return {name: node.plain() for name, node in parsed}


def _with_inherited(tree: Node, steps: Sequence[str]) -> Node:
    """The tree in which a stage names what it takes from the top level, where a path leads into that.

    In `stages.head.compile.optimizer.learning_rate` that is the top level's optimizer; a callback is amended by name.

    Raises:
        PathError: There is no such stage.
    """
    stages = tree.value.get(STAGES)
    match steps:
        case (step, which, section, what, _, *_) if step == STAGES and stages is not None and stages.is_list:
            index = pick(stages, which, STAGES)
        case _:
            return tree
    stage: Node = stages.value[index]
    own = stage.value.get(section) if stage.is_mapping else None
    if not stage.is_mapping or (own is not None and (not own.is_mapping or what in own.value)):
        return tree
    given = own or Node({}, stage.location)
    inherited = tree.value.get(section)
    if section != "callbacks" and inherited is not None and inherited.is_mapping and what in inherited.value:
        component = _convert_to_component(inherited.value[what])
        name = component_name(component) if component is not None else None
        if name is not None:
            given = given.with_entry(what, Node({name: Node({}, stage.location)}, stage.location))
    items = [stage.with_entry(section, given) if number == index else each for number, each in enumerate(stages.value)]
    return tree.with_entry(STAGES, replace(stages, value=items))


def _refuse_path(steps: Sequence[str]) -> None:
    if steps[0] == "extends":
        message = "extends cannot be set: files are merged before --set is applied"
        raise PathError(message, "write extends: in the file, or name the other file on the command line")
    if len(steps) > limits.DEPTH:
        raise PathError(f"the path has {len(steps):,} steps; the limit is {limits.DEPTH}")


def redacted(argument: str) -> str:
    """The argument as it may be shown and recorded: without its value, where that holds what looks like a secret."""
    path, equals, value = argument.partition("=")
    is_secret = _is_secret(path.split(".")) or (_holds_keys(value) and SECRET_NAME.search(value) is not None)
    return f"{path}{equals}…" if is_secret and path.split(".")[0] not in _NO_SECRETS else argument


def _holds_keys(value: str) -> bool:
    return ":" in value


def _is_secret(steps: Sequence[str]) -> bool:
    return steps[0] not in _NO_SECRETS and any(SECRET_NAME.search(step) for step in steps)


def _hide_secrets(steps: Sequence[str], node: Node) -> Node:
    """Secret-looking values as if they came from the environment: they go to disk and screen as `${env:NAME}`."""
    if steps[0] in _NO_SECRETS:
        return node
    if node.is_mapping:
        return replace(node, value={key: _hide_secrets((*steps, key), child) for key, child in node.value.items()})
    if node.is_list:
        return replace(node, value=[_hide_secrets(steps, child) for child in node.value])
    if node.value is None or not _is_secret(steps):
        return node
    name = re.sub(r"\W", "_", steps[-1]).upper()
    conceal(name if SECRET_NAME.search(name) else f"SECRET_{name}", str(node.value))
    source = replace(node.location.source, text=redacted(node.location.source.text))
    return replace(node, secret=True, raw=f"${{env:{name}}}", location=replace(node.location, source=source, length=1))


def _locate_key(value: Node, steps: Sequence[str]) -> Location:
    """Where the first of the remaining `steps` stands in the argument."""
    source = value.location.source
    column = source.text.index("=") - len(".".join(steps)) + 1
    return Location(source, 1, column, len(steps[0]))


def _parse_argument(source: Source) -> tuple[str, Node]:
    if not source.text.isprintable() and any("\ud800" <= character <= "\udfff" for character in source.text):
        raise UsageError(f"--set {literal(redacted(source.text))} is not UTF-8 text")
    path, equals, text = source.text.partition("=")
    if not equals or not path or not all(path.split(".")):
        raise UsageError(
            f"--set must be path=value, got {literal(redacted(source.text))}", hint="for example: --set fit.epochs=3"
        )
    start = Location(source, 1, len(path) + 2, max(1, len(text)))
    if not text.strip():
        return path, Node(None, start)
    if text.startswith(_TEXT_THAT_YAML_REFUSES):
        return path, Node(text, start)
    try:
        node = parse(Source(source.name, text, source.directory))
    except ConfigError as error:
        if error.diagnostics[0].code == "empty-file":  # `null` and a comment alone are the value null
            return path, Node(None, start)
        problem = error.diagnostics[0]
        reason = problem.reason if isinstance(problem, NotYaml) else problem.message
        raise UsageError(
            f"the value of --set {literal(redacted(source.text))} is not YAML: {reason}", hint=problem.hint
        ) from None
    return path, shifted(node, source, len(path) + 1)


def _assign(node: Node, steps: Sequence[str], value: Node, done: str) -> Node:
    """A copy of `node` with `value` at `steps`."""
    step, rest = steps[0], steps[1:]
    here = f"{done}.{step}" if done else step
    if node.is_list:
        return _assign_item(node, steps, value, done)
    is_amendment = done.rpartition(".")[2] == "callbacks"  # a mapping of callbacks, of which there may be one
    if done and not is_amendment and _convert_to_component(node) is not None:
        return _assign_in_component(_convert_to_component(node) or node, steps, value, done)
    node = as_section(node, SHORTHANDS.get(done))
    if not node.is_mapping:
        raise no_such_key(node, step, done)
    old = node.value.get(step)
    if old is None or (old.value is None and rest):
        if rest:
            _require_section(step, rest[0], here)
        empty = Node({}, value.location)
        return node.with_entry(step, _assign(empty, rest, value, here) if rest else value, _locate_key(value, steps))
    if rest:
        return node.with_entry(step, _assign(old, rest, value, here))
    if here == "callbacks" and value.is_mapping:
        return node.with_entry(step, amend_callbacks(old, value), value.location)
    return node.with_entry(step, value.replacing(old), value.location)


def _require_section(step: str, below: str, here: str) -> None:
    """Only a section that nobody wrote can be begun; a component that is not there has nothing to change."""
    if step in _COMPONENT_SLOTS:
        raise PathError(f"{here} is not set, so '{below}' cannot be changed", f"set it as a whole: --set {here}=…")
    if step == "callbacks":
        raise PathError(
            f"there are no callbacks, so {below} cannot be changed", f"add it: --set 'callbacks={{{below}: {{…}}}}'"
        )


def _assign_item(node: Node, steps: Sequence[str], value: Node, done: str) -> Node:
    step, rest = steps[0], steps[1:]
    index = pick(node, step, done)
    items = list(node.value)
    old = items[index]
    name = component_name(old)
    if rest:
        items[index] = _assign(old, rest, value, f"{done}.{step}")
    elif value.value is None:
        del items[index]
    elif name is not None and component_name(value) is None and value.is_mapping:
        items[index] = Node({name: value.replacing(arguments_of(old))}, old.location, {name: value.location})
    else:
        items[index] = value.replacing(old)
    return replace(node, value=items)


def _assign_in_component(node: Node, steps: Sequence[str], value: Node, done: str) -> Node:
    """`node` is a component in mapping form: its own name is optional, its arguments are next."""
    name = component_name(node) or ""
    if steps[0] == name:
        steps = steps[1:]
        if not steps:
            return node.with_entry(name, value)
    elif steps[0] in node.value or (done.endswith("compile.optimizer") and steps[0] in BESIDE_OPTIMIZER):
        return node.with_entry(
            steps[0],
            value
            if len(steps) == 1
            else _assign(node.value.get(steps[0], Node({}, value.location)), steps[1:], value, done),
        )
    return node.with_entry(name, _assign(arguments_of(node), steps, value, "" if not done else f"{done}.{name}"))


def _convert_to_component(node: Node) -> Node | None:
    """The component in mapping form: a bare name, `adam` included, gets its mapping made."""
    name = component_name(node)
    if name is not None:
        return node if node.is_mapping else Node({name: Node({}, node.location)}, node.location, {name: node.location})
    if isinstance(node.value, str):
        for kind in catalog.KINDS:
            name = catalog.stands_for(kind, node.value)
            if name is not None and name[:1].isupper():
                return Node({name: Node({}, node.location)}, node.location, {name: node.location})
    return None
