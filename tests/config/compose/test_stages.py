from pathlib import Path
from typing import Any

import pytest
import yaml
from workplace import SMALL

from trainctl.config.explain import explain
from trainctl.config.load import Loaded, load
from trainctl.config.render import resolved_yaml
from trainctl.errors import ConfigError

CALLBACKS = [
    {"EarlyStopping": {"monitor": "val_loss", "patience": 1}},
    {"ModelCheckpoint": {"filepath": "m-${fit.epochs}.keras"}},
]
STAGES: list[Any] = [
    {"name": "head", "freeze": "dense", "callbacks": {"EarlyStopping": {"patience": 0}}},
    {
        "fit": {"epochs": "${vars.many}", "steps_per_epoch": "${data.steps_per_epoch}"},
        "data": {"batch_size": 60},
        "compile": {"optimizer": {"Adam": {"learning_rate": 1e-4}}, "metrics": None},
        "callbacks": {"EarlyStopping": None},
    },
]
LARGE = {**SMALL, "vars": {"many": 5}, "callbacks": CALLBACKS, "stages": STAGES}


def loaded(folder: Path, *overrides: str, **sections: Any) -> Loaded:
    path = folder / "staged.yaml"
    path.write_text(yaml.safe_dump({**LARGE, **sections}, sort_keys=False))
    return load(str(path), overrides)


def codes(folder: Path, *overrides: str, **sections: Any) -> list[tuple[str, str]]:
    with pytest.raises(ConfigError) as raised:
        loaded(folder, *overrides, **sections)
    return [(each.code, each.path) for each in raised.value.diagnostics]


def test_a_stage_is_laid_over_the_top_level_and_interpolated_by_itself(tmp_path: Path) -> None:
    head, fine = loaded(tmp_path).experiment.at_each_stage
    assert [callback.name_in_yaml for callback in head.callbacks] == ["EarlyStopping", "ModelCheckpoint"]
    assert head.callbacks[0].patience == 0
    assert [callback.filepath for callback in (head.callbacks[1], *fine.callbacks)] == ["m-2.keras", "m-5.keras"]
    assert (head.fit.initial_epoch, head.fit.epochs) == (0, 2)
    assert (fine.fit.initial_epoch, fine.fit.epochs) == (2, 7), "epochs count through"
    assert (head.data.batch_size, fine.data.batch_size) == (16, 60)
    assert dict(fine.compile.optimizer.arguments) == {"learning_rate": 1e-4}
    assert len(head.compile.metrics) == 1
    assert not fine.compile.metrics


def test_facts_of_the_data_are_those_of_the_stage(tmp_path: Path) -> None:
    bound = loaded(tmp_path).bind({"steps_per_epoch": 8}, {}, lambda size: {"steps_per_epoch": 120 // size})
    assert bound.stages[1].fit.steps_per_epoch == 2


def test_what_is_recorded_is_the_same_experiment(tmp_path: Path) -> None:
    first = loaded(tmp_path)
    (tmp_path / "again.yaml").write_text(resolved_yaml(first, 7))
    again = load(str(tmp_path / "again.yaml"))
    assert resolved_yaml(again, 7) == resolved_yaml(first, 7)
    assert not again.experiment.at_stage(-1).compile.metrics, "null keeps off what the top level has"


def test_set_reaches_a_stage_by_index_and_name_also_what_it_takes_from_the_top_level(tmp_path: Path) -> None:
    found = loaded(
        tmp_path,
        "stages.head.fit.epochs=9",
        "stages.head.compile.optimizer.learning_rate=0.5",
        "stages.1.callbacks.ModelCheckpoint.filepath=best.keras",
    )
    head, fine = found.experiment.stages
    assert (head.fit.epochs, head.compile.optimizer.arguments["learning_rate"]) == (9, 0.5)
    assert fine.callbacks[0].filepath == "best.keras"
    value, origins, _ = explain(found, "stages.head.fit.epochs")
    assert value == 9
    assert origins[0].place.startswith("--set #1:")
    assert [each.value for each in origins] == [9, 2]


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        ([{"name": "a", "freze": "dense"}], [("unknown-key", "stages.a.freze")]),
        ([{"model": {}}], [("wrong-section", "stages.0.model")]),
        ([{"data": {"source": "Iris"}}], [("wrong-section", "stages.0.data.source")]),
        ([{"fit": {"initial_epoch": 2}}], [("wrong-section", "stages.0.fit.initial_epoch")]),
        ([{"name": "1"}], [("wrong-value", "stages.1.name")]),
        ([{"callbacks": {"CSVLogger": None}}], [("nothing-to-remove", "stages.0.callbacks.CSVLogger")]),
        ([{"compile": {"loss": None}}], [("missing-key", "stages.0.compile.loss")]),
        ({"head": {}}, [("wrong-type", "stages")]),
        (["head"], [("wrong-type", "stages.0")]),
    ],
)
def test_what_is_no_stage_is_told_at_its_place(tmp_path: Path, stages: Any, expected: list[Any]) -> None:
    assert codes(tmp_path, stages=stages) == expected


def test_a_mistake_of_the_top_level_is_told_once(tmp_path: Path) -> None:
    assert codes(tmp_path, fit={"epochs": 0}, stages=[{}, {}]) == [("out-of-range", "fit.epochs")]
    found = codes(tmp_path, callbacks=[{"EarlyStopping": {"monitor": "val_f1"}}], stages=[{}, {}])
    assert found[:-1] == [("unknown-metric", "stages.0.callbacks.EarlyStopping.monitor")]
