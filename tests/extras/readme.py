"""The README's examples, for the tests that run them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

README = Path(__file__).parents[2] / "README.md"


def example(name: str) -> dict[str, Any]:
    """The callback as the README's part on integrations writes it."""
    part = README.read_text(encoding="utf-8").split("### Integrations")[1]
    block = re.search(r"```yaml\n(.*?)```", part, flags=re.DOTALL)
    assert block is not None
    (found,) = (each for each in yaml.safe_load(block[1])["callbacks"] if name in each)
    return dict(found)
