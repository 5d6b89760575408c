"""What the experiment leaves open about its execution is decided, and recorded with the reason."""

from __future__ import annotations

from typing import Any

import pytest
from workplace import SMALL, Workplace

pytestmark = pytest.mark.tf


def decided(workplace: Workplace, **sections: Any) -> dict[str, Any]:
    execution = workplace.train(fit={"epochs": 1}, **sections).record["execution"]
    return {path: (each["value"], each["reason"]) for path, each in execution.items()}


def test_data_in_memory_is_trained_on_within_the_graph(workplace: Workplace) -> None:
    found = decided(workplace)
    assert found["execution.steps_per_execution"] == ("adaptive", "no callback acts at every batch")
    assert found["data.prefetch"] == (0, "the graph takes the batches from memory")
    assert found["execution.jit_compile"][0] is False


def test_what_stands_against_it_is_the_reason(workplace: Workplace) -> None:
    found = decided(
        workplace,
        data={**SMALL["data"], "shuffle": 10},
        callbacks=[{"LambdaCallback": {"on_train_batch_end": "print(batch)"}}],
    )
    assert found["execution.steps_per_execution"] == (1, "LambdaCallback acts at every batch")
    assert found["data.prefetch"] == (4, "the order needs the pipeline")


def test_what_the_experiment_says_is_no_decision(workplace: Workplace) -> None:
    settings = {"execution": {"steps_per_execution": 1, "jit_compile": False}}
    assert decided(workplace, data={**SMALL["data"], "prefetch": 2}, **settings) == {}
