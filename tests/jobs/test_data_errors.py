"""A problem of the data points at the line of the experiment that is to blame."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from workplace import SMALL, Workplace

from trainctl.config.load import load
from trainctl.errors import DataError
from trainctl.jobs.data_errors import located, look, look_briefly


def test_a_data_error_points_at_the_source(workplace: Workplace) -> None:
    loaded = load(str(workplace.write()))
    with pytest.raises(DataError) as caught, located(loaded):
        raise DataError("gone", hint="bring it back")
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.path, diagnostic.message, diagnostic.hint) == ("data.source", "gone", "bring it back")
    assert diagnostic.location is not None


def test_a_build_error_points_at_its_setting(workplace: Workplace) -> None:
    config = workplace.write(fit={"class_weight": {"7": 2}})
    ended = workplace.call("run", str(config), "--format", "quiet")
    line = next(n for n, text in enumerate(config.read_text().splitlines(), 1) if '"7"' in text)
    assert ended.exit_code == 5
    assert f"experiment.yaml:{line}:12: error[build]: fit.class_weight: unknown class '7'" in ended.stderr


@pytest.mark.parametrize(
    "layer",
    [
        "StringLookup: {vocabulary: gone.txt}",
        "TimeDistributed: {layer: {TextVectorization: {vocabulary: gone.txt}}}",
        "Model: {layers: [StringLookup: {vocabulary: gone.txt}]}",
        "ResNet50: {weights: gone.h5}",
        "Saved: {path: gone.keras}",
    ],
)
def test_a_file_that_a_layer_reads_is_missing(tmp_path: Path, layer: str) -> None:
    config = tmp_path / "experiment.yaml"
    config.write_text(
        f"data: {{source: Iris}}\nmodel:\n  layers:\n    - {layer}\n    - Dense: {{units: 3, activation: softmax}}\n"
        f"compile: {{loss: {SMALL['compile']['loss']}}}\n"
    )
    with pytest.raises(DataError, match=r"gone.* does not exist") as caught:
        look(load(str(config)))
    (diagnostic,) = caught.value.diagnostics
    assert str(diagnostic.location) == f"{config}:4:{7 + layer.index('gone')}"


def test_validate_reports_all_missing_files_of_layers(workplace: Workplace) -> None:
    layers = [
        {"StringLookup": {"vocabulary": "a.txt"}},
        {"Embedding": {"input_dim": 3, "output_dim": 2, "weights": "b.txt"}},
    ]
    ended = workplace.call(
        "validate", str(workplace.write(model={"layers": [*layers, "Flatten", {"Dense": {"units": 3}}]}))
    )
    assert ended.exit_code == 4
    assert [f"{name}.txt does not exist" in ended.stderr for name in "ab"] == [True, True]


def test_files_that_are_there(workplace: Workplace) -> None:
    (workplace.folder / "words.txt").write_text("a\nb\n")
    layers = [{"StringLookup": {"vocabulary": "words.txt"}}, {"IntegerLookup": {"vocabulary": [1, 2]}}]
    look(load(str(workplace.write(model={"layers": [*layers, *SMALL["model"]["layers"]]}))))


def test_a_look_that_takes_long_is_left_to_the_run(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    monkeypatch.setattr("trainctl.sources.csv.CSV.look", lambda *_: released.wait(10))
    monkeypatch.setattr("trainctl.jobs.data_errors.SECONDS", 0.01)
    loaded = load(str(workplace.write(data={"source": {"CSV": {"path": "a.csv", "label": "y"}}})))
    assert look_briefly(loaded) == ["data.source"]
    released.set()


def test_everything_that_is_wrong_is_told_at_its_place(workplace: Workplace) -> None:
    (workplace.folder / "a.csv").write_text("size,color,label\n1,red,yes\n")
    source = {"CSV": {"path": "a.csv", "label": "lable", "features": ["size", "colour"]}}
    config = workplace.write(
        data={"source": source, "sample_weight": "w", "split_by_group": "g", "test_split": 0.2},
        model={"layers": [{"StringLookup": {"vocabulary": "a.txt"}}, *SMALL["model"]["layers"]]},
    )
    with pytest.raises(DataError) as error:
        look_briefly(load(str(config)))
    assert {(each.path, each.message.split(" (")[0].split("/")[-1]) for each in error.value.diagnostics} == {
        ("data.source.label", "a.csv has no column 'lable'"),
        ("data.source.features.1", "a.csv has no column 'colour'"),
        ("data.sample_weight", "a.csv has no column 'w'"),
        ("data.split_by_group", "a.csv has no column 'g'"),
        ("model.layers.StringLookup.vocabulary", "a.txt does not exist"),
    }
