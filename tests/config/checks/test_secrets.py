"""Values from the environment that a service is told."""

from __future__ import annotations

from typing import Any

import pytest
from workplace import Workplace

from trainctl.config.load import load
from trainctl.errors import ConfigError


def warnings(workplace: Workplace, callback: dict[str, Any]) -> list[str]:
    config = workplace.write(callbacks=[callback])
    try:
        found = load(str(config), environ={"OWN_TOKEN": "abcd-1234"}).warnings
    except ConfigError as error:  # the extra is not installed
        found = error.diagnostics
    return [each.message for each in found if each.code == "secret-is-sent"]


@pytest.mark.claim("S7")
@pytest.mark.parametrize(
    ("callback", "told"),
    [
        (
            {"MLflow": {"tags": {"who": "${env:OWN_TOKEN}"}}},
            ["MLflow receives the value of ${env:OWN_TOKEN} in tags and shows it"],
        ),
        (
            {"Wandb": {"tags": ["a", "${env:OWN_TOKEN}"]}},
            ["Wandb receives the value of ${env:OWN_TOKEN} in tags and shows it"],
        ),
        (
            {"Wandb": {"name": "n-${env:OWN_TOKEN}"}},
            ["Wandb receives the value of n-${env:OWN_TOKEN} in name and shows it"],
        ),
        ({"MLflow": {"tracking_uri": "http://${env:OWN_TOKEN}@host", "tags": {"a": "b"}}}, []),
        ({"MLflow": {"tags": {"who": "${env:NOT_SET:-me}"}}}, []),
    ],
)
def test_a_tag_from_the_environment_is_told(workplace: Workplace, callback: dict[str, Any], told: list[str]) -> None:
    assert warnings(workplace, callback) == told
