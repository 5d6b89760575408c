"""`describe` answers for all that a file, a message or a script can name."""

from __future__ import annotations

import pytest

from trainctl.config import describe as components
from trainctl.config import topics
from trainctl.config.experiment import SECTIONS, Experiment
from trainctl.errors import EXIT_CODES, UsageError

EVERY = [
    *Experiment.model_fields,
    *(f"{section}.{key}" for section, spec in SECTIONS.items() for key in spec.model_fields),
]


@pytest.mark.parametrize("name", EVERY)
def test_every_key_is_described(name: str) -> None:
    (found,) = [each for each in topics.describe(name) if each.name == name and each.kind in {"key", "section"}]
    assert found.text
    assert found.arguments


@pytest.mark.parametrize(
    ("name", "kind", "part"),
    [
        ("accuracy", "metric", "sparse categorical"),
        ("adam", "optimizer", "Adam"),
        ("validation_split", "key", "Fraction"),
        ("execution.snapshot.every_steps", "key", ""),
        ("exit-codes", "exit code", "143  terminated"),
        ("8", "exit code", EXIT_CODES[8]),
        ("unknown-key", "diagnostic", "nearest"),
        ("Dense.units", "argument of layer", "integer"),
        ("callbacks.EarlyStopping.patience", "argument of callback", "pochs"),
    ],
)
def test_what_else_has_a_name(name: str, kind: str, part: str) -> None:
    found = [each for each in topics.describe(name) if each.kind == kind]
    assert len(found) == 1
    assert part in found[0].text


@pytest.mark.parametrize(
    ("name", "close"),
    [
        ("data.validation_splt", "data.validation_split"),
        ("unknown-kee", "unknown-key"),
        ("EarlyStoping", "EarlyStopping"),
        ("Dense.unist", "Dense.units"),
    ],
)
def test_the_nearest_is_named(name: str, close: str) -> None:
    with pytest.raises(UsageError) as caught:
        topics.describe(name)
    assert close in str(caught.value.hint)


def test_a_search_finds_names_before_summaries() -> None:
    found = list(components.search("Plateau"))
    assert found[0][:2] == ("callback", "ReduceLROnPlateau")
    assert list(components.search("plateau", "layer")) == []
