"""`trainctl doctor`."""

from __future__ import annotations

import json as encoder
import os
import sys

import typer

from trainctl.cli import options


def doctor(json: options.Json = False) -> None:
    """Versions, devices, optional packages, caches."""
    from trainctl.runs.console import captured
    from trainctl.runs.health import facts
    from trainctl.ui.stream import width_of
    from trainctl.ui.tables import print_fields

    found = facts()
    with captured(None):
        try:
            from trainctl.runtime.environment import device  # TensorFlow: seconds

            found["device"] = device()
        except ImportError as error:
            found["device"] = f"TensorFlow cannot be imported: {error}"
    if json:
        typer.echo(encoder.dumps(found, indent=2))
    else:
        print_fields(found.items(), stdout=sys.stdout, width=width_of(sys.stdout, os.environ))
