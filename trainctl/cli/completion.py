"""`trainctl completion`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

SCRIPTS = Path(__file__).with_name("shell")


class Shell(StrEnum):
    """A shell that has a script."""

    bash = "bash"
    zsh = "zsh"
    fish = "fish"


def completion(
    shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="bash, zsh or fish.", show_default=False)],
) -> None:
    """Print the script that completes commands, options, components, runs and --set paths in a shell.

    For bash, put eval "$(trainctl completion bash)" into ~/.bashrc. For zsh, put eval "$(trainctl completion zsh)" into
    ~/.zshrc, below compinit. For fish, run: trainctl completion fish > ~/.config/fish/completions/trainctl.fish
    """
    typer.echo((SCRIPTS / f"trainctl.{shell.value}").read_text(encoding="utf-8"), nl=False)
