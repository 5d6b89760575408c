"""Templates: experiments to begin with, each a file of this folder; their comments say where one's own data goes."""

from __future__ import annotations

from importlib.resources import files

from trainctl.config.compose.interpolate import escaped
from trainctl.config.render import in_braces
from trainctl.drafts.draft import Draft
from trainctl.errors import UsageError
from trainctl.text import nearest

TEMPLATES = {
    "image": "classify images",
    "table": "predict a column of a table",
    "text": "classify texts",
    "timeseries": "predict the next value of a series",
    "transfer": "classify images with a network that was trained on ImageNet",
}
"""The templates and what they are for."""

_DATA = {"text": "text.csv", "timeseries": "timeseries.csv", "table": "table.csv"}
"""Made-up data that lies beside a template."""


def draft_of_template(name: str, stem: str) -> Draft:
    """Return a template as a draft called `stem`.

    Raises:
        UsageError: There is no such template.
    """
    if name not in TEMPLATES:
        close = nearest(name, TEMPLATES)
        hint = f"did you mean {close}?" if close else f"templates: {', '.join(TEMPLATES)}"
        raise UsageError(f"there is no template called '{name}'", hint=hint)
    data = _DATA.get(name)
    beside = {} if data is None else {f"{stem}.csv": _read(data)}
    path = in_braces([escaped(f"{stem}.csv")])[1:-1]  # in quotes where YAML wants them within braces
    return Draft(_read(f"{name}.yaml").replace(f"path: {data}", f"path: {path}"), files=beside)


def stopping_lines() -> list[str]:
    """Return the lines of the section `callbacks` that the templates share."""
    text = _read("table.yaml")
    return text[text.index("callbacks:") : text.index("\nexpect:")].splitlines()


def _read(name: str) -> str:
    return (files("trainctl.drafts") / "templates" / name).read_text(encoding="utf-8")
