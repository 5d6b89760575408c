"""What a saved model says of its training: only what Keras finds where trainctl is not installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from trainctl.backend import keras
from trainctl.models import extensions

_OURS = f"{extensions.__name__}."

STAND_IN = "learning_rate"
"""The argument of an object of ours that is saved in its place."""


def save_for_keras(model: keras.Model) -> None:
    """Have the compiled model leave out what is ours when it is saved, or put Keras's own in its place: change the one object, not its class."""
    compiled: Callable[[], dict[str, Any] | None] = model.get_compile_config

    def get_compile_config() -> dict[str, Any] | None:
        config = compiled()
        if config is None:
            return None
        kept = {name: _plain(value) for name, value in config.items()}
        loss, weights = kept.get("loss"), kept.get("loss_weights")
        if loss is None:
            kept["loss_weights"] = None
        elif isinstance(weights, Mapping) and isinstance(loss, Mapping) and "class_name" not in loss:
            kept["loss_weights"] = {name: weight for name, weight in weights.items() if name in loss}
        return kept

    model.get_compile_config = get_compile_config


def _plain(value: Any) -> Any:
    """The value without what is ours; null where nothing is left of a mapping or a list."""
    match value:
        case {"module": str(module), "config": Mapping() as config} if module.startswith(_OURS):
            return _plain(config.get(STAND_IN))
        case Mapping():
            kept = {name: each for name, old in value.items() if (each := _plain(old)) is not None or old is None}
            return kept if kept or not value else None
        case list() | tuple():
            return [each for each in map(_plain, value) if each is not None] or None
    return value
