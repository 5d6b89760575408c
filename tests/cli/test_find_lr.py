"""`trainctl find-lr`: a curve for people, JSON for programs, a picture for both, and no run."""

from __future__ import annotations

import json

import pytest
from workplace import Workplace


@pytest.mark.tf
def test_a_schedule_gives_way_and_nothing_is_left_but_the_picture(workplace: Workplace) -> None:
    rate = {"CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": 100}}
    file = workplace.write(
        compile={"optimizer": {"Adam": {"learning_rate": rate}}, "loss": "sparse_categorical_crossentropy"}
    )
    ended = workplace.call("find-lr", str(file), "--steps", "60")
    assert ended.exit_code == 0, ended.stderr
    assert ended.stdout.startswith("learning rate  loss\n")
    assert "compile.optimizer.learning_rate=" in ended.stdout
    assert not (workplace.folder / "runs").exists()
    target = workplace.folder / "curve.png"
    ended = workplace.call("find-lr", str(file), "--steps", "60", "--plot", str(target), "--json")
    found = json.loads(ended.stdout)
    assert set(found) == {"suggestion", "lowest_at", "broke_at", "learning_rates", "losses", "plot"}
    assert found["plot"] == str(target)
    assert target.read_bytes().startswith(b"\x89PNG")
    ended = workplace.call("find-lr", str(file), "--steps", "60", "--plot", str(target.parent / "none" / "curve.png"))
    assert (ended.exit_code, "cannot be written" in ended.stderr) == (7, True)


@pytest.mark.parametrize("options", [("--from", "0"), ("--from", "1", "--to", "0.1"), ("--steps", "5")])
def test_ranges_that_cannot_be_tested(workplace: Workplace, options: tuple[str, ...]) -> None:
    ended = workplace.call("find-lr", str(workplace.write()), *options)
    assert ended.exit_code == 2
    assert "got" in ended.stderr
