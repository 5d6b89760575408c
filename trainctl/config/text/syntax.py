"""YAML syntax errors: the most likely mistake, and how to fix it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from trainctl.diagnostics import Diagnostic, Location, Related, Source


@dataclass(frozen=True, slots=True)
class NotYaml(Diagnostic):
    """A text that is not YAML; `reason` says why, without saying that it is not."""

    reason: str = ""


def _not_yaml(location: Location, reason: str, hint: str, related: tuple[Related, ...] = ()) -> NotYaml:
    return NotYaml("not-yaml", f"not YAML: {reason}", location, hint=hint, related=related, reason=reason)


def _make_problem(
    source: Source, code: str, message: str, line: int, column: int, hint: str | None = None
) -> Diagnostic:
    return Diagnostic(code, message, Location(source, line, column), hint=hint)


def character_problem(source: Source, error: yaml.reader.ReaderError) -> Diagnostic:
    """Return the diagnostic for a character that YAML does not allow."""
    before = source.text[: error.position]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    code = error.character if isinstance(error.character, int) else ord(error.character)
    message = f"the character U+{code:04X} is not allowed in YAML"
    return _make_problem(source, "not-yaml", message, line, column, hint="remove it")


def syntax_problem(source: Source, error: yaml.MarkedYAMLError) -> Diagnostic:
    """Return the diagnostic for the most likely mistake behind a parser error."""
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    for explain in (
        _find_tab,
        _find_unquoted_special,
        _find_missing_colon,
        _find_unclosed_quote,
        _find_unclosed_bracket,
        _find_misplaced_line,
    ):
        explained = explain(source, error, line, column)
        if explained is not None:
            return explained
    context = f"{error.context}, " if error.context else ""
    return _not_yaml(
        Location(source, line, column),
        f"{context}{error.problem}",
        hint="check the indentation, and that all brackets and quotes are closed",
    )


def _read_lines_near(source: Source, error: yaml.MarkedYAMLError, line: int) -> Iterator[tuple[int, str]]:
    """Yield the lines between the start of the error and the place where the parser stopped, last first."""
    first = error.context_mark.line + 1 if error.context_mark is not None else line
    for number in range(line, max(0, min(first, line) - 1), -1):
        yield number, source.line(number)


def _find_tab(source: Source, error: yaml.MarkedYAMLError, line: int, _column: int) -> Diagnostic | None:
    for number, text in _read_lines_near(source, error, line):
        indent = text[: len(text) - len(text.lstrip())]
        if "\t" in indent:
            return _make_problem(
                source,
                "tab",
                "indented with a tab; YAML allows only spaces",
                number,
                indent.index("\t") + 1,
                hint="replace each tab with two spaces",
            )
    return None


# A value that YAML splits, although it is meant as a whole: `cp-{epoch}.keras`, `>= 0.9`, `{epoch}.keras`.
_IN_FLOW = re.compile(r"""[{,]\s*[A-Za-z_]\w*:\s+(?P<value>[^"'{\[,\s][^,}]*[{\[]|[>|%@`]|\{[^},]*\}[^\s,}])""")
_IN_BLOCK = re.compile(r"^[\s-]*[A-Za-z_]\w*:\s+(?P<value>\{[^}\s]*\}[^\s#,}].*|[>|%@`].*\S)\s*$")


def _find_unquoted_special(source: Source, error: yaml.MarkedYAMLError, line: int, _column: int) -> Diagnostic | None:
    """A value that holds `{` or `[` inside `{…}`, or begins with `>`, has to be quoted: show the quoted line."""
    for number, text in _read_lines_near(source, error, line):
        in_block = _IN_BLOCK.search(text)
        match = in_block or _IN_FLOW.search(text)
        if match is None:
            continue
        value = in_block["value"] if in_block else _cut_value(text, match.start("value"))
        fixed = text.replace(value, f'"{value}"', 1).strip()
        location = Location(source, number, match.start("value") + 1, len(value))
        where = "" if in_block else "inside {…} "
        return Diagnostic("unquoted", f"{where}the value {value} needs quotes", location, hint=f"write: {fixed}")
    return None


def _cut_value(text: str, start: int) -> str:
    """The value from `start` up to the comma or brace that ends it, braces inside it counted."""
    depth, end = 0, start
    while end < len(text) and not (depth == 0 and text[end] in ",}"):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(text[end], 0)
        end += 1
    return text[start:end].rstrip()


def _find_missing_colon(source: Source, error: yaml.MarkedYAMLError, line: int, column: int) -> Diagnostic | None:
    problem = str(error.problem)
    if "could not find expected ':'" in problem and error.context_mark is not None:
        number = error.context_mark.line + 1
    elif (
        "mapping values are not allowed" in problem
        and ":" not in source.line(line - 1)
        and source.line(line - 1).strip()
    ):
        number = line - 1
    elif "mapping values are not allowed" in problem:
        return _not_yaml(
            Location(source, line, column),
            "this line has a second ': '",
            hint="move the inner mapping to a new, indented line, or quote the text",
        )
    else:
        return None
    text = source.line(number)
    indent = len(text) - len(text.lstrip())
    location = Location(source, number, indent + 1, max(1, len(text.strip())))
    below = source.line(number + 1)
    has_keys_below = text.lstrip().startswith("- ") and len(below) - len(below.lstrip()) > indent
    return _not_yaml(
        location, "missing ':' after the key", hint=f"write: {text.strip()}:" + ("" if has_keys_below else " …")
    )


def _find_unclosed_quote(source: Source, error: yaml.MarkedYAMLError, _line: int, _column: int) -> Diagnostic | None:
    begin = error.context_mark
    if begin is None or "quoted scalar" not in str(error.context) or "end of" not in str(error.problem):
        return None
    quote = source.line(begin.line + 1)[begin.column : begin.column + 1]
    return _not_yaml(
        Location(source, begin.line + 1, begin.column + 1),
        f"this {quote} is never closed",
        hint=f"end the text with {quote}",
    )


def _find_unclosed_bracket(source: Source, error: yaml.MarkedYAMLError, line: int, column: int) -> Diagnostic | None:
    begin = error.context_mark
    if begin is None or "flow" not in str(error.context):
        return None
    opened, closing = ("[", "]") if "sequence" in str(error.context) else ("{", "}")
    here = Location(source, line, column)
    return _not_yaml(
        Location(source, begin.line + 1, begin.column + 1),
        f"missing ',' or {closing} after this {opened}",
        hint=f"close it with {closing}, or separate its items with ','",
        related=(Related("expected here", here),),
    )


def _find_misplaced_line(source: Source, error: yaml.MarkedYAMLError, line: int, column: int) -> Diagnostic | None:
    before = source.line(line)[: column - 1]
    if "block" not in str(error.context) or (before.strip() and column > 1):
        return None
    return _not_yaml(
        Location(source, line, column),
        "the indentation of this line does not match the lines above",
        hint="align it with the lines it belongs to; start an item of a list with '- '",
    )
