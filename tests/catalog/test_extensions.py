"""What is added to Keras's namespaces is found like Keras's own."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

import trainctl
from trainctl import catalog
from trainctl.catalog.extensions import EXTENSIONS


@pytest.mark.parametrize("entry", EXTENSIONS, ids=lambda entry: f"{entry.kind}.{entry.name}")
def test_it_is_found_and_its_module_is_there(entry: catalog.Entry) -> None:
    assert catalog.find(entry.kind, entry.name) is entry
    assert entry.name in catalog.names(entry.kind)
    path = Path(trainctl.__file__).parent.joinpath(*entry.module.split(".")[1:]).with_suffix(".py")
    assert path.is_file()


@pytest.mark.tf
@pytest.mark.parametrize("entry", [each for each in EXTENSIONS if each.name != "OneCycle"], ids=lambda each: each.name)
def test_its_class_takes_what_is_described(entry: catalog.Entry) -> None:
    import inspect

    made = getattr(importlib.import_module(entry.module), entry.name)
    described = {each.name for each in entry.parameters} - {"epochs"}  # counted in steps before it is made
    assert set(inspect.signature(made).parameters) == described
