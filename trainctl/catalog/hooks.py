"""The hooks that a Keras callback defines and the arguments it takes, read from its source."""

from __future__ import annotations

import ast
from functools import cache

from trainctl.catalog.signature import arguments
from trainctl.catalog.source import Definition, installed_keras

HOOKS = (
    "on_train_begin",
    "on_epoch_begin",
    "on_train_batch_begin",
    "on_batch_begin",
    "on_train_batch_end",
    "on_batch_end",
    "on_test_begin",
    "on_test_batch_begin",
    "on_test_batch_end",
    "on_test_end",
    "on_epoch_end",
    "on_train_end",
    "on_predict_begin",
    "on_predict_batch_begin",
    "on_predict_batch_end",
    "on_predict_end",
)
"""In the order in which a run meets them."""


@cache
def callback_hooks(name: str) -> tuple[str, ...]:
    """Return the hooks of `keras.callbacks.<name>` in the order of a run; none if there is no such class."""
    library = installed_keras()
    definition = library.lookup("keras.callbacks", name)
    if not isinstance(definition, Definition):
        return ()
    defined = {
        statement.name
        for each in library.ancestry(definition)
        if isinstance(each.node, ast.ClassDef) and each.node.name != "Callback"
        for statement in each.node.body
        if isinstance(statement, ast.FunctionDef)
    }
    return tuple(hook for hook in HOOKS if hook in defined)


@cache
def callback_arguments(name: str) -> tuple[str, ...]:
    """Return the arguments of `keras.callbacks.<name>` in the order of a call; none if there is no such class."""
    library = installed_keras()
    definition = library.lookup("keras.callbacks", name)
    return tuple(each.name for each in arguments(library, definition)) if isinstance(definition, Definition) else ()
