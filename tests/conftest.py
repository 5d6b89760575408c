"""What the tests of whole runs share."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from workplace import Workplace

from trainctl import masking
from trainctl.catalog import added
from trainctl.components.spec import REGISTRIES
from trainctl.components.user import decorators as user


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    """An empty working directory."""
    return Workplace(tmp_path)


@pytest.fixture(scope="session", autouse=True)
def _homes_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What trainctl remembers for its user is not the real user's, nor what the real user has trusted or set."""
    folder = tmp_path_factory.mktemp("homes")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        patch.setenv("XDG_CONFIG_HOME", str(folder / "settings"))
        patch.delenv("TRAINCTL_TRUSTED_DIRS", raising=False)
        yield


@pytest.fixture(autouse=True)
def _no_secrets_of_other_tests() -> Iterator[None]:
    """What a test conceals is no secret in the next one."""
    yield
    masking.forget_all()


@pytest.fixture(autouse=True)
def _imports_are_no_garbage() -> Iterator[None]:
    """Each run collects garbage before it begins; what TensorFlow's import made is looked through once, not each time."""
    yield
    if "keras" in sys.modules and not gc.get_freeze_count():
        gc.collect()
        gc.freeze()


@pytest.fixture(autouse=True)
def _components_of_this_test_alone() -> Iterator[None]:
    """What a test registers as a user would is gone after it."""
    for registry in REGISTRIES.values():
        registry.names()  # imports all, which happens only once
    members = [(registry, dict(registry._members)) for registry in REGISTRIES.values()]
    functions, parts = dict(user._FUNCTIONS), dict(added._ADDED)
    yield
    for registry, before in members:
        registry._members.clear()
        registry._members.update(before)
    added._ADDED.clear()
    added._ADDED.update(parts)
    user._FUNCTIONS.clear()
    user._FUNCTIONS.update(functions)
    for name in [name for name in sys.modules if name.startswith("trainctl_user_")]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def shared_workplace(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """A working directory for runs that several tests look at."""
    return Workplace(tmp_path_factory.mktemp("shared"))


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """MNIST's server refuses the connection."""
    from trainctl.sources import mnist

    monkeypatch.setattr(mnist, "FILE", replace(mnist.FILE, url="http://127.0.0.1:9/mnist.npz"))
