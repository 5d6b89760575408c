"""Masks that Keras makes by itself: a saved graph lists them, an experiment need not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trainctl import catalog
from trainctl.aliases import Value
from trainctl.drafts.operations import is_operation
from trainctl.drafts.tensors import Tensor, is_tensor, tensors_in

Calls = Mapping[tuple[str, int], tuple[Any, Any]]
"""What each layer is called with, by its name and the number of the call."""


def without_automatic_masks(
    layers: Mapping[str, Mapping[str, Value]], calls: Calls
) -> dict[tuple[str, int], tuple[Any, Any]]:
    """Return the calls without the masks that Keras passes by itself.

    A mask is one of those only if it is just what the layers before hand on: all others stay as they are.

    Args:
        layers: The layers by name, as Keras saves them.
        calls: What each is called with, a `Tensor` for each reference.
    """
    masks = _Masks(layers, calls)
    return {node: (args, masks.remaining(node)) for node, (args, _) in calls.items()}


class _Masks:
    def __init__(self, layers: Mapping[str, Mapping[str, Value]], calls: Calls) -> None:
        self.layers = layers
        self.calls = calls
        self.known: dict[tuple[str, int], tuple[str, int] | None] = {}

    def remaining(self, node: tuple[str, int]) -> dict[str, Value]:
        """Return what the call is given by name, automatic masks removed."""
        args, kwargs = self.calls[node]
        names = self._names(node)
        found = {}
        for key, value in kwargs.items():
            of = key.removesuffix("mask").rstrip("_") if key.endswith("mask") else None
            if of is not None and is_tensor(value):
                index = names.index(of) if of in names else 0
                tensor = args[index] if index < len(args) else kwargs.get(of)
                if is_tensor(tensor) and self._of(tensor) == value.node:
                    continue
            found[key] = value
        return found

    def _names(self, node: tuple[str, int]) -> tuple[str, ...]:
        signature = catalog.call_signature(str(self.layers[node[0]]["class_name"]))
        return signature.names if signature is not None else ()

    def _of(self, tensor: Tensor) -> tuple[str, int] | None:
        """Return the call whose output is the mask of the tensor; `None` if it has none, or that is not known."""
        chain = []
        node: tuple[str, int] | None = tensor.node
        mask = None
        while node is not None and node not in self.known:
            chain.append(node)
            mask, node = self._step(node)
        if node is not None:
            mask = self.known[node]
        self.known |= dict.fromkeys(chain, mask)
        return mask

    def _step(self, node: tuple[str, int]) -> tuple[tuple[str, int] | None, tuple[str, int] | None]:
        """Return the mask of what a call gives, or the call whose mask it has too."""
        saved = self.layers[node[0]]
        config: Any = saved.get("config") or {}
        name = str(saved["class_name"])
        if is_operation(saved) or node not in self.calls:
            return None, None
        args, _ = self.calls[node]
        first = next(tensors_in(args), None)
        if first is None:
            return None, None
        if config.get("mask_zero"):
            return self._made(first, "NotEqual", 0), None
        if name == "Masking":
            return self._made(first, "Any", None), None
        inner = (config.get("layer") or {}).get("config") or {} if name == "Bidirectional" else config
        if catalog.hands_mask_on(name) or inner.get("return_sequences"):
            return None, first.node
        return None, None

    def _made(self, of: Tensor, function: str, value: Value) -> tuple[str, int] | None:
        """Return the call of `not_equal(of, value)`, or of `any` of such."""
        for node, (args, _) in self.calls.items():
            saved = self.layers[node[0]]
            if not is_operation(saved) or saved["class_name"] != function or not args or not is_tensor(args[0]):
                continue
            if function == "Any":
                before = self.calls.get(args[0].node, ((), {}))[0]
                if before and is_tensor(before[0]) and before[0].node == of.node:
                    return node
            elif args[0] == of and args[1:2] == [value]:
                return node
        return None
