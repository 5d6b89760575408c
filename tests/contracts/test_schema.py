"""The published JSON Schema and `trainctl validate` say the same of an experiment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from typer.testing import CliRunner

from trainctl import catalog
from trainctl.cli.app import app
from trainctl.components.spec import CALLBACKS
from trainctl.config.load import load
from trainctl.config.render import to_yaml
from trainctl.config.schema import experiment_schema, to_text
from trainctl.config.schema.slots import AMENDED
from trainctl.config.text.document import parse
from trainctl.diagnostics import Source
from trainctl.errors import ConfigError

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "schemas" / "experiment.schema.json"

BASE = """
name: small
seed: 1
vars: {width: 8, rate: 0.1, activation: relu, layer: {Dropout: {rate: 0.1}}, section: {epochs: 2}}
data: {source: MNIST, validation_split: 0.2, batch_size: 32}
model:
  layers:
    - Flatten
    - Dense: {units: 10, activation: softmax}
compile: {optimizer: adam, loss: sparse_categorical_crossentropy, metrics: [accuracy]}
fit: {epochs: 1}
callbacks: [TerminateOnNaN]
"""

GOOD = [
    "{}",
    "description: null",
    "name: mnist-${vars.width}",
    "seed: 4294967295",
    "seed: 1e1",
    "seed: ${vars.width}",
    "vars: {anything: [1, {goes: here}]}",
    "vars: null",
    "data: {source: {MNIST: }}",
    "data: {source: {MNIST: {}}, offline: Digits}",
    "data: {source: MNIST, offline: null, limit: null}",
    "data: {source: MNIST, validation_split: 1/5}",
    "data: {source: MNIST, validation_split: '${vars.rate}', shuffle: false}",
    "data: {source: {NPZ: {path: a.npz, x: images}}, batch_size: 64/2}",
    "data: {source: {CSV: {path: a.csv, label: [a, b], features: {c: numeric}, missing: ['?'], separator: ;}}}",
    "data: {source: {CSV: {path: a.csv, label: a, features: [c, d]}}}",
    "model: {name: net, layers: [Flatten]}",
    "model: {layers: [Flatten, {Dense: {units: 10, name: a}, from: input, repeat: 2, residual: false}, {reuse: a, name: b}]}",
    "model: {blocks: {wide: {params: {n: , m: 2}, layers: [{Dense: {units: '${params.n}'}}]}}, layers: [Flatten, {wide: {n: 10}}]}",
    "model: {layers: [Flatten, {layers: [{Dense: {units: '${repeat.value}'}}], repeat: [9, 10]}]}",
    "model: {inputs: [image], layers: [Flatten, {Op: {op: mean, axis: 1}}, {Model: {layers: [Flatten]}, call: {training: false}}]}",
    "model: {inputs: {image: {shape: [28, 28, 1], dtype: float32}}, layers: [{MobileNet: {weights: null}, freeze: conv*, preprocess: false}]}",
    "model: {layers: [{Flatten: {name: a}}, {Dense: {units: 1, name: b}}], outputs: [a, b]}",
    "data: {source: Diabetes}\nmodel: {layers: [{Flatten: {name: a}}, {Dense: {units: 1, name: b}}], outputs: {c: a, d: b}}\ncompile: {loss: {c: mse, d: {MeanSquaredError: {}}}, metrics: {c: [mae]}, loss_weights: {c: 1/2}}",
    "fit: {class_weight: balanced, initial_epoch: 0, steps_per_epoch: 5, validation_steps: 2, validation_freq: 1}",
    "fit: {class_weight: {0: 1, 1: 2.5}}",
    "model: {layers: [Flatten: , Flatten: {}, Flatten: {name: flat}]}",
    "model: {layers: ['${vars.layer}', Dense: {units: '${vars.width}', activation: '${vars.activation}'}, Dense: {units: 10}]}",
    "model: {layers: [Flatten, Dense: {units: 1e1, use_bias: '${env:BIAS:-true}'}]}",
    "model: {layers: [Rescaling: {scale: 1/255}]}",
    "model: {layers: [Rescaling: {scale: '1/${vars.width}', offset: [0, 1/2]}]}",
    "model: {layers: [Conv2D: {filters: 8, kernel_size: 3}, Conv2D: {filters: 8, kernel_size: [3, 3e0], padding: same}]}",
    "model: {layers: [Dense: {units: 10, activation: null, kernel_regularizer: null}]}",
    "model: {layers: [Dense: {units: 10, activation: LeakyReLU}]}",
    "model: {layers: [Dense: {units: 10, activation: {LeakyReLU: {negative_slope: 0.1}}}]}",
    "model: {layers: [Dense: {units: 10, kernel_regularizer: {L2: {l2: 1e-4}}, kernel_initializer: he_normal}]}",
    "model: {layers: [Dense: {units: 10, kernel_constraint: {MaxNorm: {max_value: 2}}, bias_initializer: Zeros}]}",
    "model: {layers: [Bidirectional: {layer: {LSTM: {units: 8}}}]}",
    "model: {layers: [RNN: {cell: [{LSTMCell: {units: 8}}, {GRUCell: {units: 8}}]}]}",
    "compile: {optimizer: null, loss: sparse_categorical_crossentropy}",
    "compile: {optimizer: Adam, loss: SparseCategoricalCrossentropy, metrics: [accuracy, AUC, {TopKCategoricalAccuracy: {k: 3}}]}",
    "compile: {optimizer: {Adam: {learning_rate: 1e-3, clipnorm: 1}}, loss: sparse_categorical_crossentropy, metrics: null}",
    "compile: {optimizer: {Adam: {learning_rate: 1/1000}}, loss: sparse_categorical_crossentropy}",
    "compile: {optimizer: {SGD: {learning_rate: {CosineDecay: {initial_learning_rate: 0.1, decay_steps: 100}}}}, loss: sparse_categorical_crossentropy}",
    "compile: {optimizer: adam, loss: {SparseCategoricalCrossentropy: {from_logits: true}}, metrics: []}",
    "compile: {optimizer: {LossScaleOptimizer: {inner_optimizer: adam}}, loss: sparse_categorical_crossentropy}",
    "fit: null",
    "fit: {}",
    "fit: ${vars.section}",
    "fit: {epochs: 20/2}",
    "callbacks: null",
    "callbacks: []",
    "callbacks: [EarlyStopping: {patience: 3, baseline: null, mode: max, monitor: val_accuracy}]",
    "callbacks: [CSVLogger: {filename: log.csv}, TensorBoard: {update_freq: 10, profile_batch: [2, 4]}]",
    "callbacks: [TensorBoard: {update_freq: batch, profile_batch: '2,4', embeddings_metadata: null}]",
    "callbacks: {EarlyStopping: {patience: 3}, CSVLogger: {filename: log.csv}}",
    "callbacks: [EarlyStopping: {verbose: 1, min_delta: 1e-3}]",
    "execution: {precision: mixed_float16, jit_compile: auto, steps_per_execution: 10}",
    "execution: {jit_compile: true, deterministic: true}",
    "callbacks: [LearningRateScheduler: {schedule: lr * 0.9}]",
    "callbacks: [LearningRateScheduler: {schedule: {0: 1e-3, 5: 1/1000}}]",
    "callbacks: [LearningRateScheduler: {schedule: {CosineDecay: {initial_learning_rate: 1e-3, decay_steps: 20}}}]",
    "callbacks: [LambdaCallback: {on_epoch_end: [stop_training()]}]",
    "expect: {loss: '<= 1e-1', accuracy: '>.5'}",
    "expect: {val_accuracy: '>= ${vars.rate}'}",
    "expect: null",
    "extends: null",
]
"""Top-level keys that replace those of `BASE`: both accept."""

BAD = [
    "epochs: 3",
    "name: [a]",
    "name: a/b",
    "name: 3",
    "seed: -1",
    "seed: 1.5",
    "seed: many",
    "vars: 3",
    "data: null",
    "data: MNIST",
    "data: {}",
    "data: {source: null}",
    "data: {source: Mnist}",
    "data: {source: mnist}",
    "data: {source: Flatten}",
    "data: {source: MNIST, batch_size: 0}",
    "data: {source: MNIST, batch_size: '64'}",
    "data: {source: MNIST, validation_split: 1}",
    "data: {source: MNIST, validation_split: 1.5}",
    "data: {source: MNIST, epochs: 3}",
    "data: {source: MNIST, shuffle: 'no'}",
    "data: {source: {MNIST: {path: a}}}",
    "data: {source: {MNIST: , Digits: }}",
    "data: {source: CSV}",
    "data: {source: {CSV: }}",
    "data: {source: {CSV: {path: a.csv}}}",
    "data: {source: {CSV: {path: a.csv, label: a, features: {c: color}}}}",
    "data: {source: {CSV: {path: a.csv, label: a, separator: ', '}}}",
    "model: {layers: []}",
    "model: {layers: null}",
    "model: {layers: Flatten}",
    "model: {layers: [null]}",
    "model: {layers: [3]}",
    "model: {layers: [{}]}",
    "model: {layers: [Flatten, {Dense: {units: 10}, form: input}]}",
    "model: {layers: [Flatten, {Dense: {units: 10}, repeat: 0}]}",
    "model: {layers: [Flatten, {Dense: {units: 10}, residual: 1}]}",
    "model: {inputs: {Image: {shape: [28, 28, 1]}}, layers: [Flatten, {Dense: {units: 10}}]}",
    "model: {inputs: {image: {size: [28, 28, 1]}}, layers: [Flatten, {Dense: {units: 10}}]}",
    "model: {blocks: {wide: {parms: {}, layers: [Flatten]}}, layers: [wide, {Dense: {units: 10}}]}",
    "model: {blocks: {wide: {params: {}}}, layers: [wide, {Dense: {units: 10}}]}",
    "model: {layers: [Flatten, {Saved: {pth: a.keras}}]}",
    "compile: {loss: {digit: mee}}",
    "compile: {loss_weights: {digit: heavy}}",
    "fit: {class_weight: even}",
    "model: {layers: [Flaten]}",
    "model: {layers: [Dense]}",
    "model: {layers: [Dense: ]}",
    "model: {layers: [Dense: 10]}",
    "model: {layers: [Dense: {}]}",
    "model: {layers: [Dense: {units: 0}]}",
    "model: {layers: [Dense: {units: ten}]}",
    "model: {layers: [Dense: {units: 2.5}]}",
    "model: {layers: [Dense: {units: null}]}",
    "model: {layers: [Dense: {unit: 10}]}",
    "model: {layers: [Dense: {units: 10, activation: rellu}]}",
    "model: {layers: [Dense: {units: 10, activation: [relu]}]}",
    "model: {layers: [Dense: {units: 10, activation: L2}]}",
    "model: {layers: [Dense: {units: 10, use_bias: 'yes'}]}",
    "model: {layers: [Dense: {units: 10, kernel_regularizer: {L2: {l2: lots}}}]}",
    "model: {layers: [{Dense: {units: 10}, name: head}]}",
    "model: {layers: [{Flatten: , Dense: {units: 10}}]}",
    "model: {layers: [Conv2D: {filters: 8, kernel_size: [3, a]}]}",
    "model: {layers: [Conv2D: {filters: 8, kernel_size: 3, padding: Same}]}",
    "model: {layers: [Dropout: {rate: 2}]}",
    "model: {layers: [Lambda: {function: x}]}",
    "model: {layers: [EarlyStopping]}",
    "model: {layers: [Bidirectional: {layer: 3}]}",
    "model: {layers: [Flatten], depth: 3}",
    "compile: {optimizer: adam}",
    "compile: {optimizer: adam, loss: null}",
    "compile: {optimizer: adam, loss: crossentropi}",
    "compile: {optimizer: {adam: {learning_rate: 0.1}}, loss: mse}",
    "compile: {optimizer: [adam], loss: mse}",
    "compile: {optimizer: {Adam: {learning_rate: fast}}, loss: mse}",
    "compile: {optimizer: {Adam: {learning_rate: {CosineDecay: {decay_steps: 3}}}}, loss: mse}",
    "compile: {optimizer: {Adam: {lr: 0.1}}, loss: mse}",
    "compile: {optimizer: LossScaleOptimizer, loss: mse}",
    "compile: {optimizer: adam, loss: mse, metrics: accuracy}",
    "compile: {optimizer: adam, loss: mse, metrics: [accurate]}",
    "fit: {epochs: 0}",
    "fit: {epochs: 1.5}",
    "fit: {epochs: true}",
    "fit: {epochs: null}",
    "fit: [epochs]",
    "callbacks: EarlyStopping",
    "callbacks: [early_stopping]",
    "callbacks: [CSVLogger]",
    "callbacks: [EarlyStopping: {patince: 3}]",
    "callbacks: [EarlyStopping: {patience: -1}]",
    "callbacks: [EarlyStopping: {verbose: 2}]",
    "callbacks: [EarlyStopping: {mode: lowest}]",
    "callbacks: [EarlyStopping: {monitor: ''}]",
    "callbacks: [TensorBoard: {update_freq: 0}]",
    "callbacks: [TensorBoard: {profile_batch: [1, 2, 3]}]",
    "callbacks: {EarlyStopping: {patince: 3}}",
    "callbacks: {CSVLogger: {append: true}}",
    "callbacks: {EarlyStoping: {patience: 3}}",
    "callbacks: [LearningRateScheduler: {schedule: {0: fast}}]",
    "callbacks: [LearningRateScheduler: {schedule: {CosineDecay: {decay_steps: 20}}}]",
    "callbacks: [LearningRateScheduler: {schedule: 0.1}]",
    "callbacks: [LambdaCallback: {on_epoch_end: 3}]",
    "execution: {precision: float12}",
    "execution: {jit_compile: maybe}",
    "expect: {val_accuracy: 0.9}",
    "expect: {val_accuracy: '= 0.9'}",
    "expect: [val_accuracy]",
]
"""Top-level keys that replace those of `BASE`: both refuse."""

EXTENDING = [
    "extends: base.yaml",
    "extends: [base.yaml]",
    "{extends: base.yaml, data: {batch_size: 8}, compile: {metrics: []}}",
    "{extends: base.yaml, compile: {optimizer: null}, data: {offline: null}}",
    "{extends: rich.yaml, compile: {optimizer: {SGD: {learning_rate: {CosineDecay: {alpha: 0.1}}}}}}",
    "{extends: rich.yaml, data: {source: {CSV: {separator: ;}}}}",
    "{extends: rich.yaml, data: {source: CSV}}",
    "{extends: rich.yaml, callbacks: {CSVLogger: {append: true}}}",
    "{extends: rich.yaml, callbacks: {CSVLogger: null, TerminateOnNaN: }}",
]
"""Whole files beside `base.yaml` and `rich.yaml`: both accept."""

EXTENDING_BADLY = [
    "extends: ''",
    "extends: 3",
    "extends: []",
    "{extends: null, fit: {epochs: 3}}",
    "{extends: base.yaml, fits: {epochs: 3}}",
    "{extends: base.yaml, data: {batchsize: 8}}",
    "{extends: rich.yaml, data: {source: {CSV: {seperator: ;}}}}",
    "{extends: rich.yaml, compile: {optimizer: {SGD: {learning_rate: {CosineDecay: {alfa: 0.1}}}}}}",
    "{extends: rich.yaml, model: {layers: [Dense]}}",
    "{extends: rich.yaml, callbacks: {CSVLogger: {appends: true}}}",
    "{extends: rich.yaml, callbacks: [CSVLogger: {append: true}]}",
]
"""Whole files beside `base.yaml` and `rich.yaml`: both refuse."""

RICH = """
data: {source: {CSV: {path: a.csv, label: a}}}
compile:
  optimizer: {SGD: {learning_rate: {CosineDecay: {initial_learning_rate: 0.1, decay_steps: 100}}}}
  loss: sparse_categorical_crossentropy
callbacks: [TerminateOnNaN, CSVLogger: {filename: log.csv}]
"""

BEYOND = {
    "model: {layers: [Dense: {units: 10}, units: 3]}": "which blocks there are",
    "model: {layers: [flatten]}": "which blocks there are",
    "model: {layers: [{wide: {units: 10}}]}": "which blocks there are",
    "model: {layers: [{Flatten: , from: [image]}]}": "which nodes there are",
    "fit: {epochs: 1/2}": "what a fraction amounts to",
    "data: {source: MNIST, validation_split: 3/2}": "what a fraction amounts to",
    "fit: {epochs: '${vars.activation}'}": "what a reference leads to",
    "fit: {epochs: '${vars.nothing}'}": "what a reference leads to",
    "{extends: base.yaml, data: null}": "what the extended file holds",
    "extends: missing.yaml": "which files there are",
    "callbacks: [ModelCheckpoint: {filepath: best.h5}]": "rules over several arguments",
    "{data: {source: MNIST, validation_split: 0.6, test_split: 0.6}}": "checks across sections",
    "callbacks: [EarlyStopping: {monitor: val_los}]": "checks across sections",
}
"""What `validate` refuses and no schema can: with the reason."""


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return experiment_schema()


@pytest.fixture(scope="module")
def validator(schema: dict[str, Any]) -> Draft7Validator:
    return Draft7Validator(schema)


def plain(text: str, folder: Path = ROOT) -> dict[str, Any]:
    return parse(Source("experiment.yaml", text, folder)).plain()


def changed(text: str) -> dict[str, Any]:
    return plain(BASE) | plain(text)


def refusals(values: dict[str, Any], folder: Path) -> list[str]:
    """What `trainctl validate` has against the experiment."""
    (folder / "base.yaml").write_text(BASE)
    (folder / "rich.yaml").write_text(to_yaml(changed(RICH)))
    file = folder / "experiment.yaml"
    file.write_text(to_yaml(values))
    try:
        load(str(file))
    except ConfigError as error:
        return [str(problem.message) for problem in error.diagnostics if problem.is_error]
    return []


def faults(validator: Draft7Validator, values: dict[str, Any]) -> list[str]:
    """What the schema has against the experiment."""
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(values)]


def test_the_published_schema_is_current(schema: dict[str, Any]) -> None:
    published = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    if published["$comment"] != schema["$comment"]:
        pytest.skip(f"published: {published['$comment']} Here: {schema['$comment']}")
    assert PUBLISHED.read_text(encoding="utf-8") == to_text(schema), "stale: run `make schema`"


def test_it_is_a_json_schema(schema: dict[str, Any]) -> None:
    Draft7Validator.check_schema(schema)
    assert json.loads(to_text(schema)) == schema


def test_it_is_the_same_every_time(schema: dict[str, Any]) -> None:
    assert to_text(experiment_schema()) == to_text(schema)


def test_every_reference_leads_somewhere(schema: dict[str, Any]) -> None:
    used = {each["$ref"].removeprefix("#/definitions/") for each in objects(schema) if "$ref" in each}
    assert used <= set(schema["definitions"])
    assert set(schema["definitions"]) - used <= set(catalog.KINDS)


def test_every_mapping_is_closed(schema: dict[str, Any]) -> None:
    named = [
        each for each in objects(schema["definitions"]) if isinstance(each.get("properties"), dict) and "type" in each
    ]
    assert named
    assert all("additionalProperties" in each for each in named)


def objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(each)


@pytest.mark.parametrize("kind", catalog.KINDS)
def test_beside_components_types_say_it_all(kind: str) -> None:
    for name in catalog.names(kind):
        entry = catalog.find(kind, name)
        assert entry is not None
        for parameter in entry.parameters:
            if parameter.kinds:
                assert set(parameter.schema) == {"type"} or set(parameter.schema["enum"]) <= {None}, parameter


def test_other_kinds_that_stand_alone_require_nothing() -> None:
    assert "activation" not in AMENDED
    entries = [catalog.find("activation", name) for name in catalog.names("activation")]
    assert not [entry.name for entry in entries if entry and any(each.required for each in entry.parameters)]


@pytest.mark.parametrize("file", sorted((ROOT / "configs").glob("*.yaml")), ids=lambda file: file.name)
def test_shipped_configs_are_accepted(file: Path, validator: Draft7Validator) -> None:
    load(str(file))
    assert faults(validator, plain(file.read_text(encoding="utf-8"), file.parent)) == []


@pytest.mark.parametrize("text", GOOD)
def test_both_accept(text: str, validator: Draft7Validator, tmp_path: Path) -> None:
    assert refusals(changed(text), tmp_path) == []
    assert faults(validator, changed(text)) == []


@pytest.mark.parametrize("text", BAD)
def test_both_refuse(text: str, validator: Draft7Validator, tmp_path: Path) -> None:
    assert refusals(changed(text), tmp_path)
    assert faults(validator, changed(text))


@pytest.mark.parametrize("text", EXTENDING)
def test_both_accept_what_extends(text: str, validator: Draft7Validator, tmp_path: Path) -> None:
    assert refusals(plain(text), tmp_path) == []
    assert faults(validator, plain(text)) == []


@pytest.mark.parametrize("text", EXTENDING_BADLY)
def test_both_refuse_what_extends(text: str, validator: Draft7Validator, tmp_path: Path) -> None:
    assert refusals(plain(text), tmp_path)
    assert faults(validator, plain(text))


@pytest.mark.parametrize("text", BEYOND)
def test_beyond_the_schema(text: str, validator: Draft7Validator, tmp_path: Path) -> None:
    values = plain(text) if "extends" in text else changed(text)
    assert refusals(values, tmp_path), BEYOND[text]
    assert faults(validator, values) == []


@pytest.mark.parametrize("section", ["data", "model", "compile"])
def test_a_missing_section_is_refused_by_both(section: str, validator: Draft7Validator, tmp_path: Path) -> None:
    values = plain(BASE)
    del values[section]
    assert refusals(values, tmp_path)
    assert faults(validator, values)


def test_every_callback_and_argument_is_described(schema: dict[str, Any]) -> None:
    for name in CALLBACKS.names():
        body = schema["definitions"][f"callback.{name}"]
        assert body["description"]
        assert all(argument["description"] for argument in body["properties"].values())


def test_the_command_prints_and_writes_it(schema: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "schema.json"
    printed = CliRunner().invoke(app, ["schema"])
    written = CliRunner().invoke(app, ["schema", "--write", str(file)])
    assert (printed.exit_code, written.exit_code, written.stdout) == (0, 0, "")
    assert printed.stdout == file.read_text(encoding="utf-8") == to_text(schema)


def test_a_place_that_cannot_be_written_is_a_wrong_usage(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["schema", "--write", str(tmp_path / "missing" / "schema.json")])
    assert result.exit_code == 2
    assert "cannot write" in result.stderr
