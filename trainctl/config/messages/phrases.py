"""Phrases that several messages share: kinds, suggestions, and how to write a value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from trainctl import catalog, limits
from trainctl.aliases import Value
from trainctl.components.nodes.model import LAYER_KINDS
from trainctl.components.spec import REGISTRIES
from trainctl.components.user.callables import functions_of
from trainctl.config.text.nodes import Node
from trainctl.config.text.scalars import parse_scalar
from trainctl.config.values import accepts
from trainctl.diagnostics import Diagnostic, Location, Replace
from trainctl.text import literal, nearest, one_of, printable, sole_match

# Names from before Keras 3 or from other tools, and their names today.
RENAMED = {
    "lr": "learning_rate",
    "nb_epoch": "epochs",
    "epoch": "epochs",
    "max_epochs": "epochs",
    "num_epochs": "epochs",
    "n_epochs": "epochs",
    "val_split": "validation_split",
    "validation_size": "validation_split",
    "test_size": "test_split",
    "eps": "epsilon",
    "out_features": "units",
    "hidden_size": "units",
    "out_channels": "filters",
    "nb_filter": "filters",
    "stride": "strides",
    "subsample": "strides",
    "border_mode": "padding",
    "dilation": "dilation_rate",
    "num_embeddings": "input_dim",
    "embedding_dim": "output_dim",
    "embeddings_dim": "output_dim",
    "bias": "use_bias",
    "p": "rate",
    "dim": "axis",
    "init": "kernel_initializer",
    "W_regularizer": "kernel_regularizer",
}

# What older Kerases and PyTorch ask for, and the data says here.
SHAPES = frozenset(
    {
        "input_shape",
        "batch_input_shape",
        "batch_shape",
        "input_dim",
        "input_length",
        "in_features",
        "in_channels",
        "input_size",
        "num_features",
        "normalized_shape",
        "n_in",
    }
)


def every_kind(kinds: Iterable[str]) -> tuple[str, ...]:
    """Return the kinds that a slot of `kinds` accepts: a slot for layers also takes backbones and our own nodes."""
    kinds = tuple(kinds)
    return tuple(dict.fromkeys((*kinds, *LAYER_KINDS))) if "layer" in kinds else kinds


def kind_words(kinds: Sequence[str]) -> str:
    """Return the kinds with their articles: `a layer`, `an activation or a layer`."""
    return one_of(f"{'an' if kind[0] in 'aeio' else 'a'} {kind.replace('source', 'data source')}" for kind in kinds)


def known_names(kinds: Iterable[str]) -> list[str]:
    """Return every name that a slot of `kinds` accepts, including identifiers."""
    names: list[str] = []
    for kind in every_kind(kinds):
        if kind in REGISTRIES:
            names += REGISTRIES[kind].names()
        else:
            names += [*catalog.names(kind), *catalog.identifiers(kind), *functions_of(kind)]
    return names


def suggestion(key: str, names: Iterable[str]) -> str | None:
    """Return the one of `names` that an unknown `key` most likely means, renamed or misspelled; `None` if there is none."""
    names = list(names)
    if key in names:
        return None
    if key in SHAPES:
        return None
    renamed = RENAMED.get(key)
    return renamed if renamed in names else nearest(key, names)


def meant_by(unknown: Iterable[str], names: Iterable[str]) -> set[str]:
    """Return those of `names` that `unknown` keys most likely mean."""
    names = list(names)
    return {close for key in islice(unknown, limits.SIMILAR_NAMES) if (close := suggestion(key, names)) is not None}


def suggest(key: str, names: Iterable[str], command: str) -> str:
    """Return the hint for an unknown `key`: the nearest of `names`, and the command that shows them all."""
    close = suggestion(key, names)
    return f"did you mean '{close}'? See: {command}" if close else f"see: {command}"


def renamed_key(node: Node, key: str, names: Iterable[str]) -> Replace | None:
    """Return the repair of an unknown key of a mapping: its new name, or the only one nearly like it, if that is free."""
    names = list(names)
    old = RENAMED.get(key)
    close = None if key in SHAPES else old if old in names else sole_match(key, names)
    return None if close is None or not is_free(node, close, key) else Replace(node.key_location(key), close, key)


def is_free(node: Node, name: str, key: str) -> bool:
    """Return whether the mapping in which `key` is written has no `name` besides.

    A file that it extends may have one, and so may the top level that a stage is laid over, which is indented less.
    """
    wrong, other = node.key_location(key), node.key_location(name)
    is_beside = other.source is wrong.source and (other.column == wrong.column or other.line == wrong.line)
    return name not in node.value or not is_beside


def renamed_word(location: Location, word: str, names: Iterable[str]) -> Replace | None:
    """Return the repair of a word that is the name of nothing: the only one of `names` that is nearly like it."""
    close = sole_match(word, names)
    return None if close is None or close == word else Replace(location, close, word)


def about(node: Node, code: str, message: str, path: str, expected: str, hint: str | None = None) -> Diagnostic:
    """Return a diagnostic about the value of `node`."""
    return Diagnostic(code, message, node.location, path, received=received(node), expected=expected, hint=hint)


def received(node: Node) -> str:
    """Return the value for a message: `nothing` if none is written."""
    return "nothing" if node.value is None else shown(node)


def shown(node: Node) -> str:
    """Return the value as it would be written in YAML; a secret as `${env:…}`."""
    return literal(node.public())


def respelled(node: Node, schema: Mapping[str, Value]) -> str | None:
    """Return how to write the intended value if YAML read it as something else; `None` otherwise."""
    if node.is_mapping and [child.value for child in node.value.values()] == [None] and accepts(schema, ""):
        return f'quote a value that starts with {{: "{{{printable(next(iter(node.value)))}}}"'
    if node.secret:
        return f"change the environment variable in {node.raw}; its value is not shown"
    meant = _meant(node, schema)
    if meant is None:
        return None
    return f"write {meant}, without quotes" if meant == node.value else f"write {meant}"


def respelling(node: Node, schema: Mapping[str, Value]) -> Replace | None:
    """Return the repair of a value that YAML read as something else than what is meant."""
    meant = None if node.secret else _meant(node, schema)
    if meant is None or (_DECIMAL_COMMA.fullmatch(node.value) and accepts(schema, 0.5)):
        return None  # `0,5` is one number or two
    return Replace(node.location, meant, node.value, without_quotes=True)


def _meant(node: Node, schema: Mapping[str, Value]) -> str | None:
    """Return how a text is written as the value that it means: `true` of yes, `0.2` of 20%."""
    if not isinstance(node.value, str):
        return None
    if node.value.lower() in _YES_NO and accepts(schema, True):
        return _YES_NO[node.value.lower()]
    unquoted = parse_scalar(node.value)
    if not isinstance(unquoted, str | None) and accepts(schema, unquoted):
        return node.value
    meant = _numbers_in(node.value)
    return literal(meant) if meant is not None and accepts(schema, meant) else None


def _numbers_in(text: str) -> float | list[int] | None:
    """Return what `20%`, `3x3` and `(3, 3)` mean; `None` for all else."""
    percent, several = _PERCENT.fullmatch(text), _SEVERAL.fullmatch(text)
    if percent is not None:
        return float(percent[1]) / 100
    return [int(number) for number in re.findall(r"[0-9]+", text)] if several is not None else None


_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,9})?)\s?%")
_DECIMAL_COMMA = re.compile(r"[0-9]+,[0-9]+")
_SEVERAL = re.compile(r"[(\[]?[0-9]{1,9}(?:\s?[,xX×]\s?[0-9]{1,9}){1,5},?[)\]]?")


_YES_NO = {"yes": "true", "on": "true", "no": "false", "off": "false"}
