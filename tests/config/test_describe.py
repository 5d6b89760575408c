"""What there is, and that what is said of it is true: every printed example is one that validates."""

import re
import textwrap
from pathlib import Path

import pytest

from trainctl.config import describe
from trainctl.config.text.document import parse
from trainctl.config.validate import validate
from trainctl.diagnostics import Source
from trainctl.errors import UsageError

SECTIONS = {
    "data": "data: {source: Iris}\n",
    "model": "model: {layers: [Flatten]}\n",
    "compile": "compile: {loss: mse}\n",
}
SLOTS = {
    "schedule": "compile: {{loss: mse, optimizer: {{SGD: {{learning_rate: {{{}}}}}}}}}\n",
    "initializer": "model: {{layers: [{{Dense: {{units: 2, kernel_initializer: {{{}}}}}}}]}}\n",
    "regularizer": "model: {{layers: [{{Dense: {{units: 2, kernel_regularizer: {{{}}}}}}}]}}\n",
    "constraint": "model: {{layers: [{{Dense: {{units: 2, kernel_constraint: {{{}}}}}}}]}}\n",
    "activation": "model: {{layers: [{{Dense: {{units: 2, activation: {}}}}}]}}\n",
}
IN_A_SECTION = {
    "callback": "callbacks",
    "source": "data",
    "layer": "model",
    "node": "model",
    "application": "model",
    "op": "model",
    "optimizer": "compile",
    "loss": "compile",
    "metric": "compile",
}
EVERYTHING = [(kind, name) for kind in describe.KINDS for name in describe.names(kind)]


def experiment(kind: str, example: str) -> str:
    """A small experiment around the example of one component."""
    if kind in SLOTS:
        bare = example if kind == "activation" or ":" in example else f"{example}: null"
        section = "compile" if kind == "schedule" else "model"
        return "".join({**SECTIONS, section: SLOTS[kind].format(bare)}.values())
    section = IN_A_SECTION[kind]
    needed = "\n  loss: mse\n" if section == "compile" and kind != "loss" else "\n"
    return "".join({**SECTIONS, section: f"{example}{needed}"}.values())


@pytest.mark.parametrize(("kind", "name"), EVERYTHING, ids=[f"{kind}-{name}" for kind, name in EVERYTHING])
def test_each_component_is_described_and_its_example_validates(kind: str, name: str) -> None:
    [description] = [each for each in describe.describe(name) if each.kind == kind]
    required = {argument.name for argument in description.arguments if argument.required}
    assert required <= set(re.findall(r"\w+", description.example))
    if kind in SLOTS or kind in IN_A_SECTION:
        text = experiment(kind, description.example)
        _, problems = validate(parse(Source("example", text, Path("/here"))))
        assert [problem.message for problem in problems] == [], text


@pytest.mark.parametrize("kind", describe.KINDS)
def test_each_kind_lists_its_members_with_a_summary(kind: str) -> None:
    listed = list(describe.summaries(kind))
    assert [name for name, _ in listed] == sorted(name for name, _ in listed)
    assert [name for name, summary in listed if not summary] in ([], ["InputLayer"])


@pytest.mark.parametrize(
    ("word", "kind"), [("layers", "layer"), ("layer", "layer"), ("losses", "loss"), ("Callbacks", "callback")]
)
def test_a_kind_is_named_in_singular_or_plural(word: str, kind: str) -> None:
    assert describe.kind_of(word) == kind


def test_an_unknown_kind_and_an_unknown_name_name_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        describe.kind_of("calbacks")
    assert caught.value.hint == "did you mean 'callbacks'?"
    with pytest.raises(UsageError) as caught:
        describe.describe("EarlyStoping")
    assert caught.value.hint == "did you mean 'EarlyStopping'?"


def test_arguments_tell_type_default_and_meaning() -> None:
    [stopping] = describe.describe("EarlyStopping")
    patience = next(argument for argument in stopping.arguments if argument.name == "patience")
    assert (patience.type, patience.required, patience.default) == ("an integer ≥ 0", False, 0)
    assert patience.description.startswith("Epochs without improvement")


def test_a_word_of_two_kinds_is_described_twice() -> None:
    assert {each.kind for each in describe.describe("Orthogonal")} >= {"initializer"}
    assert len(describe.describe("LeakyReLU")) == 1
    assert textwrap.dedent(describe.describe("Dense")[0].text) == describe.describe("Dense")[0].text
