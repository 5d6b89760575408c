"""Diagnostics for people, programs and GitHub: the place, what was received, what was expected, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from trainctl.strict_json import to_json
from trainctl.text import plural, printable
from trainctl.ui.annotations import annotation, without_command
from trainctl.ui.excerpt import excerpt
from trainctl.ui.stream import encodable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from trainctl.diagnostics import Diagnostic, Location, Source

    Paint = Callable[[str, str], str]

_COLORS = {"error": "1;31", "warning": "1;33", "place": "1", "caret": "31", "gutter": "2", "label": "36"}


def report(
    diagnostics: Sequence[Diagnostic],
    *,
    format: str,
    stdout: TextIO,
    stderr: TextIO,
    color: bool,
    width: int,
) -> None:
    """Write `diagnostics`, sorted by source, line and column; nothing where there are none.

    Args:
        diagnostics: What was found.
        format: One of `displays.FORMATS`.
        stdout: Where JSON lines and annotations go.
        stderr: Where the text goes.
        color: Whether stderr shows colors.
        width: Columns of the terminal. Only excerpts are cut to it, never the first line.
    """
    found = _sort(diagnostics)
    if format == "jsonl":
        _write((to_json(each.as_dict(), escaped=True) for each in found), stdout)
        return
    if format == "github":
        _write(map(_render_annotation, found), stdout)
        _write(map(without_command, text_lines(found, color=False, width=width)), stderr)
        return
    _write(text_lines(found, color=color, width=width), stderr)


def text_lines(diagnostics: Sequence[Diagnostic], *, color: bool, width: int) -> Iterator[str]:
    """Yield the text form of `diagnostics`, in the order given, with a count at the end if they point into files."""
    paint = _paint if color else _keep_plain
    for diagnostic in diagnostics:
        yield from _render_text(diagnostic, paint, width)
    if any(diagnostic.location for diagnostic in diagnostics):
        yield _count(diagnostics)


def _render_text(diagnostic: Diagnostic, paint: Paint, width: int) -> Iterator[str]:
    severity = paint(f"{diagnostic.severity}[{diagnostic.code}]", diagnostic.severity)
    place = paint(f"{_place(diagnostic.location)}: ", "place") if diagnostic.location else ""
    yield f"{place}{severity}: {printable(diagnostic.message)}"
    if diagnostic.location:
        yield from _render_excerpt(diagnostic.location, paint, width)
    message = diagnostic.message
    labeled = {"received": diagnostic.received, "expected": diagnostic.expected, "help": diagnostic.hint}
    for label, text in labeled.items():
        is_in_message = message.endswith(f", got {text}") or f" must be {text}, got " in message
        if text is not None and not is_in_message:
            yield from _render_labeled(label, text, paint)
    for related in diagnostic.related:
        yield from _render_labeled("note", f"{_place(related.location)}: {related.message}", paint)


def _render_excerpt(location: Location, paint: Paint, width: int) -> Iterator[str]:
    line = location.source.line(location.line)
    if not line.strip():
        return
    gutter = f"{location.line:>6} | "
    text, indent, carets = excerpt(line, location.column, location.length, width - len(gutter))
    yield paint(gutter, "gutter") + text
    yield paint(f"{' ' * 6} | ", "gutter") + " " * indent + paint("^" * carets, "caret")


def _render_labeled(label: str, text: str, paint: Paint) -> Iterator[str]:
    """`  help: text`, with the further lines of a longer text below its first one."""
    first, *rest = [printable(line) for line in text.splitlines()] or [""]
    yield f"  {paint(f'{label}:', 'label')} {first}"
    for line in rest:
        yield f"  {' ' * len(label)}  {line}".rstrip()


def _count(diagnostics: Sequence[Diagnostic]) -> str:
    errors = sum(each.stands_for for each in diagnostics if each.is_error)
    warnings = sum(each.stands_for for each in diagnostics) - errors
    counts = [plural(n, noun) for n, noun in ((errors, "error"), (warnings, "warning")) if n]
    sources = list(dict.fromkeys(d.location.source for d in diagnostics if d.location))
    files = [source.name for source in sources if source.path is not None or len(sources) == 1]
    places = [printable(files[0]) if len(files) == 1 else plural(len(files), "file")] if files else []
    places += ["--set"] if len(sources) > len(files) else []
    return f"{', '.join(counts)} in {' and '.join(places)}"


def _render_annotation(diagnostic: Diagnostic) -> str:
    lines = [diagnostic.message]
    lines += [f"expected: {diagnostic.expected}"] if diagnostic.expected else []
    lines += [f"help: {diagnostic.hint}"] if diagnostic.hint else []
    place: dict[str, str | int] = {}
    location = diagnostic.location
    if location and location.source.path is not None:  # GitHub shows it beside a file's line; a --set has none
        place = {"file": location.source.name, "line": location.line, "col": location.column}
        place["endColumn"] = location.column + location.length
    return annotation(diagnostic.severity.value, "\n".join(lines), **place, title=diagnostic.code)


def _sort(diagnostics: Sequence[Diagnostic]) -> list[Diagnostic]:
    order: dict[Source | None, int] = {}
    for diagnostic in diagnostics:
        order.setdefault(diagnostic.location.source if diagnostic.location else None, len(order))

    def key(diagnostic: Diagnostic) -> tuple[int, int, int]:
        location = diagnostic.location
        return (order[location.source], location.line, location.column) if location else (order[None], 0, 0)

    return sorted(diagnostics, key=key)


def _place(location: Location) -> str:
    return printable(str(location))


def _paint(text: str, role: str) -> str:
    return f"\x1b[{_COLORS[role]}m{text}\x1b[0m"


def _keep_plain(text: str, _role: str) -> str:
    return text


def _write(lines: Iterable[str], stream: TextIO) -> None:
    stream.writelines(encodable(f"{line}\n", stream) for line in lines)
    stream.flush()
