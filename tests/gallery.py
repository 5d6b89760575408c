"""The numbers on the gallery's page: lines of YAML and of Python for the same model; `python tests/gallery.py` writes them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
CONFIGS = ROOT / "configs"
MODELS = Path(__file__).parent / "contracts" / "python_models.py"
PAGE = CONFIGS / "README.md"
_SECTIONS = ("vars", "model", "compile")


def yaml_lines(config: Path) -> int:
    """Count the lines of `vars:`, `model:` and `compile:`, without blank lines and comments."""
    section, count = "", 0
    for line in config.read_text(encoding="utf-8").splitlines():
        started = re.match(r"(\w+):", line)
        section = started[1] if started else section
        count += section in _SECTIONS and bool(line.strip()) and not line.lstrip().startswith("#")
    return count


def python_lines() -> dict[str, int]:
    """Count the lines of the function that makes the same model, without its docstring, blank lines and comments, by config."""
    text = MODELS.read_text(encoding="utf-8")
    lines, counts = text.splitlines(), {}
    for function in ast.parse(text).body:
        if not isinstance(function, ast.FunctionDef):
            continue
        config = re.match(r"configs/(\S+\.yaml)\.", ast.get_docstring(function) or "")
        if config is not None:
            docstring, *body = function.body
            written = (
                lines[function.lineno - 1 : docstring.lineno - 1] + lines[body[0].lineno - 1 : function.end_lineno]
            )
            counts[config[1]] = sum(bool(line.strip()) and not line.lstrip().startswith("#") for line in written)
    return counts


def page() -> str:
    """Return the page with the true numbers of lines in its tables."""
    python = python_lines()

    def row(match: re.Match[str]) -> str:
        return f"{match[1]} {yaml_lines(CONFIGS / match[2])} | {python.get(match[2], '–')} |"

    with_numbers = r"^(\|.*\]\((\S+\.yaml)\) \|(?:[^|\n]*\|){2})[^|\n]*\|[^|\n]*\|$"
    return re.sub(with_numbers, row, PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
