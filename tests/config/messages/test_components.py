"""What is wrong with a component: the likely name, the right place, the missing argument."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from trainctl.config.messages.components import HIDDEN, REFUSED
from trainctl.diagnostics import Diagnostic

Problems = Callable[..., list[Diagnostic]]

LAST = "Dense: {units: 3, activation: softmax}"


@pytest.mark.parametrize(
    ("layer", "code", "hint"),
    [
        ("Dens: {units: 3}", "unknown-component", "Dense"),
        ("dense: {units: 3}", "unknown-component", "Dense"),
        ("Adam: {}", "wrong-kind", "list layers"),
        ("NoSuchThing", "unknown-component", "list layers"),
        ("Dense: 64", "wrong-type", "units: 64"),
        ("Dense: {unit: 3}", "unknown-argument", "units"),
        ("Dense", "missing-argument", "units"),
        ("Dense: {units: many}", "wrong-type", ""),
        ("Dense: {units: 3, activation: softmaks}", "wrong-type", "softmax"),
        ("Dense: {units: 3}\n      kernel_regularizer: l2", "unknown-key", "indent"),
        ("Dense: {units: 3}\n      form: hidden", "unknown-key", "from"),
    ],
)
def test_the_code_and_what_to_do(problems: Problems, experiment: str, layer: str, code: str, hint: str) -> None:
    found = problems(experiment.replace(LAST, layer))
    matching = [each for each in found if each.code == code]
    assert matching, found
    assert hint in str(matching[0].hint or "")
    assert matching[0].location is not None


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_would_hold_code_is_refused(problems: Problems, experiment: str, name: str) -> None:
    (found, *_) = problems(experiment.replace(LAST, name))
    assert found.code == "refused-component"
    assert name in HIDDEN


def test_two_components_in_one_item(problems: Problems, experiment: str) -> None:
    (found, *_) = problems(experiment.replace(LAST, "Flatten:\n      Dense: {units: 3}"))
    assert found.code == "two-components"
    assert len(found.related) == 1
