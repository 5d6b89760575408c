"""The table of needs is complete: every loss and metric of the installed Keras stands in it, and nothing else."""

from __future__ import annotations

import pytest

from trainctl import catalog
from trainctl.config.model.needs import ANYTHING, FORMULA, LOSSES, METRICS, loss_need, metric_need


@pytest.mark.parametrize(("kind", "table"), [("loss", LOSSES), ("metric", METRICS)])
def test_the_table_is_complete(kind: str, table: dict[str, object]) -> None:
    entries = [entry for name in catalog.names(kind) if (entry := catalog.find(kind, name)) is not None]
    assert set(table) == {entry.name for entry in entries if entry.target is None and entry.module.startswith("keras.")}


def test_a_formula_takes_a_value_for_each_output() -> None:
    assert loss_need("Expression") is metric_need("Expression") is FORMULA


def test_a_users_own_is_taken_as_it_is() -> None:
    assert loss_need("MyLoss") is metric_need(None) is ANYTHING
