"""A small valid experiment, and short ways to load it with changes."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from trainctl.components.spec import Spec
from trainctl.config.component import KerasComponent
from trainctl.config.load import Loaded, load
from trainctl.config.model.graph import GraphNode
from trainctl.config.text.document import parse
from trainctl.config.text.nodes import Node
from trainctl.diagnostics import Diagnostic, Source
from trainctl.errors import ConfigError

EXPERIMENT = """\
data:
  source: Iris
  validation_split: 0.2
model:
  layers:
    - Dense: {units: 16, activation: relu, name: hidden}
    - Dense: {units: 3, activation: softmax}
compile:
  optimizer:
    Adam: {learning_rate: 1e-3}
  loss: sparse_categorical_crossentropy
  metrics: [accuracy]
fit:
  epochs: 5
callbacks:
  - EarlyStopping: {monitor: val_loss, patience: 3}
  - TerminateOnNaN
"""

Load = Callable[..., Loaded]
Problems = Callable[..., list[Diagnostic]]


@pytest.fixture
def load_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """`load_text(text, *overrides, environ={…}, **files)`: what is loaded; `base="…"` writes base.yaml beside it."""
    monkeypatch.chdir(tmp_path)

    def loaded(text: str = EXPERIMENT, *overrides: str, environ: dict[str, str] | None = None, **files: str) -> Loaded:
        for name, content in {"experiment": text, **files}.items():
            (tmp_path / f"{name}.yaml").write_text(content, encoding="utf-8")
        return load("experiment.yaml", overrides, environ or {})

    return loaded


@pytest.fixture
def problems(load_text: Load) -> Problems:
    """Like `load_text`, for what is wrong; a valid experiment has only its warnings."""

    def found(*args: str, **files: str) -> list[Diagnostic]:
        try:
            return list(load_text(*args, **files).warnings)
        except ConfigError as error:
            return list(error.diagnostics)

    return found


@pytest.fixture
def tree() -> Callable[[str], Node]:
    """The tree of a text."""
    return lambda text: parse(Source("experiment.yaml", text, Path("/here")))


@pytest.fixture
def essence() -> Callable[[Any], Any]:
    """What an experiment says, without where it says so: equal for equal experiments."""
    return _essence


def _essence(value: Any) -> Any:
    if isinstance(value, Spec):
        return type(value).__name__, {name: _essence(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, GraphNode):
        takes = [str(ref) for ref in value.refs()]
        return value.name, takes, _essence(value.component), value.reuse, value.freeze, value.preprocess
    if isinstance(value, KerasComponent):
        return value.kind, value.name, _essence(value.arguments)
    if isinstance(value, Mapping):
        return {key: _essence(each) for key, each in value.items()}
    return [_essence(each) for each in value] if isinstance(value, list | tuple) else value


@pytest.fixture
def experiment() -> str:
    """The text of a valid experiment."""
    return EXPERIMENT
