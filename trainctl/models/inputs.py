"""The model's inputs: what the experiment says of them, and the rest from the data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from trainctl.aliases import Tensors
from trainctl.backend import keras
from trainctl.components.nodes.model import Graph, Input
from trainctl.config.model.section import INPUT
from trainctl.diagnostics import Diagnostic
from trainctl.errors import BuildError
from trainctl.text import one_of, plural


@dataclass(frozen=True, slots=True)
class Fact:
    """What the data knows of one input.

    Args:
        shape: Shape of one sample.
        dtype: As it comes, such as `uint8` or `string`.
        highest: Of integers in memory, the highest; `None` where that is unknown.
    """

    shape: tuple[int | None, ...]
    dtype: str
    highest: int | None = None

    @classmethod
    def of(cls, spec: Any, highest: int | None = None) -> Fact:
        """Of a batch's TensorSpec."""
        return cls(tuple(spec.shape[1:]), str(spec.dtype.name), highest)

    @property
    def input_dtype(self) -> str:
        """The model's: floating point, also for images of bytes, but integers where the data are indices."""
        is_index = self.dtype.startswith(("int", "uint")) and self.dtype != "uint8"
        return self.dtype if is_index or self.dtype == "string" else str(keras.config.floatx())


Facts = Fact | Mapping[str, Fact]
"""Of the only input, or of each by its name."""


def facts(spec: Any, highest: Mapping[str, int] = MappingProxyType({})) -> Facts:
    """Return the facts of the inputs.

    Args:
        spec: The TensorSpec of their batches, or a mapping of names to TensorSpecs.
        highest: The highest integer of each input where it is known; the only input is called `x`.
    """
    if isinstance(spec, Mapping):
        return {name: Fact.of(each, highest.get(name)) for name, each in spec.items()}
    return Fact.of(spec, highest.get("x"))


def is_named(section: Graph, known: Facts) -> bool:
    """Return whether the model takes a mapping of names to arrays, rather than one array."""
    return isinstance(known, Mapping) or len(section.inputs) > 1


def inputs(section: Graph, known: Facts) -> dict[str, Tensors]:
    """Return a `keras.Input` for each input of the model.

    Args:
        section: The experiment's model.
        known: What the data knows of its inputs.

    Raises:
        BuildError: The data does not have what the model asks for, or not in this shape.
    """
    wanted: Mapping[str, Input] = section.inputs or {INPUT: Input()}
    if isinstance(known, Fact):
        if len(wanted) > 1:
            raise _error(
                next(iter(wanted.values())),
                f"the model has {plural(len(wanted), 'input')}, but the data is one array",
                "use a source with named arrays, or a table whose columns are the inputs",
            )
        known = dict.fromkeys(wanted, known)
    elif not section.inputs:
        raise BuildError(
            f"the data has the arrays {one_of(known, 'and')}, but the model does not declare its inputs",
            hint=f"set under model: inputs: [{', '.join(known)}], and from: beside the layers that use them",
        )
    return {name: _input(name, spec, known) for name, spec in wanted.items()}


def _input(name: str, spec: Input, known: Mapping[str, Fact]) -> Tensors:
    fact = known.get(name)
    if fact is None:
        raise _error(spec, f"the data has no '{name}'", f"it has {one_of(known, 'and')}")
    shape = spec.shape if spec.shape is not None else fact.shape
    if not fits(shape, fact.shape):
        raise _error(
            spec,
            f"the input '{name}' has shape {tuple(shape)}, but the data has {tuple(fact.shape)}",
            "remove shape to use the shape of the data",
        )
    return keras.Input(tuple(shape), spec.batch_size, dtype=spec.dtype or fact.input_dtype, name=name)


def check_batches(section: Graph, batch_size: int, samples: Iterable[int]) -> None:
    """Require batches of the size that an input declares.

    Args:
        section: The experiment's model.
        batch_size: Samples of a batch, the last one of a split aside.
        samples: How many each split has.

    Raises:
        BuildError: A batch has another size.
    """
    for name, spec in section.inputs.items():
        wanted = spec.batch_size
        if wanted is not None and wanted != batch_size:
            raise _error(
                spec,
                f"the input '{name}' takes batches of {wanted} samples, but data.batch_size is {batch_size}",
                "set both to the same number",
            )
        for count in samples if wanted is not None else ():
            if count % batch_size:
                raise _error(
                    spec,
                    f"the input '{name}' takes batches of {wanted} samples, but {count} samples leave a last batch "
                    f"of {count % batch_size}",
                    "choose a batch size that divides every split, or set data.limit",
                )


def fits(shape: Sequence[int | None], stored: Sequence[int | None]) -> bool:
    """Return whether two shapes are the same as far as both are known."""
    return len(shape) == len(stored) and all(
        None in pair or pair[0] == pair[1] for pair in zip(shape, stored, strict=True)
    )


def _error(spec: Input, message: str, hint: str) -> BuildError:
    return BuildError(diagnostics=[Diagnostic("build", message, spec.written_at, spec.setting, hint=hint)])
