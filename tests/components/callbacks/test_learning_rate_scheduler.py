"""LearningRateScheduler through YAML."""

from __future__ import annotations

from typing import Any

import pytest
from workplace import Workplace


def rates(workplace: Workplace, epochs: int = 5, **arguments: Any) -> list[float]:
    run = workplace.train(callbacks=[{"LearningRateScheduler": arguments}], fit={"epochs": epochs})
    return [line["learning_rate"] for line in run.history]


@pytest.mark.tf
@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("lr if epoch < 3 else lr * 0.5", [0.01, 0.01, 0.01, 0.005, 0.0025]),
        ("1", [1.0] * 5),  # Keras refuses an integer
        ({"0": 1e-3, "2": "1/1000", "4": 5e-4}, [1e-3, 1e-3, 1e-3, 1e-3, 5e-4]),
        (
            {"ExponentialDecay": {"initial_learning_rate": 0.1, "decay_steps": 1, "decay_rate": 0.5}},
            [0.1, 0.05, 0.025, 0.0125, 0.00625],
        ),
        ({"PiecewiseConstantDecay": {"boundaries": [1], "values": [0.2, 0.1]}}, [0.2, 0.2, 0.1, 0.1, 0.1]),
    ],
)
def test_the_rate_follows_the_schedule(workplace: Workplace, schedule: Any, expected: list[float]) -> None:
    assert rates(workplace, schedule=schedule) == pytest.approx(expected, rel=1e-5)


@pytest.mark.tf
@pytest.mark.parametrize("schedule", ["0.01", "lr"])
def test_warm_up_rises_in_equal_steps_to_what_the_schedule_says(workplace: Workplace, schedule: str) -> None:
    expected = [0.01 / 4, 0.02 / 4, 0.03 / 4, 0.01, 0.01]
    assert rates(workplace, schedule=schedule, warmup=3) == pytest.approx(expected, rel=1e-5)


@pytest.mark.tf
def test_functions_of_the_users(workplace: Workplace) -> None:
    module = workplace.folder / "mine.py"
    module.write_text(
        "import trainctl\n"
        "@trainctl.function\n"
        "def halved(epoch):\n"
        "    return 0.1 / 2**epoch\n"
        "@trainctl.function\n"
        "def broken(epoch, lr):\n"
        "    return lr + 'text'\n"
        "@trainctl.function\n"
        "def silent(epoch, lr):\n"
        "    pass\n"
    )

    def train(name: str, exit_code: int = 0) -> Any:
        schedule = {"LearningRateScheduler": {"schedule": name, "verbose": 1}}
        return workplace.train("--import", str(module), callbacks=[schedule], exit_code=exit_code)

    run = train("halved")
    assert [line["learning_rate"] for line in run.history] == pytest.approx([0.1, 0.05])
    assert run.notices("LearningRateScheduler") == ["learning_rate 0.01 → 0.1", "learning_rate 0.1 → 0.05"]
    assert "LearningRateScheduler setting learning rate to 0.05" in (run.directory / "console.log").read_text()
    failed = train("broken", exit_code=6)
    assert (
        f"broken failed: TypeError: unsupported operand type(s) for +: 'float' and 'str' ({module}:7)" in failed.stderr
    )
    assert "silent gave None instead of a learning rate" in train("silent", exit_code=6).stderr


@pytest.mark.parametrize("schedule", ["learning_rate * 0.5", "lr * 0.5", "min(lr, learning_rate)"])
def test_both_names_of_the_rate_are_known(workplace: Workplace, schedule: str) -> None:
    callback = {"LearningRateScheduler": {"schedule": schedule}}
    assert workplace.call("validate", str(workplace.write(callbacks=[callback]))).stderr == ""


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"schedule": "lr.real"}, "bad-expression"),
        ({"schedule": "lrr"}, "bad-expression"),
        ({"schedule": {"3": 0.1}}, "bad-schedule"),
        ({"schedule": {"0": "fast"}}, "bad-schedule"),
        ({"schedule": {"0": -1}}, "bad-schedule"),
        ({"schedule": 3}, "bad-schedule"),
        ({"schedule": {"CosineDecy": {}}}, "unknown-component"),
        ({"schedule": "lr", "warmup": -1}, "out-of-range"),
        ({}, "missing-argument"),
    ],
)
def test_mistakes_are_found_before_the_run(workplace: Workplace, arguments: dict[str, Any], code: str) -> None:
    ended = workplace.call("validate", str(workplace.write(callbacks=[{"LearningRateScheduler": arguments}])))
    assert ended.exit_code == 3
    assert f"error[{code}]" in ended.stderr
