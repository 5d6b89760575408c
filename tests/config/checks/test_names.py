"""Names by which no run could be found."""

from __future__ import annotations

import pytest
from workplace import Workplace

import trainctl


def test_latest_means_the_newest_run(workplace: Workplace) -> None:
    with pytest.raises(trainctl.ConfigError, match="name cannot be 'latest'"):
        trainctl.load(workplace.write(name="latest"))
    assert trainctl.load(workplace.write("latest.yaml", name=None)).name == "experiment"
    assert trainctl.load(workplace.write(name="latest2")).name == "latest2"
