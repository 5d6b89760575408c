"""`trainctl doctor`."""

from __future__ import annotations

import typer

from trainctl.cli import options
from trainctl.cli.output import fields, print_json
from trainctl.jobs.doctor import facts, missing
from trainctl.runs.console import captured


def doctor(json: options.Json = False) -> None:
    """Show versions, devices, optional packages and caches."""
    found = facts()
    with captured(None):
        try:
            from trainctl.training.environment import device  # TensorFlow: seconds

            found["device"] = device()
        except ImportError as error:
            found["device"] = f"TensorFlow cannot be imported: {error}"
    if json:
        print_json(found)
    else:
        fields(found.items())
        lacking = missing(found)
        if lacking:
            typer.echo("\n".join(["\nmissing:", *(f"  {each}" for each in lacking)]))
