"""Phrases that several messages share: kinds, suggestions, and how to write a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from trainctl import catalog
from trainctl.aliases import Value
from trainctl.components.nodes.model import LAYER_KINDS
from trainctl.components.spec import REGISTRIES
from trainctl.config.text.nodes import Node
from trainctl.config.text.scalars import parse_scalar
from trainctl.config.values import accepts
from trainctl.diagnostics import Diagnostic
from trainctl.text import literal, nearest, one_of, printable

# What people still write, from before Keras 3 or from other tools, and what it is called now.
RENAMED = {
    "lr": "learning_rate",
    "decay": "weight_decay",
    "nb_epoch": "epochs",
    "epoch": "epochs",
    "input_dim": "units",
}


def every_kind(kinds: Iterable[str]) -> tuple[str, ...]:
    """The kinds that may stand in a slot of `kinds`: where a layer may, so may a backbone and what is no layer of Keras."""
    kinds = tuple(kinds)
    return tuple(dict.fromkeys((*kinds, *LAYER_KINDS))) if "layer" in kinds else kinds


def kind_words(kinds: Sequence[str]) -> str:
    """`a layer`, `an activation or a layer`."""
    return one_of(f"{'an' if kind[0] in 'aeio' else 'a'} {kind.replace('source', 'data source')}" for kind in kinds)


def plural_kind(kind: str) -> str:
    """`layers`, `losses`: the word for `trainctl list`."""
    return {"loss": "losses"}.get(kind, f"{kind}s")


def known_names(kinds: Iterable[str]) -> list[str]:
    """Every name that may stand in a slot of `kinds`, identifiers included."""
    names: list[str] = []
    for kind in every_kind(kinds):
        if kind in REGISTRIES:
            names += REGISTRIES[kind].names()
        else:
            names += [*catalog.names(kind), *catalog.identifiers(kind)]
    return names


def suggestion(key: str, names: Iterable[str]) -> str | None:
    """The one of `names` that `key` most likely means, where `key` is none of them: renamed since, or misspelled."""
    names = list(names)
    if key in names:
        return None
    renamed = RENAMED.get(key)
    return renamed if renamed in names else nearest(key, names)


def suggest(key: str, names: Iterable[str], command: str) -> str:
    """The hint for an unknown `key`: the nearest of `names`, and the command that tells more."""
    close = suggestion(key, names)
    return f"did you mean '{close}'? See: {command}" if close else f"See: {command}"


def about(node: Node, code: str, message: str, path: str, expected: str, hint: str | None = None) -> Diagnostic:
    """A diagnostic about the value of `node`."""
    received = "nothing" if node.value is None else shown(node)
    return Diagnostic(code, message, node.location, path, received=received, expected=expected, hint=hint)


def shown(node: Node) -> str:
    """The value as a person would write it; a secret as it is written, `${env:…}`."""
    return literal(node.public())


def respelled(node: Node, schema: Mapping[str, Value]) -> str | None:
    """How the value that a person meant is written, where YAML took it for something else."""
    if node.is_mapping and [child.value for child in node.value.values()] == [None] and accepts(schema, ""):
        return f'a value that begins with {{ needs quotes: "{{{printable(next(iter(node.value)))}}}"'
    if not isinstance(node.value, str) or node.secret:
        return None
    if node.value.lower() in _YES_NO and accepts(schema, True):
        return f"write {_YES_NO[node.value.lower()]}"
    unquoted = parse_scalar(node.value)
    if not isinstance(unquoted, str | None) and accepts(schema, unquoted):
        return f"write {node.value}, without quotes"
    return None


_YES_NO = {"yes": "true", "on": "true", "no": "false", "off": "false"}
