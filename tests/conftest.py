"""What the tests of whole runs share."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from workplace import Workplace


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    """An empty working directory."""
    return Workplace(tmp_path)


@pytest.fixture(scope="module")
def shared_workplace(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """A working directory for runs that several tests look at."""
    return Workplace(tmp_path_factory.mktemp("shared"))


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """MNIST's server refuses the connection."""
    from trainctl.components.sources import mnist

    monkeypatch.setattr(mnist, "FILE", replace(mnist.FILE, url="http://127.0.0.1:9/mnist.npz"))
