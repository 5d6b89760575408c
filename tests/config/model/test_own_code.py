"""What a saved model needs to load in Keras alone: the user's own classes and functions, by their names in the file."""

from __future__ import annotations

import json

import pytest
from workplace import Workplace

pytestmark = pytest.mark.tf

OWN = """
import keras, trainctl

@trainctl.layer
class Twofold(keras.layers.Layer):
    def call(self, x):
        return 2 * x

@trainctl.function
def halved(x):
    return x / 2

@trainctl.loss
def cubic(y_true, y_pred):
    return keras.ops.mean(keras.ops.abs(y_true - y_pred) ** 3, axis=-1)
"""


def test_a_model_loads_with_what_explain_names(workplace: Workplace) -> None:
    import keras

    (workplace.folder / "own_code.py").write_text(OWN)
    layers = ["Twofold", {"Dense": {"units": 3, "activation": "halved"}}]
    config = str(workplace.write(model={"layers": layers}, compile={"loss": "cubic"}, data={"source": "Iris"}))
    own = ("--import", str(workplace.folder / "own_code.py"))
    shown = workplace.call("explain", config, "model", *own)
    assert "to load model.keras in Keras alone: " in shown.stdout
    code = json.loads(workplace.call("explain", config, "model", "--json", *own).stdout)["custom_objects"]
    assert sorted(code.values()) == ["Twofold", "cubic", "halved"]
    registered = {name: keras.saving.get_registered_object(saved) for saved, name in code.items()}
    assert registered["Twofold"].__name__ == "Twofold"
    assert registered["cubic"].__name__ == "cubic"
    assert code["trainctl>halved"] == "halved"
    plain = workplace.call("explain", str(workplace.write()), "model")
    assert "to load" not in plain.stdout
