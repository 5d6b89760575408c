"""The matrix of labels, outputs, losses and metrics by the way that a person takes: a file, its check, its first step.

What fits ends its first step; what does not is refused before, at a place and with a fix. Nothing else ever happens.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from label_matrix import ARGUMENTS, CELLS, KINDS, Cell, N

from trainctl.config.load import load
from trainctl.config.model.fits import Misfit
from trainctl.config.model.needs import LOSSES, METRICS, Takes
from trainctl.errors import TrainctlError, exit_code_of
from trainctl.jobs.check import check

pytestmark = pytest.mark.tf

REFUSED = (3, 4, 5)
"""The exit codes of an experiment, of data and of a model that is refused."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with each kind of label beside inputs of the same places."""
    folder = tmp_path_factory.mktemp("matrix")
    draws = np.random.default_rng(3)
    for kind, labels in KINDS.items():
        places = {"m": (4, 4), "s": (5,)}.get(kind[0] if kind.startswith(("mask", "sequence")) else "", ())
        x = draws.normal(size=(N, *places, 6)).astype("float32")
        np.savez(folder / f"{kind}.npz", x=x, y=labels)
    return folder


def written(folder: Path, cell: Cell, loss: str, metrics: Sequence[str] = ()) -> str:
    """The file of an experiment, one metric to a line."""
    places = 3 if cell.kind.startswith("mask") else 2 if cell.kind == "sequence" else 1
    flat = ["Flatten"] if len(cell.shape) < places else []
    experiment = {
        "seed": 1,
        "data": {"source": {"NPZ": {"path": f"{cell.kind}.npz"}}},
        "model": {"layers": [*flat, {"Dense": {"units": cell.shape[-1], "activation": cell.activation}}]},
        "compile": {
            "optimizer": "sgd",
            "loss": {loss: {**ARGUMENTS.get(loss, {}), **cell.logits(loss)}},
            "metrics": [{name: ARGUMENTS.get(name, {})} for name in metrics],
        },
    }
    file = folder / "experiment.yaml"
    file.write_text(json.dumps(experiment, indent=1))
    return str(file)


def refusal(file: str) -> TrainctlError | None:
    """Why the experiment is refused; `None` if it took its first step."""
    try:
        check(load(file), lambda _: None, step=True)
    except TrainctlError as error:
        return error
    return None


def require_place_and_fix(error: TrainctlError | None, what: str) -> None:
    assert error is not None, what
    assert exit_code_of(error) in REFUSED, f"{what}: {error}"
    assert error.diagnostics, what
    for each in error.diagnostics:
        assert each.location is not None, f"{what}: {each.message}"
        assert each.hint, f"{what}: {each.message}"


def first_of_each_reason(cell: Cell) -> Iterator[str]:
    """The refused losses, one for each reason."""
    reasons: dict[str, str] = {}
    for name in LOSSES:
        found = cell.loss(name)
        if isinstance(found, Misfit):
            reasons.setdefault(found.message.replace(name, "_"), name)
    yield from reasons.values()


def one_of_each_need(cell: Cell) -> Iterator[str]:
    """The losses that fit, one of those that take the same labels; `test_label_matrix.py` trains them all."""
    fitting = [(name, need) for name, need in LOSSES.items() if cell.loss(name) is None]
    needs = {(need.labels, need.logits_argument): name for name, need in reversed(fitting)}
    yield from needs.values()


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_losses_that_fit_take_their_first_step(cell: Cell, folder: Path) -> None:
    for name in one_of_each_need(cell):
        error = refusal(written(folder, cell, name))
        assert error is None, f"{cell}: {name}: {error}"


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_losses_that_do_not_are_refused_before(cell: Cell, folder: Path) -> None:
    for name in first_of_each_reason(cell):
        require_place_and_fix(refusal(written(folder, cell, name)), f"{cell}: {name}")


FITTING = [cell for cell in CELLS if cell.loss(cell.standard[0]) is None]


def by_fit(cell: Cell, *, fits: bool) -> list[str]:
    """The metrics that fit, or do not; those that compare nothing are refused with the file."""
    names = [name for name in METRICS if METRICS[name].labels is not Takes.NONE]
    return [name for name in names if isinstance(cell.metric(name), Misfit) is not fits]


@pytest.mark.parametrize("cell", FITTING, ids=str)
def test_metrics_that_fit_take_their_first_step_together(cell: Cell, folder: Path) -> None:
    error = refusal(written(folder, cell, cell.standard[0], by_fit(cell, fits=True)))
    assert error is None, f"{cell}: {error}"


@pytest.mark.parametrize("cell", [cell for cell in FITTING if by_fit(cell, fits=False)], ids=str)
def test_all_metrics_that_do_not_are_in_one_report(cell: Cell, folder: Path) -> None:
    names = by_fit(cell, fits=False)
    error = refusal(written(folder, cell, cell.standard[0], names))
    require_place_and_fix(error, str(cell))
    places: list[Any] = [each.path for each in error.diagnostics] if error is not None else []
    assert places == [f"compile.metrics.{name}" for name in names]
