"""HTML elements, of which no text can become markup: a page is a tree, which the standard library writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias
from xml.etree.ElementTree import Element, tostring

from trainctl.text import plural, printable

Content: TypeAlias = "Element | str | None"
"""What an element holds: others, text, or nothing."""

LONGEST = 400
"""Characters of a text that are shown; of a longer one its beginning."""


def tag(name: str, *content: Content, **attributes: str | float | bool | None) -> Element:
    """Return an element.

    Args:
        name: Such as `td`.
        content: Elements and texts in their order; control characters in a text are escaped.
        attributes: `class_` is class and `aria_label` is aria-label; `True` gives an attribute without a value, `None` and
            `False` give none.
    """
    element = Element(name)
    for key, value in attributes.items():
        if value is not None and value is not False:
            text = key if value is True else value if isinstance(value, str) else f"{value:g}"
            element.set(key.rstrip("_").replace("_", "-"), printable(text))
    last: Element | None = None
    for each in content:
        if isinstance(each, Element):
            element.append(each)
            last = each
        elif each and last is None:
            element.text = (element.text or "") + _cut(each)
        elif each and last is not None:
            last.tail = (last.tail or "") + _cut(each)
    return element


def _cut(text: str) -> str:
    text = printable(text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def to_html(element: Element) -> str:
    """Return the HTML of an element, in which `<` is escaped in attributes too."""
    return tostring(element, encoding="unicode", short_empty_elements=False).replace("></img>", ">")


def lines(text: str, most: int = 20) -> list[Element]:
    """Return a paragraph for each line of a text, and `…` for those after `most`."""
    every = text.splitlines()
    return [tag("p", line) for line in (*every[:most], *("…" for _ in every[most : most + 1])) if line.strip()]


def table(
    caption: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[Content]],
    *,
    words: Sequence[int] = (),
    most: int = 200,
    shade: Callable[[int, int], str | None] = lambda _row, _column: None,
) -> Element:
    """Return a table whose first column heads the rows; where it is too wide, it scrolls alone.

    Args:
        caption: What it shows.
        heads: Of the columns.
        rows: The cells.
        words: The columns that hold words; the others, without the first, hold numbers.
        most: Rows to show; the others are counted.
        shade: The class of a cell, by row and column.
    """
    every = list(rows)
    body = []
    for number, row in enumerate(every[:most]):
        cells = [tag("th", row[0], scope="row")]
        for column, cell in enumerate(row[1:], start=1):
            kinds = [None if column in words else "n", shade(number, column)]
            cells.append(tag("td", cell, class_=" ".join(filter(None, kinds)) or None))
        body.append(tag("tr", *cells))
    left_out = len(every) - len(body)
    number_class = [None if place == 0 or place in words else "n" for place in range(len(heads))]
    head = tag(
        "tr", *(tag("th", each, scope="col", class_=kind) for each, kind in zip(heads, number_class, strict=True))
    )
    return tag(
        "div",
        tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body)),
        tag("p", f"and {plural(left_out, 'more row')}", class_="note") if left_out else None,
        class_="scroll",
        tabindex="0",
        role="group",
        aria_label=caption,
    )


def fields(pairs: Iterable[tuple[str, Content]]) -> Element:
    """Return pairs of label and value."""
    return tag("dl", *(tag("div", tag("dt", label), tag("dd", value)) for label, value in pairs))


def folded(summary: str, *content: Content, is_open: bool = False) -> Element:
    """Return what is shown once it is asked for; on paper it is."""
    return tag("details", tag("summary", summary), *content, open=is_open)


def note(text: str, kind: str = "note") -> Element:
    """Return a remark; `kind` is note, good, warning or bad."""
    return tag("p", text, class_=kind)
