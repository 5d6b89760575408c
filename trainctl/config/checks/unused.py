"""Values of `vars` that nothing reads: usually a reference that was forgotten or misspelled as plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trainctl.config.checks.places import warning
from trainctl.config.experiment import Experiment
from trainctl.config.text.nodes import Late, Node
from trainctl.diagnostics import Diagnostic

_REFERENCE = re.compile(r"\$\{[^{}]*\}")
_NAME = re.compile(r"\bvars\b(?:\.([^\s.+*/%(),<>{}]+))?")


def variables_are_read(_experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Warn about variables of the file itself that no `${…}` reads; one that only holds an anchor is read by its aliases."""
    section = tree.value.get("vars")
    if section is None or not section.is_mapping:
        return
    read = set(_names(tree))
    for name in section.value:
        place = section.key_location(name)
        if name in read or "" in read or place.source != tree.location.source or "&" in place.source.line(place.line):
            continue
        hint = f"read it with ${{vars.{name}}}, or remove it"
        yield warning("unused-variable", f"nothing reads vars.{name}", (place, f"vars.{name}"), hint=hint)


def _names(tree: Node) -> Iterator[str]:
    """Yield the names that are read from `vars`; "" where all of it is."""
    for node in tree.walk():
        text = node.value.text if isinstance(node.value, Late) else node.raw
        for written in {text, node.raw} - {None}:
            for reference in _REFERENCE.findall(str(written)):
                yield from _NAME.findall(reference)
