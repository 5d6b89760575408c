"""What a callback's class declares: itself, or the Keras class that it derives from."""

from __future__ import annotations

from functools import cache
from typing import Any

from trainctl.components.spec import CALLBACKS, CallbackSpec

DECLARATIONS = (
    "closes_files",
    "controls_learning_rate",
    "sets_rate_each_epoch",
    "may_stop",
    "needs_ema",
    "swaps_weights",
    "describes_files",
)
"""What a user's class may declare about itself, as class attributes that are true or false."""


class KeepsEpoch:
    """A base of callbacks that say which epoch (from 0) the model's weights are of when training has ended; `None` = the last."""

    kept_epoch: int | None = None


class SavesBest:
    """A base of callbacks that save the model whenever a metric is better than ever."""

    saved: str | None = None
    """The file that holds the best model so far, relative to the run directory; `None` before the first."""
    save_best_only: bool
    monitor: str
    best: float


class FindsDivergence:
    """A base of callbacks that remember the epoch and batch (from 0) in which the loss was no number, and that loss."""

    diverged_at: tuple[int, int, float] | None = None


@cache
def declared(kind: type, name: str) -> Any:
    """Return what the class `kind` declares as `name`.

    Args:
        kind: A callback's class. Of a class of Keras's among its bases the spec declares.
        name: An attribute of `CallbackSpec`, such as `swaps_weights`.
    """
    for each in kind.__mro__:
        if name in vars(each):
            return vars(each)[name]
        spec = _spec_of(each)
        if spec is not None:
            return getattr(spec, name)
    return getattr(CallbackSpec, name)


@cache
def state_attributes(kind: type) -> tuple[str, ...]:
    """Return the attributes of `kind` that a resumed run restores, those of its bases included."""
    found: list[str] = []
    for each in kind.__mro__:
        spec = _spec_of(each)
        found += vars(each).get("state_attributes", ()) if spec is None else spec.state_attributes
    return tuple(dict.fromkeys(found))


def _spec_of(kind: type) -> type[CallbackSpec] | None:
    """Return the spec of a class of Keras's; `None` of any other class."""
    if not kind.__module__.startswith("keras.") or kind.__name__ == "Callback":
        return None
    return CALLBACKS.get(kind.__name__)
