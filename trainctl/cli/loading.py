"""Loading an experiment for a command, the user's modules included."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

from trainctl.cli import options
from trainctl.components.user.imports import Imports
from trainctl.config.load import Loaded, load
from trainctl.diagnostics import Source
from trainctl.runs.console import captured


def load_experiment(
    config: str,
    overrides: Sequence[str] | None,
    names: Sequence[str] | None,
    *,
    no_imports: bool,
    runs_dir: Path = options.DEFAULT_RUNS_DIR,
    allowed_outputs: Sequence[str] | None = None,
    source: Source | None = None,
) -> Loaded:
    """Return the experiment in `config`; what the user's modules print while they load is not shown.

    With `source`, that takes the place of what the file holds.
    """
    with _quiet():
        imports = Imports(names or (), automatic=not no_imports)
        loaded = load(config, overrides or (), imports=imports, runs_dir=runs_dir, source=source)
    return replace(loaded, allowed_outputs=tuple(allowed_outputs or ()))


def load_components(names: Sequence[str] | None, *, no_imports: bool) -> None:
    """Load the user's modules for a command that lists what there is."""
    imports = Imports(names or (), automatic=not no_imports)
    with _quiet():
        imports.load_named()
        imports.load_automatic()
    if imports.withheld is not None:
        sys.stderr.write(f"note: {imports.withheld.message}\n  {imports.withheld.hint}\n")


def _quiet() -> AbstractContextManager[Any]:
    """Keep off the screen what a user's module prints: it usually imports Keras, and TensorFlow prints much."""
    return captured(None)
