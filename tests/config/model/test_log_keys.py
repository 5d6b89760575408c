"""The names of what is logged, known without Keras, against what Keras logs."""

import contextlib
from collections.abc import Callable

import pytest

from trainctl.config.load import Loaded
from trainctl.config.model.keras_names import canonical_name, metric_name
from trainctl.config.model.log_keys import directions, epoch_keys, final_keys, is_classification

Load = Callable[..., Loaded]


def keys(load_text: Load, experiment: str, metrics: str) -> tuple[str, ...]:
    return epoch_keys(load_text(experiment.replace("[accuracy]", metrics)).experiment)


def test_the_keys_of_an_epoch(load_text: Load, experiment: str) -> None:
    assert keys(load_text, experiment, "[accuracy]") == (
        "loss",
        "accuracy",
        "val_loss",
        "val_accuracy",
        "learning_rate",
    )


def test_without_validation_there_are_no_val_keys(load_text: Load, experiment: str) -> None:
    text = experiment.replace("  validation_split: 0.2\n", "").replace("monitor: val_loss", "monitor: loss")
    assert epoch_keys(load_text(text).experiment) == ("loss", "accuracy", "learning_rate")


def test_an_expectation_can_name_the_test_too(load_text: Load) -> None:
    assert {"test_loss", "test_accuracy", "val_accuracy"} <= set(final_keys(load_text().experiment))
    assert "test_val_accuracy" not in set(final_keys(load_text().experiment))


def test_a_loss_is_known_by_its_identifier_too(load_text: Load, experiment: str) -> None:
    short = load_text(experiment).experiment.compile.loss
    assert canonical_name(short) == "SparseCategoricalCrossentropy"
    assert is_classification(short)
    assert not is_classification("no component")


def test_which_way_is_better_follows_from_the_class_whatever_its_name(load_text: Load, experiment: str) -> None:
    text = experiment.replace("[accuracy]", "[accuracy, {AUC: {name: quality}}, mse, {Sum: {name: accuracies}}]")
    assert directions(load_text(text).experiment) == {"loss": "min", "accuracy": "max", "quality": "max", "mse": "min"}


METRICS = [
    "accuracy",
    "acc",
    "mse",
    "mean_absolute_error",
    "sparse_categorical_accuracy",
    "AUC",
    "{AUC: {name: area}}",
    "{SparseTopKCategoricalAccuracy: {k: 2}}",
    "{MeanIoU: {num_classes: 3}}",
    "Precision",
    "{Recall: {thresholds: 0.3}}",
    "KLDivergence",
    "{F1Score: {average: macro}}",
    "MeanSquaredError",
    "R2Score",
    "{PrecisionAtRecall: {recall: 0.5}}",
]


@pytest.mark.tf
@pytest.mark.parametrize("metric", METRICS)
def test_keras_logs_a_metric_under_this_name(load_text: Load, experiment: str, metric: str) -> None:
    import keras

    from trainctl.models.compiling import compile_model

    loaded = load_text(experiment.replace("[accuracy]", f"[{metric}]")).experiment
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    compile_model(model, loaded)
    model.build((None, 2))
    labels, outputs = keras.ops.zeros((1,)), keras.ops.zeros((1, 3))
    with contextlib.suppress(ValueError, TypeError):  # for labels of another shape, the metric is named all the same
        model.compute_metrics(None, labels, outputs)
    logged = {each.name for container in model.metrics for each in getattr(container, "metrics", [container])}
    [component] = loaded.compile.metrics
    assert metric_name(component) in logged
