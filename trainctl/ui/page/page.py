"""The page of a report: its sections, and around them a document that loads nothing and runs one script of ours."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from html import escape
from pathlib import Path
from string import ascii_uppercase
from xml.etree.ElementTree import Element

from trainctl.masking import mask
from trainctl.text import plural, printable
from trainctl.ui.page import run_sections
from trainctl.ui.page.charts import COLORS, Chart, draw
from trainctl.ui.page.elements import folded, note, table, tag, to_html
from trainctl.ui.page.evaluation_section import evaluation
from trainctl.ui.page.facts import Compared, RunFacts

SECTIONS: dict[str, Callable[[RunFacts], Iterator[Element]]] = {
    "Summary": run_sections.summary,
    "Curves": run_sections.curves,
    "Evaluation": evaluation,
    "Data": run_sections.data,
    "Configuration": run_sections.configuration,
    "Model": run_sections.model,
    "Time": run_sections.costs,
    "Environment": run_sections.environment,
}
"""The sections of a run, in their order."""

_FOLDED = frozenset({"Configuration", "Model", "Environment"})
_CHARTS = 12
_PLACE = Path(__file__).parent


def make_page(runs: Sequence[RunFacts], compared: Compared | None, made: str) -> str:
    """Return the report as one HTML document.

    Args:
        runs: The runs.
        compared: How they differ; `None` of one run.
        made: When and by what the report is made.
    """
    title = f"{runs[0].name} · {runs[0].run_id}" if len(runs) == 1 else f"Comparison of {plural(len(runs), 'run')}"
    body = [tag("h1", title), *_body(runs, compared), tag("footer", tag("p", made))]
    skip = tag("a", "Skip to the report", href="#report", class_="skip")
    content = to_html(tag("body", skip, tag("main", *body, id="report")))
    style, script = _own("page.css"), _own("page.js")
    policy = f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    head = (
        f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">'
        f"<title>{escape(printable(title))}</title><style>{style}</style>"
    )
    document = f'<!doctype html>\n<html lang="en"><head>{head}</head>{content}'
    return mask(document.removesuffix("</body>") + f"<script>{script}</script></body></html>\n")


def _body(runs: Sequence[RunFacts], compared: Compared | None) -> Iterator[Element]:
    if compared is None:
        yield _links([(name, _id(0, name)) for name in SECTIONS])
        yield from _sections(runs[0], 0, "h2")
        return
    labels = [f"{letter}: {run.name} {run.run_id}" for letter, run in zip(ascii_uppercase, runs, strict=False)]
    yield _links([("Results", "results"), *((label, f"run-{number}") for number, label in enumerate(labels))])
    yield tag("h2", "Results", id="results")
    yield from _comparison(runs, compared, labels)
    for number, (run, label) in enumerate(zip(runs, labels, strict=True)):
        yield tag("h2", label, id=f"run-{number}")
        yield from _sections(run, number, "h3")


def _links(places: Sequence[tuple[str, str]]) -> Element:
    items = (tag("li", tag("a", name, href=f"#{place}")) for name, place in places)
    return tag("nav", tag("ul", *items), aria_label="Sections")


def _id(number: int, name: str) -> str:
    return f"run-{number}-{name.lower()}"


def _sections(run: RunFacts, number: int, heading: str) -> Iterator[Element]:
    for name, section in SECTIONS.items():
        yield tag(heading, name, id=_id(number, name))
        content = _content(section, run)
        if name in _FOLDED:
            yield folded(f"Show: {name.lower()}", *content)
        else:
            yield from content


def _content(section: Callable[[RunFacts], Iterator[Element]], run: RunFacts) -> list[Element]:
    """Return what a section tells; a stranger's record may be of any shape, and damages no more than the section."""
    try:
        return list(section(run))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return [note("what was recorded of this is damaged, and cannot be shown", "warning")]


def _comparison(runs: Sequence[RunFacts], compared: Compared, labels: Sequence[str]) -> Iterator[Element]:
    heads = ascii_uppercase[: len(runs)]
    facts = [
        (label, run.status, str(run.record.get("started") or ""), run.directory)
        for label, run in zip(labels, runs, strict=True)
    ]
    yield table("Runs", ("run", "status", "started", "directory"), facts, words=(1, 2, 3))
    best = {(row, place + 1) for row, each in enumerate(compared.results) for place in each.best}
    rows = [
        (each.key, *(f"{value} (best)" if place in each.best else value for place, value in enumerate(each.values)))
        for each in compared.results
    ]
    shade = lambda row, column: "best" if (row, column) in best else None  # noqa: E731
    yield table("Results", ("result", *heads), rows, shade=shade)
    if compared.settings:
        settings = [(each.key, *each.values) for each in compared.settings]
        yield table("Settings that differ", ("setting", *heads), settings, words=range(1, len(heads) + 1))
    else:
        yield note(compared.note or "no setting differs")
    charts = [_chart(runs, heads, key) for key in _charted(runs)]
    if charts:
        yield tag("div", *map(draw, charts[:_CHARTS]), class_="charts")
    if len(charts) > _CHARTS:
        yield note(f"the curves of {plural(len(charts) - _CHARTS, 'more metric')} are in the sections of the runs")


def _charted(runs: Sequence[RunFacts]) -> list[str]:
    """Return the metrics that are compared: those of the validation, or of the training where no run has one."""
    logged = dict.fromkeys(
        key
        for run in runs
        for history in run.history
        for row in history
        for key in row
        if not isinstance(row[key], str)
    )
    validated = [key for key in logged if key.startswith("val_")]
    return validated or [key for key in logged if key not in {"epoch", "seconds"}]


def _chart(runs: Sequence[RunFacts], heads: Sequence[str], key: str) -> Chart:
    found = []
    for number, (run, head) in enumerate(zip(runs, heads, strict=True)):
        label = f"{head}, the first of {len(run.history)} {run.kind}" if len(run.history) > 1 else head
        for nth, history in enumerate(run.history):
            rows = [row for row in history if key in row]
            if rows:
                found.append(run_sections.curve_of(key, rows, label, COLORS if nth else number))
    return Chart(key, "epoch", found, points=120)


@cache
def _own(name: str) -> str:
    """Return a file of this folder."""
    return (_PLACE / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
