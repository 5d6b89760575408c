"""`trainctl list`, `describe` and `doctor`."""

from __future__ import annotations

import json

import pytest
from workplace import Workplace

from trainctl import __version__


def test_the_kinds_are_listed_with_counts(workplace: Workplace) -> None:
    ended = workplace.call("list")
    rows = {line.split()[0]: int(line.split()[1]) for line in ended.stdout.splitlines()[1:]}
    assert {"callbacks", "sources", "layers", "optimizers", "losses", "metrics"} <= rows.keys()
    assert rows["layers"] > 100
    everything = json.loads(workplace.call("list", "--json").stdout)
    assert {kind: len(names) for kind, names in everything.items()} == rows


@pytest.mark.parametrize("word", ["callbacks", "callback"])
def test_a_kind_is_listed_with_what_each_does(workplace: Workplace, word: str) -> None:
    lines = workplace.call("list", word).stdout.splitlines()
    assert any(line.startswith("EarlyStopping ") and line.endswith("stopped improving.") for line in lines)
    names = [each["name"] for each in json.loads(workplace.call("list", word, "--json").stdout)]
    assert names == sorted(names)
    assert len(names) == len(lines) - 1


def test_a_component_is_described_with_an_example(workplace: Workplace) -> None:
    text = workplace.call("describe", "EarlyStopping").stdout
    assert "patience" in text
    assert "callbacks:\n  - EarlyStopping" in text
    (described,) = json.loads(workplace.call("describe", "EarlyStopping", "--json").stdout)
    assert described["kind"] == "callback"
    assert {argument["name"] for argument in described["arguments"]} >= {"monitor", "patience", "restore_best_weights"}


def test_a_word_nearby_is_offered(workplace: Workplace) -> None:
    assert "did you mean 'EarlyStopping'?" in workplace.call("describe", "EarlyStoping").stderr
    assert "did you mean 'callbacks'?" in workplace.call("list", "calbacks").stderr


@pytest.mark.tf
def test_the_doctor_knows_versions_and_the_device(workplace: Workplace) -> None:
    ended = workplace.call("doctor", "--json")
    facts = json.loads(ended.stdout)
    assert facts["trainctl"] == __version__
    assert facts["device"].startswith(("CPU", "GPU"))
    assert ended.stderr == ""
    shown = dict(line.split(maxsplit=1) for line in workplace.call("doctor").stdout.partition("\n\n")[0].splitlines())
    assert shown["keras"] == facts["keras"]
