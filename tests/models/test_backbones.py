"""Backbones and saved models as layers: preprocessing, weights, what is frozen, and what cannot be had."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from graphs import built
from workplace import Workplace

from trainctl.errors import BuildError, DataError, RunDirError

pytestmark = pytest.mark.tf

PIXELS = np.full((2, 32, 32, 3), 255.0, np.float32)
MOBILE = "MobileNet: {alpha: 0.25, include_top: false, weights: null, pooling: avg, name: net}"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small saved model: Dense `first`, Dense `second`, Dense `head`."""
    inputs = keras.Input((4,))
    outputs = inputs
    for name in ("first", "second", "head"):
        outputs = keras.layers.Dense(3, name=name)(outputs)
    path = tmp_path_factory.mktemp("saved") / "model.keras"
    keras.Model(inputs, outputs).save(path)
    return path


@pytest.fixture(scope="module")
def nested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved model with a frozen model within it, called without training: scale, eye (norm, one, two), head."""
    text = """
      layers:
        - Rescaling: {scale: 2, name: scale}
        - Model:
            name: eye
            layers: [{BatchNormalization: {name: norm}}, {Dense: {units: 3, name: one}}, {Dense: {units: 3, name: two}}]
          call: {training: false}
          freeze: true
        - Dense: {units: 3, name: head}
    """
    folder = tmp_path_factory.mktemp("nested")
    built(folder, text, X).save(folder / "model.keras")
    return folder / "model.keras"


X = np.ones((2, 4), np.float32)


class TestApplications:
    def test_it_takes_pixels_and_brings_them_to_its_range(self, tmp_path: Path) -> None:
        model = built(tmp_path, f"layers:\n  - {MOBILE}", PIXELS)
        assert [layer.name for layer in model.layers] == ["input", "net.preprocess", "net"]
        assert float(np.max(model.get_layer("net.preprocess")(PIXELS))) == 1.0
        model.save(tmp_path / "m.keras")
        assert keras.saving.load_model(tmp_path / "m.keras").count_params() == model.count_params()

    def test_without_preprocessing(self, tmp_path: Path) -> None:
        model = built(tmp_path, f"layers:\n  - {MOBILE}\n    preprocess: false", PIXELS)
        assert [layer.name for layer in model.layers] == ["input", "net"]

    @pytest.mark.parametrize(
        ("freeze", "trainable"),
        [
            ("true", set()),
            ("{until: conv_dw_13}", {"conv_pw_13"}),
            ("'conv_[pd]w_?'", {"conv_pw_13", "conv_dw_13", "conv1"}),
            ("['conv_*', conv1]", set()),
        ],
    )
    def test_what_is_frozen(self, tmp_path: Path, freeze: str, trainable: set[str]) -> None:
        net = built(tmp_path, f"layers:\n  - {MOBILE}\n    freeze: {freeze}", PIXELS).get_layer("net")
        watched = {"conv1", "conv_dw_1", "conv_dw_13", "conv_pw_13"}
        assert {layer.name for layer in net.layers if layer.trainable_weights} & watched == trainable

    def test_a_pattern_that_meets_nothing_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(BuildError) as caught:
            built(tmp_path, f"layers:\n  - {MOBILE}\n    freeze: conv_dv_1", PIXELS)
        (diagnostic,) = caught.value.diagnostics
        assert (diagnostic.message, diagnostic.hint) == (
            "no layer of net is called 'conv_dv_1'",
            "did you mean 'conv_dw_1'?",
        )

    def test_weights_from_a_file(self, tmp_path: Path) -> None:
        first = built(tmp_path, f"layers:\n  - {MOBILE}", PIXELS, seed=5)
        first.get_layer("net").save_weights(tmp_path / "net.weights.h5")
        second = built(tmp_path, f"layers:\n  - {MOBILE.replace('null', 'net.weights.h5')}", PIXELS, seed=6)
        np.testing.assert_array_equal(first(PIXELS), second(PIXELS))

    def test_a_missing_file_and_a_failed_download_are_problems_of_data(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with pytest.raises(DataError, match="does not exist"):
            built(tmp_path, f"layers:\n  - {MOBILE.replace('null', 'absent.h5')}", PIXELS)
        monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
        monkeypatch.setattr(keras.src.utils.file_utils.config, "keras_home", lambda: str(tmp_path / "keras"))
        with pytest.raises(DataError) as caught:
            built(tmp_path, "layers: [MobileNet: {include_top: false}]", np.zeros((1, 224, 224, 3), np.float32))
        assert str(caught.value).startswith("the imagenet weights of MobileNet cannot be downloaded: ")
        assert caught.value.hint is not None
        assert "weights: null" in caught.value.hint


class TestSaved:
    def test_whole(self, tmp_path: Path, trained: Path) -> None:
        events: list[Any] = []
        model = built(tmp_path, f"layers: [Saved: {{path: {trained}, name: old}}]", X, events=events)
        np.testing.assert_array_equal(model(X), keras.saving.load_model(trained)(X))
        assert next(event.message for event in events).startswith("old starts from ")

    def test_without_its_head_and_frozen(self, tmp_path: Path, trained: Path) -> None:
        text = f"layers:\n  - Saved: {{path: {trained}, until: second}}\n    freeze: true\n  - Dense: {{units: 2}}"
        model = built(tmp_path, text, X)
        assert [layer.name for layer in model.get_layer("saved").layers][-1] == "second"
        assert [weight.path for weight in model.trainable_weights] == ["dense/kernel", "dense/bias"]

    def test_a_run_by_its_name(self, workplace: Workplace) -> None:
        workplace.train()
        ended = workplace.train(
            name="next",
            model={
                "layers": [
                    {"Saved": {"run": "small", "until": "dense"}},
                    {"Dense": {"units": 3, "activation": "softmax"}},
                ]
            },
        )
        assert any("saved starts from" in (event.get("message") or "") for event in ended.events)
        assert workplace.call("evaluate", str(ended.directory)).exit_code == 0

    @pytest.mark.parametrize("run", ["latest", "small"])
    def test_its_own_run_is_never_meant(self, workplace: Workplace, run: str) -> None:
        first = workplace.train("--runs-dir", "runs/")
        layers = [{"Saved": {"run": run, "until": "dense"}}, {"Dense": {"units": 3, "activation": "softmax"}}]
        second = workplace.train(model={"layers": layers})
        assert str(first.directory) in (second.directory / "resolved.yaml").read_text()
        ended = workplace.call("resume", str(second.directory), "-s", "fit.epochs=3")
        assert ended.exit_code == 0, ended.stderr

    def test_cut_after_a_model_within_it(self, tmp_path: Path, nested: Path) -> None:
        model = built(tmp_path, f"layers: [Saved: {{path: {nested}, until: eye}}, Dense: {{units: 2}}]", X)
        assert model.get_layer("saved").output.shape == (None, 3)
        whole = keras.saving.load_model(nested)
        np.testing.assert_allclose(model.get_layer("saved")(X), whole.get_layer("eye")(whole.get_layer("scale")(X)))

    @pytest.mark.parametrize(
        ("freeze", "trainable"),
        [
            ("false", {"norm", "one", "two", "head"}),  # what was frozen before is trained again
            ("'eye/o*'", {"norm", "two", "head"}),
            ("{until: one}", {"two", "head"}),
            ("{until: eye/two}", {"head"}),
            ("eye", {"head"}),
        ],
    )
    def test_frozen_within_a_model_within_it(
        self, tmp_path: Path, nested: Path, freeze: str, trainable: set[str]
    ) -> None:
        model = built(tmp_path, f"layers:\n  - Saved: {{path: {nested}}}\n    freeze: {freeze}", X).get_layer("saved")
        assert {weight.path.split("/")[-2] for weight in model.trainable_weights} == trainable

    def test_what_was_called_without_training_still_is(self, tmp_path: Path, nested: Path) -> None:
        model = built(tmp_path, f"layers: [Saved: {{path: {nested}}}]", X)
        norm = model.get_layer("saved").get_layer("eye").get_layer("norm")
        model(X * 100, training=True)
        np.testing.assert_array_equal(norm.moving_mean, np.zeros(4))

    @pytest.mark.parametrize(
        ("arguments", "error", "message"),
        [
            ("path: absent.keras", DataError, "absent.keras does not exist"),
            ("run: absent", RunDirError, "no runs in"),
            ("path: broken.keras", BuildError, "broken.keras cannot be loaded: "),
            ("path: TRAINED, until: secnd", BuildError, "no layer of saved is called 'secnd'"),
        ],
    )
    def test_what_cannot_be_had(
        self, tmp_path: Path, trained: Path, arguments: str, error: type[Exception], message: str
    ) -> None:
        (tmp_path / "broken.keras").write_bytes(b"PK no")
        with pytest.raises(error, match=message) as caught:
            built(tmp_path, f"layers: [Saved: {{{arguments.replace('TRAINED', str(trained))}}}]", X)
        (diagnostic,) = caught.value.diagnostics
        assert diagnostic.path == "model.layers.Saved"

    def test_code_in_a_file_is_refused(self, tmp_path: Path) -> None:
        inputs = keras.Input((4,))
        keras.Model(inputs, keras.layers.Lambda(lambda x: x + 1)(inputs)).save(tmp_path / "code.keras")
        with pytest.raises(BuildError, match="Lambda"):
            built(tmp_path, "layers: [Saved: {path: code.keras}]", X)
