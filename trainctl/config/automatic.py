"""What `auto` comes to in the sections `data` and `execution`, as far as the file alone can tell, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from trainctl.config.experiment import Experiment

_BATCH_HOOKS = ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end")


def batch_readers(experiment: Experiment) -> Iterator[str]:
    """Yield the names of the callbacks that act at every training batch."""
    for each in experiment.callbacks:
        if each.reads_batches is not False and any(hook in _BATCH_HOOKS for hook in each.hooks):
            yield each.name_in_yaml


def describe_steps(readers: tuple[str, ...]) -> str:
    """Return how many steps a call runs, and why.

    Args:
        readers: The callbacks that act at every batch.
    """
    if readers:
        return f"1 step a call, since {readers[0]} acts at every batch"
    return "as many steps a call as take 0.05 s, since no callback acts at every batch"


def _steps(experiment: Experiment) -> str:
    if experiment.execution.steps_per_execution != "auto":
        return ""
    return describe_steps(tuple(batch_readers(experiment)))


def _jit(experiment: Experiment) -> str:
    if experiment.execution.jit_compile != "auto":
        return ""
    return "off on a CPU, where XLA rounds otherwise; on a GPU as Keras decides"


def _prefetch(experiment: Experiment) -> str:
    if experiment.data.prefetch is not None:
        return ""
    return "0 where the data is in memory and nothing changes the batches, else 4"


def _cache(experiment: Experiment) -> str:
    if experiment.data.cache is not None:
        return ""
    return "memory for images and recordings in files, if they take at most a quarter of what is free; else none"


_DESCRIBED: Mapping[str, Callable[[Experiment], str]] = {
    "execution.steps_per_execution": _steps,
    "execution.jit_compile": _jit,
    "data.prefetch": _prefetch,
    "data.cache": _cache,
}


def explain_automatic(experiment: Experiment, path: str) -> str:
    """Return what the value at `path` comes to, and why; "" where it is not decided automatically."""
    return _DESCRIBED[path](experiment) if path in _DESCRIBED else ""
