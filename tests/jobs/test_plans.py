"""Which experiments take several runs, and what these are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workplace import Workplace

from trainctl.config.load import Loaded, load
from trainctl.jobs.plans import first_alone, plan_of


def loaded(workplace: Workplace, data: Mapping[str, Any], **sections: Any) -> Loaded:
    return load(str(workplace.write(data={"source": "Iris", "validation_split": 0.2, **data}, **sections)))


def test_most_experiments_are_one_run(workplace: Workplace) -> None:
    one = loaded(workplace, {})
    assert plan_of(one, 7) is None
    assert first_alone(one, 7) is one


def test_folds_are_a_run_each(workplace: Workplace) -> None:
    plan = plan_of(loaded(workplace, {"folds": 3}, expect={"test_loss": "<= 1"}, seed=None), 7)
    assert plan is not None
    assert (plan.kind, plan.noun, list(plan.experiments)) == ("folds", "fold", ["1", "2", "3"])
    for name, each in plan.experiments.items():
        folds = each.experiment.data.folds
        assert folds is not None
        assert (folds.k, str(folds.fold)) == (3, name)
        assert (each.experiment.seed, each.experiment.expect) == (7, {}), "all with one seed; the whole is expected of"
        assert plan_of(each, 7) is None


def test_the_first_stands_for_all(workplace: Workplace) -> None:
    first = first_alone(loaded(workplace, {"folds": {"k": 3}}), 7)
    assert first.experiment.data.folds is not None
    assert first.experiment.data.folds.fold == 1
