"""A run's model in other formats: the same answers to raw inputs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from workplace import Trained, Workplace

pytestmark = pytest.mark.tf

SHOP = "age,town,label\n" + "".join(f"{age},{'Bonn' if age % 2 else 'Oslo'},{age > 40}\n" for age in range(20, 60))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workplace, Trained]:
    place = Workplace(tmp_path_factory.mktemp("shop"))
    (place.folder / "shop.csv").write_text(SHOP)
    run = place.train(
        data={"source": {"CSV": {"path": "shop.csv", "label": "label"}}},
        model={"layers": [{"Dense": {"units": 1, "activation": "sigmoid"}}]},
        compile={"loss": "binary_crossentropy"},
        fit={"epochs": 1},
    )
    return place, run


def test_a_saved_model_takes_raw_rows(shop: tuple[Workplace, Trained], monkeypatch: pytest.MonkeyPatch) -> None:
    place, run = shop
    ended = place.call("export", "latest", "--to", "saved_model", "--json")
    assert ended.exit_code == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["largest_difference"] < 1e-5
    folder = Path(told["directory"])
    assert folder == run.directory / "exports" / "saved_model"
    served = tf.saved_model.load(str(folder / told["file"]))
    rows = {"age": tf.constant([[31.0]], tf.float64), "town": tf.constant([["Oslo"]])}
    whole = keras.saving.load_model(run.directory / "inference.keras")
    assert np.allclose(served.serve(rows), whole(rows), atol=1e-6)
    text = (folder / "README.txt").read_text()
    code = "\n".join(line for line in text.splitlines() if not line.startswith(("The ", "It ", "print")))
    place_of: dict[str, Any] = {}
    monkeypatch.chdir(folder)
    exec(code, place_of)
    answer = float(np.ravel(place_of["model"].serve(place_of["tensors"]))[0])
    assert f"[{answer}]" in text.splitlines()[-1]


def test_keras_itself_loads_the_export_and_takes_arrays_of_plain_text(
    shop: tuple[Workplace, Trained], monkeypatch: pytest.MonkeyPatch
) -> None:
    place, _ = shop
    out = place.folder / "out"
    assert place.call("export", "latest", "--to", "keras", "-o", str(out)).exit_code == 0
    text = (out / "README.txt").read_text()
    code = "\n".join(line for line in text.splitlines() if not line.startswith(("The ", "It ", "print")))
    assert "tensorflow" not in code
    place_of: dict[str, Any] = {}
    monkeypatch.chdir(out)
    exec(code, place_of)
    assert place_of["model"].inputs[0].name == "age"
    answer = float(np.ravel(place_of["model"](place_of["inputs"]))[0])
    assert f"[{answer}]" in text.splitlines()[-1]
    again = place.call("export", "latest", "--to", "keras", "-o", str(out))
    assert (again.exit_code, "exists already" in again.stderr) == (2, True)


def test_what_a_format_cannot_hold_is_refused(shop: tuple[Workplace, Trained]) -> None:
    place, run = shop
    ended = place.call("export", "latest", "--to", "litert")
    assert ended.exit_code == 2
    assert "litert has no text, but the model takes it as town" in ended.stderr
    assert not (run.directory / "exports" / "litert").exists()
    assert place.call("export", "latest", "--to", "pickle").exit_code == 2
