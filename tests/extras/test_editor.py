"""What an editor makes of the published schema: probes of yaml-language-server, which `make test-editor` installs."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from language_server import SERVER, LanguageServer, reason_to_skip
from workplace import Workplace

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "schemas" / "experiment.schema.json"

pytestmark = pytest.mark.skipif(reason_to_skip() is not None, reason=reason_to_skip() or "")


@pytest.fixture(scope="module")
def editor() -> Iterator[LanguageServer]:
    started = LanguageServer(SCHEMA)
    yield started
    started.close()


@pytest.mark.parametrize(
    ("text", "proposed", "others"),
    [
        # Top level and sections.
        ("|>", "data model compile fit callbacks extends vars expect stages execution", "epochs Dense"),
        ("data:\n  |>", "source batch_size validation_split shuffle", "epochs layers"),
        ("model:\n  |>", "layers inputs outputs blocks", "epochs"),
        ("compile:\n  |>", "optimizer loss metrics", "learning_rate epochs"),
        ("fit:\n  |>", "epochs class_weight", "batch_size"),
        ("execution:\n  |>", "precision deterministic", "epochs"),
        ("execution:\n  precision: |>", "float32 mixed_bfloat16", "adam"),
        ("data:\n  shuffle: |>", "true false", "adam"),
        # A component in block form, flow form and alone.
        ("compile:\n  loss:\n    |>\n", "CategoricalCrossentropy Huber Expression", "mse from_logits"),
        ("compile:\n  loss:\n    Cat|>\n", "CategoricalCrossentropy", "from_logits property"),
        ("compile:\n  loss: {Cat|>}\n", "CategoricalCrossentropy", "from_logits"),
        ("compile:\n  loss: |>\n", "mse sparse_categorical_crossentropy Huber", "from_logits Expression"),
        ("compile:\n  optimizer:\n    |>\n", "Adam SGD LossScaleOptimizer", "adam learning_rate"),
        ("compile:\n  optimizer: |>\n", "adam Adam", "learning_rate LossScaleOptimizer"),
        ("compile:\n  optimizer: {A|>}\n", "Adam AdamW", "learning_rate"),
        ("compile:\n  metrics: [|>]\n", "accuracy AUC", "num_thresholds"),
        ("compile:\n  metrics:\n    - |>\n", "accuracy AUC MeanIoU", "num_thresholds"),
        ("data:\n  source: |>\n", "MNIST Iris", "CSV path"),
        ("data:\n  source:\n    |>\n", "CSV Parquet ImageFolder", "path"),
        ("model:\n  layers:\n    - |>\n", "Flatten Dense from repeat", "units activation"),
        ("model:\n  layers:\n    - De|>\n", "Dense Flatten", "units"),
        ("callbacks:\n  - |>\n", "EarlyStopping ModelCheckpoint", "patience monitor"),
        # Its arguments, and nothing else.
        ("compile:\n  loss:\n    Huber:\n      |>\n", "delta reduction", "Huber mse patience"),
        ("compile:\n  optimizer:\n    Adam:\n      |>\n", "learning_rate beta_1 clipnorm", "Adam momentum"),
        ("compile:\n  optimizer:\n    Adam: {l|>}\n", "learning_rate beta_1", "Adam momentum"),
        ("compile:\n  optimizer:\n    Adam: {\n      |>\n    }\n", "learning_rate beta_1", "Adam momentum"),
        ("compile:\n  optimizer:\n    Adam:\n      beta_1: 0.9\n      |>\n", "learning_rate", "beta_1"),
        ("compile:\n  optimizer:\n    Adam:\n      learning_rate:\n        |>\n", "CosineDecay Warmup", "Adam beta_1"),
        (
            "model:\n  layers:\n    - Dense:\n        |>\n",
            "units activation kernel_initializer",
            "Dense.units filters from",
        ),
        ("model:\n  layers:\n    - Dense: {units: 3, a|>}\n", "activation use_bias", "units filters"),
        ("model:\n  layers:\n    - Dense: {units: 3, activation: |>}\n", "relu softmax", "units"),
        ("model:\n  layers:\n    - Conv2D: {padding: |>}\n", "valid same", "units"),
        ("model:\n  layers:\n    - Dense:\n        kernel_regularizer:\n          |>\n", "L2 L1", "units"),
        ("model:\n  layers:\n    - Bidirectional:\n        layer:\n          |>\n", "LSTM GRU", "units"),
        ("callbacks:\n  - EarlyStopping:\n      |>\n", "patience monitor", "filepath EarlyStopping.patience"),
        ("callbacks:\n  - EarlyStopping: {pat|>}\n", "patience monitor", "filepath"),
        ("callbacks:\n  EarlyStopping:\n    |>\n", "patience monitor", "filepath"),
        ("callbacks:\n  - EarlyStopping: {mode: |>}\n", "auto min max", "patience"),
        ("data:\n  source:\n    CSV:\n      |>\n", "path label features separator", "window"),
        ("data:\n  source:\n    Timeseries:\n      |>\n", "window horizon target", "label_separator"),
        ("stages:\n  - |>\n", "name freeze compile fit", "epochs"),
    ],
)
def test_proposals(editor: LanguageServer, text: str, proposed: str, others: str) -> None:
    labels = {each["label"] for each in editor.complete(text)}
    assert set(proposed.split()) - labels == set()
    assert set(others.split()) & labels == set()


@pytest.mark.parametrize(
    ("text", "label", "written"),
    [
        ("compile:\n  optimizer:\n    |>\n", "Adam", "Adam:\n  "),
        ("compile:\n  loss:\n    |>\n", "Expression", "Expression:\n  formula: "),
        ("model:\n  layers:\n    - D|>\n", "Dense", "Dense:\n    units: "),
        ("model:\n  layers:\n    - E|>\n", "Embedding", "Embedding:\n    input_dim: $1\n    output_dim: $2"),
        ("data:\n  source:\n    |>\n", "ImageFolder", "ImageFolder:\n  path: "),
        ("compile:\n  optimizer:\n    Adam:\n      |>\n", "beta_1", "beta_1: ${1:0.9}"),
        ("compile:\n  optimizer:\n    Adam:\n      |>\n", "clipnorm", "clipnorm: "),
        ("|>", "data", "data:\n  source: "),
        ("|>", "compile", "compile:\n  loss: "),
        ("|>", "model", "model:\n  layers:\n    -"),
        ("|>", "seed", "seed: "),
        ("fit:\n  |>", "epochs", "epochs: ${1:1}"),
    ],
)
def test_a_proposal_writes_what_is_required_and_no_more(
    editor: LanguageServer, text: str, label: str, written: str
) -> None:
    assert [each["insertText"] for each in editor.complete(text) if each["label"] == label] == [written]


def test_a_name_is_proposed_with_what_it_is(editor: LanguageServer) -> None:
    (adam,) = (each for each in editor.complete("compile:\n  optimizer: |>\n") if each["label"] == "adam")
    assert "implements the Adam algorithm" in adam["documentation"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("compile:\n  optimizer: a|>dam\n", "`adam`: Optimizer that implements the Adam algorithm."),
        ("compile:\n  optimizer: A|>dam\n", "`Adam`: Optimizer that implements the Adam algorithm."),
        ("compile:\n  optimizer:\n    A|>dam: {}\n", "Optimizer that implements the Adam algorithm."),
        ("compile:\n  o|>ptimizer: adam\n", "The optimizer."),
        ("compile:\n  loss: m|>se\n", "`mse`: Computes the mean of squares of errors"),
        ("compile:\n  metrics: [A|>UC]\n", "`AUC`: Approximates the AUC"),
        ("model:\n  layers:\n    - F|>latten\n", "`Flatten`: Flattens the input."),
        ("model:\n  layers:\n    - D|>ense: {units: 3}\n", "densely-connected NN layer."),
        ("model:\n  layers:\n    - Dense: {u|>nits: 3}\n", "dimensionality of the output space."),
        ("model:\n  layers:\n    - Dense: {activation: r|>elu}\n", "`relu`: Applies the rectified linear unit"),
        ("callbacks:\n  - E|>arlyStopping\n", "`EarlyStopping`: Stop training when a metric has stopped improving."),
        ("callbacks:\n  - EarlyStopping: {p|>atience: 3}\n", "Epochs without improvement before training stops."),
        ("data:\n  s|>ource: Iris\n", "Where the samples come from."),
        ("data:\n  source: I|>ris\n", "`Iris`: Iris flowers"),
        ("fit:\n  e|>pochs: 3\n", "one epoch is a pass over the training samples"),
    ],
)
def test_hover(editor: LanguageServer, text: str, shown: str) -> None:
    lines = editor.hover(f"extends: base.yaml\n{text}").splitlines()
    named = [line for line in lines if line.startswith("* ")][:1]  # the value that is there is the first of the list
    assert any(shown in line for line in [*named, *(line for line in lines if not line.startswith("* "))])
    assert " || " not in lines[0]


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("fit:\n  epochs: 0\n", "below the minimum of 1", (1, 10)),
        ("fit:\n  epochs: ten\n", "Expected an integer or ${…}.", (1, 10)),
        ("compile:\n  optimizer: adm\n", "Expected an optimizer", (1, 13)),
        ("compile:\n  loss: {MeanSquaredErr: {}}\n", "MeanSquaredErr is not allowed", (1, 9)),
        ("compile:\n  loss: {a: mse, b: msee}\n", "Expected a loss", (1, 20)),
        ("compile:\n  loss: {a: mse, Huber: {}}\n", "Expected a loss", (1, 8)),
        ("compile:\n  optmizer: adam\n", "optmizer is not allowed", (1, 2)),
        ("model:\n  layers:\n    - Dens: {units: 3}\n", "Dens is not allowed", (2, 6)),
        ("model:\n  layers:\n    - Dense: {}\n", 'Missing property "units"', (2, 6)),
        ("model:\n  layers:\n    - Dense: {units: 3, activation: rel}\n", "Expected an activation", (2, 36)),
        ("callbacks:\n  - EarlyStopping: {patince: 3}\n", "patince is not allowed", (1, 20)),
        ("callbacks: EarlyStopping\n", "Expected a list, a mapping or ${…}.", (0, 11)),
    ],
)
def test_mistakes(editor: LanguageServer, text: str, message: str, place: tuple[int, int]) -> None:
    (found,) = editor.diagnose(f"{text}extends: base.yaml\n")
    start = found["range"]["start"]
    assert message in found["message"]
    assert (start["line"], start["character"]) == place


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("callbacks:\n  - EarlyStopping: {patince: 3}\n", "patience"),
        ("model:\n  layers:\n    - Dense: {unit: 3, units: 3}\n", "activation"),
        ("compile:\n  optmizer: adam\n", "optimizer"),
        ("compile:\n  optimizer: adm\n", "adam"),
    ],
)
def test_fixes_are_offered(editor: LanguageServer, text: str, right: str) -> None:
    assert right in editor.fixes(f"extends: base.yaml\n{text}")


EXAMPLES = [file for file in sorted(ROOT.glob("configs/**/*.yaml")) if not file.with_suffix(".py").exists()]


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_nothing_is_wrong_with_the_examples(editor: LanguageServer, file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    text = "".join(line for line in lines if "yaml-language-server" not in line)  # which names a path beside the file
    assert [each["message"] for each in editor.diagnose(text)] == []


@pytest.mark.xfail(strict=True, reason="yaml-language-server proposes nothing between {} on the line of their key")
def test_proposals_between_braces(editor: LanguageServer) -> None:
    assert editor.complete("compile:\n  optimizer:\n    Adam: {|>}\n")


MINE = '''
import trainctl


@trainctl.data_source(name="Mine")
def mine(size: int, depth: int = 3):
    """My data."""
'''


def test_components_of_one_s_own(editor: LanguageServer, workplace: Workplace) -> None:
    (workplace.folder / "mine.py").write_text(MINE)
    assert workplace.call("schema", "--import", "mine.py", "--write", "own.json").exit_code == 0
    modeline = f"# yaml-language-server: $schema={(workplace.folder / 'own.json').as_uri()}\n"
    text = f"{modeline}data:\n  source:\n    "
    (mine,) = (each for each in editor.complete(f"{text}|>\n") if each["label"] == "Mine")
    assert (mine["insertText"], mine["documentation"]) == ("Mine:\n  size: ", "My data.")
    assert {"size", "depth"} <= {each["label"] for each in editor.complete(f"{text}Mine:\n      |>\n")}


KNOWN = ("defaultSnippets", "enumDescriptions", "doNotSuggest", "errorMessage", "patternErrorMessage")
"""Keywords of editors, which a catalog of schemas has to be told."""

CHECK = """
const [schema, known] = JSON.parse(require("fs").readFileSync(0));
const Ajv = require("ajv");
const ajv = new Ajv({strict: true, allowUnionTypes: true, strictTypes: false, strictTuple: false, strictRequired: false});
known.forEach(keyword => ajv.addKeyword(keyword));
ajv.compile(schema);
"""


def test_a_strict_validator_knows_every_keyword() -> None:
    """As SchemaStore demands it of what it lists."""
    given = json.dumps([json.loads(SCHEMA.read_text(encoding="utf-8")), KNOWN])
    done = subprocess.run(["node", "-e", CHECK], input=given, cwd=SERVER.parents[1], capture_output=True, text=True)
    assert done.stderr == ""
