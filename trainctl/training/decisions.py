"""What the experiment leaves open about its execution, and what that came to: facts for the header and run.json."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trainctl.data.in_memory import Walk
from trainctl.events import Decision
from trainctl.models.own import has_own_methods
from trainctl.training import environment
from trainctl.training.built import Built
from trainctl.training.step_calls import Calls

AHEAD = 4
"""Batches that a pipeline makes ahead."""


def decisions(
    built: Built, calls: tuple[Calls, Calls] | None, readers: Sequence[str], walk: Walk | None
) -> Iterator[tuple[str, Decision]]:
    """Yield the path of each setting that is decided, and the decision.

    Args:
        built: The experiment.
        calls: How steps are run; `None` if by Keras.
        readers: The names of the callbacks that act at every batch.
        walk: What the graph goes through by itself; `None` where the batches come from a pipeline.
    """
    experiment = built.experiment
    if experiment.execution.steps_per_execution == "auto":
        yield "execution.steps_per_execution", _steps(built, calls, readers)
    if experiment.data.prefetch is None:
        yield "data.prefetch", _prefetch(built, calls, walk)
    if built.data.cache is not None:
        yield "data.cache", built.data.cache
    if experiment.execution.jit_compile == "auto":
        yield "execution.jit_compile", _jit(built)


def _steps(built: Built, calls: tuple[Calls, Calls] | None, readers: Sequence[str]) -> Decision:
    if calls is None:
        owned = has_own_methods(built.model)
        return Decision(
            1, "the model has its own steps" if owned else "Keras runs the steps of several devices, or eagerly"
        )
    if readers:
        return Decision(1, f"{readers[0]} acts at every batch")
    return Decision("adaptive", "no callback acts at every batch")


def _prefetch(built: Built, calls: tuple[Calls, Calls] | None, walk: Walk | None) -> Decision:
    if walk is not None:
        return Decision(0, "the graph takes the batches from memory")
    if calls is None:
        return Decision(AHEAD, "Keras runs the steps")
    if environment.has_gpu():
        return Decision(AHEAD, "the batches are copied to the GPU meanwhile")
    why = built.data.training_walk()
    return Decision(AHEAD, why if isinstance(why, str) else "the batches come from a pipeline")


def _jit(built: Built) -> Decision:
    if not environment.has_gpu():
        return Decision(False, "on a CPU, XLA rounds otherwise")
    return Decision(bool(built.model.jit_compile), "Keras decides so for this model on a GPU")
