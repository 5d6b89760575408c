"""A stranger's model file runs no code, and what Keras makes of a crafted one is an error and no bug."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from trainctl.errors import RunDirError

pytestmark = [pytest.mark.tf, pytest.mark.claim("M1")]

LAMBDA = (
    "4wEAAAAAAAAAAAAAAAEAAAADAAAA8wYAAACXAHwAUwApAakAKQHaAXhzAQAAACD6BzxzdGRpbj7aCDxsYW1iZGE+cgUAAAABAAAAcwMAAACAAKUA"
)


def layer(
    class_name: str, module: str = "keras.layers", registered: str | None = None, **config: Any
) -> dict[str, Any]:
    return {"module": module, "class_name": class_name, "config": config, "registered_name": registered}


CONFIGS: dict[str, Any] = {
    "TorchModuleWrapper": layer("TorchModuleWrapper", name="t", module="gASVAAAA"),
    "a Lambda": layer(
        "Lambda",
        name="l",
        function={"class_name": "__lambda__", "config": {"code": LAMBDA, "defaults": None, "closure": None}},
    ),
    "a function of os": layer("system", module="os"),
    "a class of ours": layer("RunDirectory", module="trainctl.runs.layout", path="/"),
    "a class of a stranger": layer("Evil", module="evil"),
    "a list": [1, 2],
    "nothing": None,
    "deep": "[" * 20_000,
}


@pytest.mark.parametrize("kind", CONFIGS)
def test_a_crafted_model_is_refused(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from trainctl.training.model_file import load_model

    monkeypatch.chdir(tmp_path)
    (tmp_path / "evil.py").write_text("raise SystemExit('a stranger ran code')\n")
    part = CONFIGS[kind]
    whole = layer("Sequential", module="keras", name="s", layers=[part]) if isinstance(part, dict) else part
    path = tmp_path / "model.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.15.0"}))
        archive.writestr("config.json", part if kind == "deep" else json.dumps(whole))
        archive.writestr("model.weights.h5", b"")
    with pytest.raises(RunDirError, match="cannot be read"):
        load_model(path)
