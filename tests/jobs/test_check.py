"""What `validate --build` says of data and model."""

from __future__ import annotations

import pytest
from workplace import Workplace

from trainctl.config.load import load
from trainctl.data import prepare as data
from trainctl.jobs.check import check

pytestmark = pytest.mark.tf


def test_a_table_tells_its_columns(workplace: Workplace) -> None:
    rows = "\n".join(f"{number},{'red' if number % 2 else 'blue'},{number % 2}" for number in range(20))
    (workplace.folder / "rows.csv").write_text(f"size,color,label\n{rows}\n")
    data = {"source": {"CSV": {"path": "rows.csv", "label": "label"}}, "validation_split": 0.25, "test_split": 0.25}
    text = check(load(str(workplace.write(data=data))), print, step=False)
    assert "CSV: 10 training, 5 validation, 5 test samples" in text
    size, color = (next(line for line in text.splitlines() if line.startswith(name)) for name in ("size", "color"))
    assert size.split() == ["size", "numeric", "10", *size.split()[3:6], "scaled"]
    assert color.split()[:3] == ["color", "categorical", "2"]


def test_a_regression_has_labels_that_are_numbers(workplace: Workplace) -> None:
    loaded = load(
        str(
            workplace.write(
                data={"source": "Diabetes"},
                model={"layers": [{"Dense": {"units": 1}}]},
                compile={"optimizer": "adam", "loss": "mse"},
            )
        )
    )
    assert "labels   numbers" in check(loaded, print, step=True)


def test_a_step_takes_what_is_built_already(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    loads = []
    load_data = data.load
    monkeypatch.setattr(data, "load", lambda *args, **kwargs: (loads.append(1), load_data(*args, **kwargs))[1])
    loaded = load(str(workplace.write()))
    without, with_step = (check(loaded, print, step=step) for step in (False, True))
    assert len(loads) == 2  # one each
    assert with_step == without


def test_sizes_come_from_the_columns_and_are_calculated_with(workplace: Workplace) -> None:
    rows = "\n".join(f"{('red', 'blue', 'green')[number % 3]},{number % 2}" for number in range(30))
    (workplace.folder / "rows.csv").write_text(f"color,label\n{rows}\n")
    layers = [
        {"StringLookup": {}, "from": "color"},
        {"Embedding": {"input_dim": "${data.columns.color.categories + 1}", "output_dim": "${vars.dim * 2}"}},
        {"Flatten": {}},
        {"Dense": {"units": "${data.num_classes}", "activation": "softmax"}},
    ]
    file = workplace.write(
        vars={"dim": 3},
        data={"source": {"CSV": {"path": "rows.csv", "label": "label"}}},
        model={"inputs": ["color"], "layers": layers},
    )
    assert "(None, 1, 6)" in check(load(str(file)), print, step=True)
