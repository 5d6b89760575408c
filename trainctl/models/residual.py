"""Residual branches: the branch and its shortcut added, projected first where their shapes differ."""

from __future__ import annotations

from trainctl.aliases import Tensors
from trainctl.backend import keras
from trainctl.config.model.graph import GraphNode
from trainctl.diagnostics import Diagnostic
from trainctl.errors import BuildError

_CONVOLUTIONS = {3: keras.layers.Conv1D, 4: keras.layers.Conv2D, 5: keras.layers.Conv3D}


def added(node: GraphNode, branch: Tensors, shortcut: Tensors) -> Tensors:
    """Return the sum of both, the shortcut projected first where its shape differs from the branch's.

    Vectors are projected by a Dense layer, all else by a convolution of size 1 with the stride that the branch has taken;
    both without bias.

    Args:
        node: The sum; its name ends in `.add`.
        branch: (batch, …, channels).
        shortcut: (batch, …, channels).

    Raises:
        BuildError: No such projection exists.
    """
    wanted, given = tuple(branch.shape[1:]), tuple(shortcut.shape[1:])
    if wanted != given:
        shortcut = _make_projection(node, wanted, given)(shortcut)
    return keras.layers.Add(name=node.name)([branch, shortcut])


def _make_projection(node: GraphNode, wanted: tuple[int | None, ...], given: tuple[int | None, ...]) -> keras.Layer:
    name = f"{node.name.removesuffix('.add')}.project"
    channels = wanted[-1] if wanted else None
    if len(wanted) == len(given) and channels is not None:
        if len(wanted) == 1:
            return keras.layers.Dense(channels, use_bias=False, name=name)
        strides = [_find_stride(before, after) for before, after in zip(given[:-1], wanted[:-1], strict=True)]
        if None not in strides and len(wanted) + 1 in _CONVOLUTIONS:
            make = _CONVOLUTIONS[len(wanted) + 1]
            return make(channels, 1, strides=tuple(strides), padding="same", use_bias=False, name=name)
    message = (
        f"a residual branch of shape {wanted} cannot be added to its input of shape {given}, even with a projection"
    )
    raise BuildError(
        diagnostics=[
            Diagnostic(
                "build",
                message,
                node.location,
                node.path,
                hint="the branch must keep the number of axes and the length of each axis, or divide it evenly",
            )
        ]
    )


def _find_stride(before: int | None, after: int | None) -> int | None:
    """Return the stride with which a convolution of size 1 turns `before` into `after`; `None` if there is none."""
    if before == after:
        return 1
    if before is None or after is None or after == 0:
        return None
    stride = -(-before // after)
    return stride if -(-before // stride) == after else None
