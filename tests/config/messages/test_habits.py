"""What people write who come from Python, PyTorch, JSON or another runner: the rewrite is exact, and it is valid."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import yaml

from trainctl.config.messages.habits import _ELSEWHERE, SECTIONS_ELSEWHERE, rewritten
from trainctl.config.messages.phrases import SHAPES, known_names
from trainctl.config.text.nodes import Node
from trainctl.diagnostics import Diagnostic

Problems = Callable[..., list[Diagnostic]]
Tree = Callable[[str], Node]

LAST = "    - Dense: {units: 3, activation: softmax}"
OPTIMIZER = "  optimizer:\n    Adam: {learning_rate: 1e-3}"
LOSS = "  loss: sparse_categorical_crossentropy"
CALLBACK = "  - TerminateOnNaN"

LAYERS = [
    ("Dense(3, activation='softmax')", "Dense: {units: 3, activation: softmax}"),
    ("Dense(3, 'softmax'),", "Dense: {units: 3, activation: softmax}"),
    ("layers.Dense(units=3)", "Dense: {units: 3}"),
    ("tf.keras.layers.Dense(3, input_shape=(4,))", "Dense: {units: 3}"),
    ("Flatten()", "Flatten"),
    ("nn.Linear(4, 3)", "Dense: {units: 3}"),
    ("nn.Linear(in_features=4, out_features=3, bias=False)", "Dense: {units: 3, use_bias: false}"),
    ("BatchNorm1d(16)", "BatchNormalization"),
    ("nn.BatchNorm1d(16, momentum=0.1)", "BatchNormalization: {momentum: 0.9}"),
    (
        "Dense(3, kernel_regularizer=keras.regularizers.l2(0.01))",
        "Dense: {units: 3, kernel_regularizer: {L2: {l2: 0.01}}}",
    ),
    ("{type: Dense, units: 3, activation: softmax}", "Dense: {units: 3, activation: softmax}"),
    ("{class_name: Dense, config: {units: 3}, module: keras.layers}", "Dense: {units: 3}"),
    ("{_target_: keras.layers.Dense, units: 3}", "Dense: {units: 3}"),
    ("{layer: dense, params: {units: 3}}", "Dense: {units: 3}"),
    ("{keras.layers.Dense: {units: 3}}", "Dense: {units: 3}"),
    ("{layers.Dense: {units: 3}}", "Dense: {units: 3}"),
    ("{Linear: {in_features: 4, out_features: 3}}", "Dense: {units: 3}"),
    ("{dense: {units: 3}}", "Dense: {units: 3}"),
]

OTHERS = [
    (OPTIMIZER, "  optimizer: {}", "adam(lr=0.01)", "Adam: {learning_rate: 0.01}"),
    (OPTIMIZER, "  optimizer: {}", "{name: Adam, learning_rate: 0.1}", "Adam: {learning_rate: 0.1}"),
    (OPTIMIZER, "  optimizer: {}", "{class_path: torch.optim.SGD, init_args: {lr: 0.1}}", "SGD: {learning_rate: 0.1}"),
    (
        OPTIMIZER,
        "  optimizer: {}",
        "SGD(lr=CosineDecay(0.1, 100))",
        "SGD: {learning_rate: {CosineDecay: {initial_learning_rate: 0.1, decay_steps: 100}}}",
    ),
    (LOSS, "  loss: {}", "CrossEntropyLoss", "SparseCategoricalCrossentropy: {from_logits: true}"),
    (LOSS, "  loss: {}", "nn.CrossEntropyLoss()", "SparseCategoricalCrossentropy: {from_logits: true}"),
    (LOSS, "  loss: {}", "{sparse_categorical_crossentropy: {}}", "sparse_categorical_crossentropy"),
    (
        LOSS,
        "  loss: {}",
        "{sparse_categorical_crossentropy: {from_logits: true}}",
        "SparseCategoricalCrossentropy: {from_logits: true}",
    ),
    (CALLBACK, "  - {}", "EarlyStopping(patience=3)", "EarlyStopping: {patience: 3}"),
    (CALLBACK, "  - {}", "early_stopping: {patience: 3}", "EarlyStopping: {patience: 3}"),
    (CALLBACK, "  - {}", "keras.callbacks.TerminateOnNaN", "TerminateOnNaN"),
    (
        CALLBACK,
        "  - {}",
        "{name: ModelCheckpoint, params: {filepath: a.keras}}",
        "ModelCheckpoint: {filepath: a.keras}",
    ),
    (
        "source: Iris",
        "source: {}",
        "Synthetic(samples=20, shape=[4], classes=3)",
        "Synthetic: {samples: 20, shape: [4], classes: 3}",
    ),
    ("[accuracy]", "[{}]", "top5", "TopKCategoricalAccuracy: {k: 5}"),
    ("[accuracy]", "[{}]", "f1", "F1Score"),
    ("[accuracy]", "[{}]", "roc_auc", "AUC"),
    ("activation: relu", "activation: {}", "tf.nn.relu", "relu"),
    ("activation: relu", "activation: {}", "keras.activations.relu", "relu"),
    ("activation: relu", "activation: {}", "{leaky_relu: {}}", "leaky_relu"),
    ("activation: relu", "activation: {}", "{leaky_relu: {negative_slope: 0.1}}", "LeakyReLU: {negative_slope: 0.1}"),
]
CASES = [*((LAST, "    - {}", *case) for case in LAYERS), *OTHERS]


@pytest.mark.parametrize(("old", "place", "habit", "written"), CASES, ids=[case[2] for case in CASES])
def test_the_rewrite_is_told_and_valid(
    problems: Problems, experiment: str, old: str, place: str, habit: str, written: str
) -> None:
    text = habit if habit.startswith("{") or ": " in habit else f'"{habit}"'
    [told] = problems(experiment.replace(old, place.format(text)))
    assert told.is_error
    advice = str(told.hint).removeprefix("write: ")
    assert advice.endswith((written, f": {{{written}}}"))
    assert yaml.safe_load(advice) is not None  # what a person copies is YAML
    inside = place.startswith(("source", "[", "act", "  opt", "  loss"))
    follow = f"{{{written}}}" if inside and ": " in written else written
    assert [each for each in problems(experiment.replace(old, place.format(follow))) if each.is_error] == []


@pytest.mark.parametrize("kind", sorted(_ELSEWHERE))
def test_every_name_of_another_tool_leads_to_a_component_with_these_arguments(tree: Tree, kind: str) -> None:
    for name, here in _ELSEWHERE[kind].items():
        assert here.name in known_names((kind,)), name
        assert rewritten((kind,), tree(f"{name}: {{}}\n")), name


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        ("fit:\n  epochs: 5", "fit:\n  max_epochs: 5", "did you mean 'epochs'?"),
        ("fit:\n  epochs: 5", "fit:\n  val_split: 0.1", "write: data: {validation_split: 0.1}"),
        ("fit:\n  epochs: 5", "training:\n  epochs: 5", "did you mean 'fit'?"),
        ("fit:\n  epochs: 5", "nb_epoch: 5", "write: fit: {epochs: 5}"),
        ("source: Iris", "CSV: {path: x.csv, label: y}", "write: source: {CSV: …}"),
        ("source: Iris", "source:\n  CSV: {path: x.csv, label: y}", "indent it under source:"),
        (LOSS, f"{LOSS}\n  lr: 0.1", "write: optimizer: {Adam: {learning_rate: 0.1}}"),
        (
            "fit:\n  epochs: 5",
            "fit:\n  epochs: 5\n  lr: 0.1",
            "write under compile: optimizer: {Adam: {learning_rate: 0.1}}",
        ),
        (
            "fit:\n  epochs: 5",
            "fit:\n  epochs: 5\nlr: 0.1",
            "write under compile: optimizer: {Adam: {learning_rate: 0.1}}",
        ),
        ("units: 3,", "units: 3, input_shape: [4],", "remove it: the shape of the input comes from the data"),
        ("model:\n  layers:", "model:", "put the list under layers: model: {layers: […]}"),
        ("  layers:", "  Sequential:", "leave out Sequential, and put its list under layers"),
        (LOSS, "  loss: {Risk: mse, Class: mse}", "outputs: {risk: {label: Risk}, class: {label: Class}}"),
    ],
)
def test_keys_of_other_tools(problems: Problems, experiment: str, old: str, new: str, hint: str) -> None:
    [told] = problems(experiment.replace(old, new))
    assert hint in str(told.hint)


def test_sections_elsewhere_have_a_home_here(problems: Problems, experiment: str) -> None:
    for name, home in SECTIONS_ELSEWHERE.items():
        found = problems(f"{experiment}\n{name}: {{}}\n")
        assert f"did you mean '{home}'?" in {each.hint for each in found}, name


@pytest.mark.parametrize("key", sorted(SHAPES - {"input_dim"}))
def test_no_layer_is_told_the_shape_of_its_input(problems: Problems, experiment: str, key: str) -> None:
    [told] = problems(experiment.replace("units: 3,", f"units: 3, {key}: 4,"))
    assert str(told.hint).startswith("remove it")


@pytest.mark.parametrize(
    "text",
    [
        "open('/etc/passwd')",
        "Dense(",
        "Dense(*x)",
        "Dense(lambda: 1)",
        "x" * 400 + "()",
        "(" * 200,
        "{type: 5}",
        "{type: Nothing}",
    ],
)
def test_what_is_no_component_elsewhere_has_no_rewrite(tree: Tree, text: str) -> None:
    node = tree(text if text.startswith("{") else f"- {text!r}\n")
    assert rewritten(("layer",), node if node.is_mapping else node.value[0]) is None


@pytest.mark.parametrize(
    ("kind", "habit", "written"),
    [
        ("layer", "nn.LSTM(10, 20)", "LSTM: {return_sequences: true, units: 20}"),
        ("layer", "torch.nn.GRU(input_size=10, hidden_size=20)", "GRU: {return_sequences: true, units: 20}"),
        ("layer", "LSTM(20)", "LSTM: {units: 20}"),
        ("layer", "tf.keras.layers.LSTM(20)", "LSTM: {units: 20}"),
        ("callback", "ReduceLROnPlateau(optimizer, 'min', 0.5)", "ReduceLROnPlateau: {mode: min, factor: 0.5}"),
        ("callback", "EarlyStopping('loss', 0.1, 3)", "EarlyStopping: {monitor: loss, min_delta: 0.1, patience: 3}"),
        ("schedule", "OneCycleLR(opt, 0.1)", "OneCycle: {max_learning_rate: 0.1}"),
        ("callback", "OneCycleLR(opt, 0.1)", "learning_rate: {OneCycle: {max_learning_rate: 0.1}} in the optimizer"),
        (
            "schedule",
            "CosineAnnealingLR(optimizer, T_max=10)",
            "CosineDecay: {initial_learning_rate: …, decay_steps: '${data.steps_per_epoch * 10}'}",
        ),
        (
            "schedule",
            "StepLR",
            "ExponentialDecay: {initial_learning_rate: …, decay_steps: …, decay_rate: 0.1, staircase: true}",
        ),
        ("loss", "nn.NLLLoss()", "SparseCategoricalCrossentropy: {from_logits: true}"),
    ],
)
def test_what_is_called_alike_and_means_something_else(tree: Tree, kind: str, habit: str, written: str) -> None:
    assert rewritten((kind,), tree(f"- {habit!r}\n").value[0]) == written
