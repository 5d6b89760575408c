"""Checks across sections: each has a case that fires and one that does not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from trainctl.components.extras import Extra
from trainctl.config.checks import CHECKS
from trainctl.diagnostics import Diagnostic

Problems = Callable[..., list[Diagnostic]]

CHECKPOINT = "ModelCheckpoint: {{filepath: {}, monitor: val_loss}}"
LOSS = "sparse_categorical_crossentropy"
STOPPING = "EarlyStopping: {monitor: val_loss, patience: 3}"
SOFTMAX = "Dense: {units: 3, activation: softmax}"

FIRES = [
    (
        "splits_leave_samples",
        "  validation_split: 0.2",
        "  validation_split: 0.5\n  test_split: 0.5",
        "no-training-data",
        "4:15",
    ),
    (
        "splits_are_given_once",
        "  validation_split: 0.2",
        "  validation_split: 0.5\n  validation: Iris",
        "split-twice",
        "3:21",
    ),
    (
        "splits_are_given_once, by two rules",
        "  validation_split: 0.2",
        "  validation_split: 0.2\n  split_by_group: a\n  split_by_time: b",
        "split-twice",
        "5:18",
    ),
    (
        "splits_are_given_once, no split",
        "  validation_split: 0.2",
        "  validation: Iris\n  split_by_group: a",
        "no-split",
        "4:19",
    ),
    (
        "layers_suit_the_data, boxes",
        "  validation_split: 0.2",
        "  validation_split: 0.2\n  augment: [RandomFlip: {bounding_box_format: xyxy}]",
        "bounding-boxes",
        "4:13",
    ),
    (
        "layers_suit_the_data, boxes alone",
        "  validation_split: 0.2",
        "  validation_split: 0.2\n  augment: [MaxNumBoundingBoxes: {max_number: 2}]",
        "bounding-boxes",
        "4:13",
    ),
    (
        "layers_suit_the_data, not random",
        "  validation_split: 0.2",
        "  validation_split: 0.2\n  map: [RandomFlip]",
        "no-effect",
        "4:9",
    ),
    (
        "layers_suit_the_data, weights",
        "  validation_split: 0.2",
        "  validation_split: 0.2\n  sample_weight: w\n  augment: [MixUp]",
        "mixed-weights",
        "5:13",
    ),
    ("losses_and_metrics_fit", SOFTMAX, "Dense: {units: 2, activation: softmax}", "output-units", "7:22"),
    ("outputs_are_all_used", SOFTMAX, "Dense: {units: 4, activation: softmax}", "output-units", "7:22"),
    ("losses_and_metrics_fit, binary", f"loss: {LOSS}", "loss: binary_crossentropy", "loss", "11:9"),
    ("losses_and_metrics_fit, classes", f"loss: {LOSS}", "loss: mse", "loss", "11:9"),
    ("loss_fits_activation, none", SOFTMAX, "Dense: {units: 3}", "loss-activation", "7:7"),
    ("loss_fits_activation, relu", SOFTMAX, "Dense: {units: 3, activation: relu}", "loss-activation", "7:37"),
    (
        "loss_fits_activation, logits",
        f"loss: {LOSS}",
        "loss: {SparseCategoricalCrossentropy: {from_logits: true}}",
        "loss-activation",
        "7:37",
    ),
    ("metrics_are_distinct", "[accuracy]", "[accuracy, accuracy]", "duplicate-metric", "12:23"),
    ("metrics_are_distinct, loss", "[accuracy]", "[{AUC: {name: loss}}]", "duplicate-metric", "12:14"),
    ("monitored_metrics_exist", "monitor: val_loss", "monitor: val_auc", "unknown-metric", "16:30"),
    ("monitored_metrics_exist, default", "  validation_split: 0.2\n", "", "no-validation", "15:30"),
    ("monitored_direction_is_known", "monitor: val_loss", "monitor: learning_rate", "unknown-direction", "16:30"),
    ("placeholders_exist", STOPPING, CHECKPOINT.format('"{epoch}-{auc}.keras"'), "unknown-metric", "16:33"),
    ("placeholders_exist, broken", STOPPING, CHECKPOINT.format('"{epoch.keras"'), "placeholder", "16:33"),
    ("placeholders_exist, a character", STOPPING, CHECKPOINT.format('"{epoch:c}/best.keras"'), "placeholder", "16:33"),
    ("placeholders_exist, wide", STOPPING, CHECKPOINT.format('"{epoch:0999999999d}.keras"'), "placeholder", "16:33"),
    ("placeholders_exist, no integer", STOPPING, CHECKPOINT.format('"{val_loss:03d}.keras"'), "placeholder", "16:33"),
    ("placeholders_exist, converted", STOPPING, CHECKPOINT.format('"{val_loss!r}.keras"'), "placeholder", "16:33"),
    ("expected_metrics_exist", "fit:", 'expect: {val_auc: ">= 0.9"}\nfit:', "unknown-metric", "13:10"),
    ("paths_stay_inside", STOPPING, CHECKPOINT.format("a/../../best.keras"), "output-path", "16:33"),
    ("paths_stay_inside, ours", STOPPING, CHECKPOINT.format("model.keras"), "output-path", "16:33"),
    (
        "paths_are_distinct",
        STOPPING,
        "CSVLogger: {filename: a/b.csv}\n  - CSVLogger: {filename: ./a//b.csv}",
        "output-path",
        "17:27",
    ),
    ("nodes_are_used", SOFTMAX, f"{SOFTMAX}\n      from: input", "unused-node", "6:7"),
    ("blocks_are_used", "  layers:", "  blocks: {wide: {layers: [Flatten]}}\n  layers:", "unused-block", "5:12"),
    (
        "layers_can_learn",
        "  validation_split: 0.2",
        "  validation_split: 0.2\n  map: [Normalization]",
        "cannot-learn",
        "4:9",
    ),
    (
        "layers_can_learn, in another",
        SOFTMAX,
        f"TimeDistributed: {{layer: Normalization}}\n    - {SOFTMAX}",
        "cannot-learn",
        "7:32",
    ),
    ("outputs_are_known", f"loss: {LOSS}", f"loss: {{hiden: {LOSS}}}", "unknown-output", "11:10"),
    ("epochs_remain", "epochs: 5", "epochs: 5\n  initial_epoch: 5", "no-epochs", "15:18"),
    ("settings_have_effect", "patience: 3", "patience: 5", "no-effect", "16:50"),
    ("settings_have_effect, whole", STOPPING, "History", "no-effect", "16:5"),
    ("averages_are_kept", STOPPING, "SwapEMAWeights", "no-averages", "16:5"),
    (
        "batches_have_what_is_watched",
        STOPPING,
        CHECKPOINT.format("b.keras, save_best_only: true, save_freq: 10"),
        "val-between-batches",
        "16:88",
    ),
    (
        "expressions_read_what_is_logged",
        STOPPING,
        "LambdaCallback: {on_epoch_end: \"print(logs['auc'])\"}",
        "unknown-metric",
        "16:36",
    ),
    ("order_defeats_nobody", STOPPING, "CSVLogger: {filename: a.csv}\n  - ReduceLROnPlateau", "callback-order", "16:5"),
    (
        "recovery_can_lower_the_rate",
        f"fit:\n  epochs: 5\ncallbacks:\n  - {STOPPING}",
        "execution: {recover: {on: nan}}\nfit:\n  epochs: 5\ncallbacks:\n  - LearningRateScheduler: {schedule: lr}",
        "recover-conflict",
        "13:22",
    ),
    ("outputs_are_writable", STOPPING, CHECKPOINT.format("/dev/null/best.keras"), "output-path", "16:33"),
]

STAYS_SILENT = [
    ("recovery_can_lower_the_rate", "fit:", "execution: {recover: {on: nan}}\nfit:"),
    ("splits_leave_samples", "  validation_split: 0.2", "  validation_split: 0.5\n  test_split: 0.49"),
    ("splits_are_given_once", "  validation_split: 0.2", "  validation: Iris\n  test_split: 0.5\n  split_by_group: a"),
    ("outputs_are_all_used", "units: 3", 'units: "${data.num_classes}"'),
    ("outputs_are_all_used, not known", "source: Iris", "source: {CSV: {path: a.csv, label: y}}"),
    ("loss_fits_activation", SOFTMAX, "Dense: {units: 3}\n    - Softmax"),
    ("loss_fits_activation, own layer last", SOFTMAX, "Dense: {units: 3}\n    - Activation: {activation: softmax}"),
    ("metrics_are_distinct", "[accuracy]", "[accuracy, {Accuracy: {name: exact}}]"),
    ("monitored_metrics_exist", "monitor: val_loss", "monitor: val_accuracy"),
    ("monitored_metrics_exist, training", "monitor: val_loss", "monitor: loss"),
    ("monitored_direction_is_known", "monitor: val_loss", "monitor: learning_rate, mode: min"),
    ("placeholders_exist", STOPPING, CHECKPOINT.format('"{epoch:02d}-{val_accuracy:.2f}.keras"')),
    (
        "placeholders_exist, forms",
        STOPPING,
        CHECKPOINT.format('"{epoch}-{epoch:3d}-{loss}-{loss:06.3g}-{val_loss:e}.keras"'),
    ),
    ("placeholders_exist, literal", STOPPING, CHECKPOINT.format('"{{a}}.keras"')),
    ("placeholders_exist, taken as it is", STOPPING, 'CSVLogger: {filename: "{auc}.csv"}'),
    ("expected_metrics_exist", "fit:", 'expect: {val_accuracy: ">= 0.9", loss: "< 1"}\nfit:'),
    ("paths_stay_inside", STOPPING, CHECKPOINT.format("a/best.keras")),
    ("paths_stay_inside, absolute", STOPPING, CHECKPOINT.format("/tmp/best.keras")),
    ("paths_are_distinct", STOPPING, "CSVLogger: {filename: a.csv}\n  - CSVLogger: {filename: b.csv}"),
    ("nodes_are_used", SOFTMAX, f"{SOFTMAX}\n      from: hidden"),
    ("blocks_are_used", "  layers:", "  blocks: {wide: {layers: [Flatten]}}\n  layers:\n    - wide"),
    (
        "layers_can_learn",
        "  layers:",
        "  layers:\n    - Normalization\n    - Model: {name: m, layers: [Normalization]}",
    ),
    (
        "layers_can_learn, told",
        "  validation_split: 0.2",
        "  validation_split: 0.2\n  map: [Normalization: {mean: 0, variance: 1}]",
    ),
    ("epochs_remain", "epochs: 5", "epochs: 5\n  initial_epoch: 4"),
    (
        "layers_suit_the_data",
        "  validation_split: 0.2",
        "  validation_split: 0.2\n  map: [Rescaling: {scale: 2}]\n  augment: [RandomFlip, MixUp]",
    ),
    ("settings_have_effect", "patience: 3", "patience: 4"),
    ("settings_have_effect, restores", "patience: 3", "patience: 5, restore_best_weights: true"),
    ("learning_rate_is_settable", STOPPING, "ReduceLROnPlateau"),
    ("batches_have_what_is_watched", STOPPING, CHECKPOINT.format("b.keras, save_freq: 10")),
    ("expressions_read_what_is_logged", STOPPING, "LambdaCallback: {on_epoch_end: \"print(logs['val_loss'])\"}"),
    ("order_defeats_nobody", STOPPING, "ReduceLROnPlateau\n  - CSVLogger: {filename: a.csv}"),
    ("outputs_are_writable", STOPPING, CHECKPOINT.format("/tmp/a/b/best.keras")),
]


@pytest.mark.parametrize(("old", "new", "code", "place"), [row[1:] for row in FIRES], ids=[row[0] for row in FIRES])
def test_it_fires(problems: Problems, experiment: str, old: str, new: str, code: str, place: str) -> None:
    assert old in experiment
    found = problems(experiment.replace(old, new))
    assert [problem.code for problem in found] == [code]
    assert str(found[0].location) == f"experiment.yaml:{place}"


@pytest.mark.parametrize(("old", "new"), [row[1:] for row in STAYS_SILENT], ids=[row[0] for row in STAYS_SILENT])
def test_it_stays_silent(problems: Problems, experiment: str, old: str, new: str) -> None:
    assert old in experiment
    assert problems(experiment.replace(old, new)) == []


IN_TESTS_OF_THEIR_OWN = {
    "changed_labels_are_there",
    "folds_are_the_test",
    "folds_have_samples",
    "folds_are_split_one_way",
    "folds_write_apart",
    "variables_are_read",
    "losses_and_metrics_fit",
    "secrets_are_sent_knowingly",
    "learning_rate_is_settable",
    "averages_are_kept",
    "extras_are_installed",
    "inputs_are_there",
    "outputs_learn",
    "outputs_are_known",
    "class_weights_have_one_output",
    "own_models_stand_alone",
    "name_means_nothing_else",
    "optimizer_numbers_make_sense",
    "weights_make_sense",
    "weights_are_updated",
    "validation_happens",
    "schedules_give_rates",
    "planned_rates_make_sense",
}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_each_check_is_tried_both_ways(check: Callable[..., object]) -> None:
    fires, silent = ({row[0].split(",")[0] for row in rows} for rows in (FIRES, STAYS_SILENT))
    assert check.__name__ in (fires & silent) | IN_TESTS_OF_THEIR_OWN


@pytest.mark.parametrize("installed", [True, False])
def test_an_optional_package_has_to_be_there(
    problems: Problems, experiment: str, monkeypatch: pytest.MonkeyPatch, installed: bool
) -> None:
    monkeypatch.setattr(Extra, "is_installed", installed)
    found = problems(experiment.replace(STOPPING, "OrbaxCheckpoint: {directory: checkpoints}"))
    assert [problem.code for problem in found] == ([] if installed else ["missing-extra"])
    assert [problem.hint for problem in found] == ([] if installed else ['pip install "trainctl[orbax]"'])


@pytest.mark.parametrize("key", ["source", "validation", "offline"])
@pytest.mark.parametrize(
    ("source", "extra"), [("TFDS: {name: mnist}", "tfds"), ("HuggingFace: {path: a/b, features: text}", "huggingface")]
)
def test_the_package_of_a_data_source_has_to_be_there(
    problems: Problems, experiment: str, monkeypatch: pytest.MonkeyPatch, key: str, source: str, extra: str
) -> None:
    monkeypatch.setattr(Extra, "is_installed", False)
    text = experiment.replace("source: Iris", f"source: {{{source}}}")
    if key == "validation":
        text = experiment.replace("  validation_split: 0.2", f"  validation: {{{source}}}")
    elif key == "offline":
        text = experiment.replace("source: Iris", f"source: Iris\n  offline: {{{source}}}")
    [problem] = problems(text)
    assert (problem.code, problem.path, problem.hint) == (
        "missing-extra",
        f"data.{key}",
        f'pip install "trainctl[{extra}]"',
    )


def test_a_file_that_a_callback_reads_has_to_be_there(problems: Problems, experiment: str, tmp_path: Path) -> None:
    text = experiment.replace(STOPPING, "TensorBoard: {embeddings_metadata: labels.tsv}")
    [problem] = problems(text)
    assert (problem.code, str(problem.location)) == ("missing-file", "experiment.yaml:16:40")
    (tmp_path / "labels.tsv").touch()
    assert problems(text) == []


def test_a_callback_cannot_set_the_rate_of_a_schedule(problems: Problems, experiment: str) -> None:
    decay = "{ExponentialDecay: {initial_learning_rate: 1e-3, decay_steps: 9, decay_rate: 0.9}}"
    text = experiment.replace("learning_rate: 1e-3", f"learning_rate: {decay}")
    assert problems(text) == []
    [problem] = problems(text.replace(STOPPING, "ReduceLROnPlateau"))
    assert (problem.code, str(problem.location)) == ("schedule-conflict", "experiment.yaml:16:5")


@pytest.fixture
def two_outputs(experiment: str) -> str:
    """The experiment with two outputs."""
    text = experiment.replace(
        SOFTMAX, f"{SOFTMAX[:-1]}, name: kind}}\n    - Dense: {{units: 1, name: size}}\n      from: hidden"
    )
    return text.replace("compile:", "  outputs: [kind, size]\ncompile:").replace("[accuracy]", "{kind: [accuracy]}")


def test_each_output_has_a_loss(problems: Problems, two_outputs: str) -> None:
    whole = two_outputs.replace(f"loss: {LOSS}", f"loss: {{kind: {LOSS}, size: mse}}")
    assert problems(whole) == []
    [problem] = problems(whole.replace(", size: mse", ""))
    assert (problem.code, problem.message) == ("no-loss", "the output 'size' has no loss and is not trained")


def test_what_compile_names_is_an_output(problems: Problems, two_outputs: str) -> None:
    [problem] = problems(two_outputs.replace("{kind: [", "{kin: ["))
    assert (problem.code, problem.hint) == ("unknown-output", "did you mean 'kind'?")
    assert problem.location is not None
    assert problem.location.line == 15


def test_keys_of_several_outputs_bear_their_names(problems: Problems, two_outputs: str) -> None:
    assert problems(two_outputs.replace("monitor: val_loss", "monitor: val_kind_accuracy")) == []
    assert problems(two_outputs.replace("monitor: val_loss", "monitor: val_size_loss")) == []
    [problem] = problems(two_outputs.replace("monitor: val_loss", "monitor: val_accuracy"))
    assert problem.code == "unknown-metric"


def test_classes_are_weighed_for_one_output(problems: Problems, experiment: str, two_outputs: str) -> None:
    weighted = "  epochs: 5\n  class_weight: balanced"
    assert problems(experiment.replace("  epochs: 5", weighted)) == []
    [problem] = problems(two_outputs.replace("  epochs: 5", weighted))
    assert problem.code == "class-weight"


def test_averages_that_are_kept_can_be_swapped(problems: Problems, experiment: str) -> None:
    text = experiment.replace("1e-3}", "1e-3, use_ema: true}")
    assert problems(text.replace(STOPPING, "SwapEMAWeights")) == []


def test_a_loss_for_numbers_on_numbers_is_right(problems: Problems, experiment: str) -> None:
    text = experiment.replace("Iris", "Diabetes").replace(LOSS, "mse").replace(SOFTMAX, "Dense: {units: 1}")
    assert problems(text.replace("[accuracy]", "[mae]")) == []


@pytest.mark.parametrize(
    ("monitor", "hint"),
    [
        ("val_acc", "did you mean 'val_accuracy'?"),
        ("lr", "did you mean 'learning_rate'?"),
        ("val_los", "did you mean 'val_loss'?"),
        ("val_f1", "add it to compile.metrics"),
    ],
)
def test_an_unknown_metric_names_the_likely_one(problems: Problems, experiment: str, monitor: str, hint: str) -> None:
    [problem] = problems(experiment.replace("monitor: val_loss", f"monitor: {monitor}"))
    assert problem.hint == hint


def test_a_warning_does_not_refuse_the_experiment(load_text: Callable[..., object], experiment: str) -> None:
    loaded = load_text(experiment.replace(SOFTMAX, "Dense: {units: 3}"))
    assert [warning.is_error for warning in loaded.warnings] == [False]


def test_a_folder_to_validate_on_gives_what_is_monitored(problems: Problems, experiment: str, tmp_path: Path) -> None:
    def codes() -> list[str]:
        text = experiment.replace("source: Iris", f"source: {{ImageFolder: {{path: {tmp_path}}}}}")
        return [problem.code for problem in problems(text.replace("  validation_split: 0.2\n", ""))]

    assert "no-validation" in codes()
    for part in ("train", "val"):
        (tmp_path / part).mkdir()
    assert "no-validation" not in codes()
