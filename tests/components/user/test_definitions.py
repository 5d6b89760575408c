"""What cells define is remembered with its text, and may be defined again."""

from __future__ import annotations

import linecache

import pytest

from trainctl.components.spec import CALLBACKS
from trainctl.components.user import definitions
from trainctl.errors import ConfigError

CELL = """import keras, trainctl

@trainctl.callback
class Mine(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None): pass

@trainctl.function
def half(epoch, lr):
    return lr / 2
"""


def execute(text: str, file: str, module: str = "__main__") -> None:
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    exec(compile(text, file, "exec"), {"__name__": module})


@pytest.mark.tf
def test_a_cell_may_be_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(definitions, "_DEFINED", {})
    execute(CELL, "<cell 1>")
    execute(CELL.replace("pass", "return"), "<cell 2>")
    found = {(each.kind, each.name): each.source for each in definitions.defined()}
    assert found["callback", "Mine"].startswith("@trainctl.callback\nclass Mine")
    assert found["callback", "Mine"].endswith("return\n")
    assert found["function", "half"] == "@trainctl.function\ndef half(epoch, lr):\n    return lr / 2\n"
    assert CALLBACKS.get("Mine").target.__module__ == "__main__"  # type: ignore[union-attr]
    with pytest.raises(ConfigError, match="already exists"):
        execute(CELL, "<module>", "another_module")


def test_a_text_that_nobody_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(definitions, "_DEFINED", {})
    execute("import trainctl\n@trainctl.function\ndef lost(epoch): return 1\n", "<cell 3>")
    linecache.cache.pop("<cell 3>")
    names: dict[str, type] = {}
    exec("class Lost: pass", names)
    assert definitions.source_of(names["Lost"])[1:] == (1, "")
