"""Which experiments take several runs."""

from __future__ import annotations

from collections.abc import Callable

from trainctl.config.load import Loaded
from trainctl.jobs.folds import plan_folds
from trainctl.jobs.several import Plan

PLANS: tuple[Callable[[Loaded, int], Plan | None], ...] = (plan_folds,)
"""Each returns the runs that an experiment with a seed takes; `None` if it does not take such."""


def plan_of(loaded: Loaded, seed: int) -> Plan | None:
    """Return the runs that the experiment takes; `None` if it is a single one.

    Raises:
        ConfigError: The experiment of one of them is invalid.
    """
    return next((plan for make in PLANS if (plan := make(loaded, seed)) is not None), None)


def first_alone(loaded: Loaded, seed: int) -> Loaded:
    """Return the experiment of the first of several runs; of a single one, its own.

    Raises:
        ConfigError: It is invalid.
    """
    plan = plan_of(loaded, seed)
    return loaded if plan is None else next(iter(plan.experiments.values()))
