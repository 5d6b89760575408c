"""Workflow commands: lines on stdout that GitHub Actions shows beside the code."""

from __future__ import annotations

from typing import Literal

Level = Literal["error", "warning", "notice"]


def annotation(level: Level, message: str, **properties: str | int) -> str:
    """`::error file=a.yaml,line=3::message`, with the escapes that GitHub undoes."""
    listed = ",".join(f"{name}={_escape_property(str(value))}" for name, value in properties.items())
    return f"::{level}{' ' if listed else ''}{listed}::{_escape(message)}"


def without_command(line: str) -> str:
    """Return the line so that GitHub takes no text of a file for a workflow command: `::` or `##[` at its beginning."""
    text = line.lstrip()
    return f"{line[: len(line) - len(text)]}\\{text}" if text.startswith(("::", "##[")) else line


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
