from pathlib import Path
from typing import Any

import numpy as np
import pytest
from graphs import built, experiment

pytestmark = pytest.mark.tf

MODEL = """
layers:
  - Model:
      name: backbone
      layers: [{Dense: {units: 3, name: low}}, {Dense: {units: 3, name: high}}, {Dense: {units: 3, name: old, trainable: false}}]
    freeze: low
  - Dense: {units: 2, name: fixed, trainable: false}
  - Dense: {units: 2, name: head}
"""


def model(folder: Path) -> tuple[Any, Any]:
    section, made = experiment(folder, MODEL).model, built(folder, MODEL, np.zeros((4, 5), np.float32))
    made.get_layer("backbone").get_layer("low").trainable = True  # as before it was frozen
    return section, made


def test_a_stage_freezes_what_it_names_in_place_of_what_the_model_freezes_and_trains_no_other_frozen_layer(
    tmp_path: Path,
) -> None:
    from trainctl.config.model.graph import Freeze
    from trainctl.models.freezing import freeze, trained_layers

    section, made = model(tmp_path)
    trained, found = trained_layers(made), []
    for wanted in (None, Freeze(), Freeze(("backbone",)), Freeze(("*/high", "head")), Freeze(until="low"), None):
        freeze(made, section, trained, wanted, (None, "stages.0.freeze"))
        found.append({weight.path.split("/")[-2] for weight in made.trainable_weights})
    assert found == [{"high", "head"}, {"low", "high", "head"}, {"head"}, {"low"}, {"high", "head"}, {"high", "head"}]


def test_a_name_that_no_layer_has_is_told_with_the_stage(tmp_path: Path) -> None:
    from trainctl.config.model.graph import Freeze
    from trainctl.errors import BuildError
    from trainctl.models.freezing import freeze

    section, made = model(tmp_path)
    with pytest.raises(BuildError) as raised:
        freeze(made, section, {}, Freeze(("backbon",)), (None, "stages.a.freeze"))
    (problem,) = raised.value.diagnostics
    assert (problem.path, problem.hint) == ("stages.a.freeze", "did you mean 'backbone'?")
