"""What others need to know of a component it declares: no central code knows one by name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from trainctl.components.declared import DECLARATIONS
from trainctl.components.spec import CALLBACKS, SOURCES, CallbackSpec

PACKAGE = Path(__file__).parents[2] / "trainctl"
HOMES = (PACKAGE / "components" / "callbacks", PACKAGE / "sources")

EXAMPLES = {"cli/describe.py", "cli/examples.py", "cli/explain.py", "cli/options.py"}
"""Help texts of the command line, which show how a name and a path are written."""

OTHER_MEANINGS = {
    "CSV": {"jobs/data.py", "cli/runs.py"},
    "Parquet": {"jobs/data.py"},
    "TensorBoard": {"cli/tensorboard.py", "jobs/tensorboard.py"},
    "NPZ": {"errors.py", "jobs/data.py"},
    "ReduceLROnPlateau": {"config/messages/habits.py"},
}
"""`trainctl data PATH` chooses a source for a path without an experiment; NPZ and CSV are also kinds of files,
TensorBoard is the program that `trainctl tensorboard` opens, and PyTorch has a scheduler of ReduceLROnPlateau's name."""


def code(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a module with their numbers, without docstrings and comments."""
    text = path.read_text(encoding="utf-8")
    documentation = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    for number, line in enumerate(text.splitlines(), start=1):
        if number not in documentation:
            yield number, line.split("#", maxsplit=1)[0]


def test_no_central_code_names_a_callback_or_a_source() -> None:
    names = sorted({*CALLBACKS.names(), *SOURCES.names()})
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, names))})\b(?! \(trainctl\)| of Keras|\(\))")
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        place = str(path.relative_to(PACKAGE))
        if place in EXAMPLES or any(path.is_relative_to(home) for home in HOMES):
            continue
        for number, line in code(path):
            named = set(pattern.findall(line)) - {name for name, files in OTHER_MEANINGS.items() if place in files}
            found += [f"{place}:{number}: {name}" for name in sorted(named)]
    assert not found


@pytest.mark.parametrize("name", DECLARATIONS)
def test_a_declaration_is_an_attribute_of_every_callback(name: str) -> None:
    assert getattr(CallbackSpec, name) is False
    assert any(getattr(spec, name) is True for _, spec in CALLBACKS), f"nobody declares {name}"


@pytest.mark.tf
@pytest.mark.parametrize(("name", "spec"), list(CALLBACKS), ids=[name for name, _ in CALLBACKS])
def test_what_a_resumed_run_restores_are_attributes_of_keras(name: str, spec: Any) -> None:
    import inspect

    import keras

    if spec.state_attributes:
        source = inspect.getsource(inspect.getmodule(getattr(keras.callbacks, name)))  # type: ignore[arg-type]
        for attribute in spec.state_attributes:
            assert re.search(rf"self\.{attribute}\b", source) or attribute == "best", attribute
