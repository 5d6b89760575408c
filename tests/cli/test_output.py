"""What commands print for programs."""

from __future__ import annotations

import io
import json
import math

import pytest

from trainctl.cli.output import print_json


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_json_loses_nothing_on_any_stream(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr("sys.stdout", stream)
    print_json({"größe": "✓", "loss": math.nan})
    stream.flush()
    text = stream.buffer.getvalue().decode(encoding)
    assert json.loads(text) == {"größe": "✓", "loss": None}
    assert ("✓" in text) == (encoding == "utf-8")
