import subprocess
import sys

import pytest

from trainctl.catalog import KINDS, MISSING, find, identifiers, kinds_of, names, stands_for, summary


@pytest.mark.parametrize(
    ("kind", "some"),
    [
        ("layer", {"Dense", "Conv2D", "Convolution2D", "Input", "LSTMCell", "Bidirectional"}),
        ("optimizer", {"Adam", "SGD", "Lamb", "LossScaleOptimizer"}),
        ("loss", {"MeanSquaredError", "CTC"}),
        ("metric", {"AUC", "F1Score"}),
        ("schedule", {"CosineDecay"}),
        ("initializer", {"GlorotUniform", "OrthogonalInitializer"}),
        ("regularizer", {"L1", "L2", "L1L2"}),
        ("constraint", {"MaxNorm"}),
        ("application", {"MobileNetV2", "ResNet50"}),
    ],
)
def test_names_are_the_public_classes_sorted(kind: str, some: set[str]) -> None:
    assert some <= set(names(kind))
    assert list(names(kind)) == sorted(names(kind))
    assert all(name[0].isupper() for name in names(kind))


def test_bases_are_not_offered() -> None:
    offered = {name for kind in KINDS for name in names(kind)}
    assert not offered & {"Layer", "Wrapper", "InputSpec", "Optimizer", "Loss", "Metric", "LearningRateSchedule"}


@pytest.mark.parametrize(
    ("kind", "identifier", "target"),
    [
        ("optimizer", "adam", "Adam"),
        ("optimizer", "schedulefreeadamw", "ScheduleFreeAdamW"),
        ("loss", "mse", "MeanSquaredError"),
        ("loss", "MSE", "MeanSquaredError"),
        ("loss", "sparse_categorical_crossentropy", "SparseCategoricalCrossentropy"),
        ("metric", "accuracy", "accuracy"),
        ("metric", "acc", "acc"),
        ("loss", "ce", "ce"),
        ("metric", "mae", "MeanAbsoluteError"),
        ("initializer", "glorot_uniform", "GlorotUniform"),
        ("initializer", "normal", "RandomNormal"),
        ("regularizer", "l2", "L2"),
        ("constraint", "max_norm", "MaxNorm"),
        ("activation", "relu", "relu"),
        ("activation", "swish", "swish"),
    ],
)
def test_identifiers(kind: str, identifier: str, target: str) -> None:
    assert identifiers(kind)[identifier] == target
    assert stands_for(kind, identifier) == target


@pytest.mark.parametrize(
    ("kind", "word"), [("metric", "mean_io_u"), ("initializer", "constant"), ("loss", "nope"), ("layer", "dense")]
)
def test_words_that_stand_for_nothing(kind: str, word: str) -> None:
    assert stands_for(kind, word) is None


@pytest.mark.parametrize(
    ("kind", "name"), [("layer", "Dense"), ("loss", "mse"), ("activation", "relu"), ("layer", "Conv2D")]
)
def test_summary_is_that_of_the_entry(kind: str, name: str) -> None:
    entry = find(kind, name)
    assert entry is not None
    assert summary(kind, name) == entry.summary != ""


@pytest.mark.parametrize(("kind", "name"), [("layer", "Dens"), ("metric", "accuracy")])
def test_no_summary_of_nothing(kind: str, name: str) -> None:
    assert summary(kind, name) == ""


def test_identifiers_leave_out_what_needs_arguments_and_bases() -> None:
    assert "mean_io_u" not in identifiers("metric")
    assert "lossscaleoptimizer" not in identifiers("optimizer")
    assert not {"metric", "regularizer", "initializer"} & {word for kind in KINDS for word in identifiers(kind)}


def test_an_entry_tells_where_it_comes_from() -> None:
    dense = find("layer", "Dense")
    assert dense is not None
    assert (dense.kind, dense.name, dense.module) == ("layer", "Dense", "keras.layers")
    assert dense.summary == "Just your regular densely-connected NN layer."
    assert dense.file.read_text(encoding="utf-8").splitlines()[dense.line - 1].startswith("class Dense")


def test_parameters_own_and_inherited() -> None:
    dense = find("layer", "Dense")
    assert dense is not None
    units, trainable = dense.parameter("units"), dense.parameter("trainable")
    assert units is not None
    assert trainable is not None
    assert (units.required, units.default, units.schema) == (True, MISSING, {"type": "integer", "minimum": 1})
    assert (trainable.required, trainable.default, trainable.schema) == (False, True, {"type": "boolean"})
    assert units.doc == "Positive integer, dimensionality of the output space."
    assert dense.parameter("unit") is None


@pytest.mark.parametrize("hidden", ["self", "args", "kwargs", "input_shape", "rank"])
def test_hidden_arguments(hidden: str) -> None:
    conv = find("layer", "Conv2D")
    assert conv is not None
    assert conv.parameter(hidden) is None


def test_every_base_argument_of_optimizers_is_described() -> None:
    for name in ("Adam", "Adamax", "Muon"):
        optimizer = find("optimizer", name)
        assert optimizer is not None
        clipnorm = optimizer.parameter("clipnorm")
        assert clipnorm is not None
        assert clipnorm.doc.startswith("Float. If set, the gradient of each weight")


def test_an_identifier_finds_its_class_an_alias_keeps_its_name() -> None:
    found = {(kind, name): find(kind, name) for kind, name in [("loss", "mse"), ("layer", "Convolution2D")]}
    assert [entry.name for entry in found.values() if entry] == ["MeanSquaredError", "Convolution2D"]


def test_a_function_is_found_without_its_tensor() -> None:
    relu = find("activation", "relu")
    assert relu is not None
    assert [parameter.name for parameter in relu.parameters] == ["negative_slope", "max_value", "threshold"]


@pytest.mark.parametrize(
    ("kind", "name"), [("layer", "Dens"), ("layer", "dense"), ("metric", "accuracy"), ("layer", "Layer"), ("loss", "")]
)
def test_nothing_to_find(kind: str, name: str) -> None:
    assert find(kind, name) is None


def test_an_unknown_kind_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        names("flavour")


@pytest.mark.parametrize(
    ("name", "kinds"),
    [("Hinge", ("loss", "metric")), ("relu", ("activation",)), ("ReLU", ("layer",)), ("Nope", ())],
)
def test_kinds_of(name: str, kinds: tuple[str, ...]) -> None:
    assert kinds_of(name) == kinds


def test_every_name_has_an_entry() -> None:
    assert [(kind, name) for kind in KINDS for name in names(kind) if find(kind, name) is None] == []


def test_neither_keras_nor_numpy_is_imported() -> None:
    code = (
        "import sys; from trainctl import catalog\n"
        "for kind in catalog.KINDS: catalog.identifiers(kind), [catalog.find(kind, n) for n in catalog.names(kind)]\n"
        "print([m for m in ('keras', 'tensorflow', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
