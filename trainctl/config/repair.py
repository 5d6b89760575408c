"""Repairs of an experiment file: what its diagnostics know to be meant, written into its text."""

from __future__ import annotations

import codecs
import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from trainctl.config.load import Loaded
from trainctl.config.text.edits import apply_all
from trainctl.diagnostics import Diagnostic, Move, Replace, Source
from trainctl.errors import ConfigError, ConfigStep

_ROUNDS = 20
"""How often a repaired file is looked at again: to know a component is to see its arguments."""

Load = Callable[[Source], Loaded]


@dataclass(frozen=True, slots=True)
class Repair:
    """What became of a file.

    Args:
        before: The file as it is.
        after: As it is with the repairs; the same text where there are none.
        repaired: The diagnostics that are no more.
        refused: The errors that the repairs would bring; where there are any, nothing is repaired.
    """

    before: Source
    after: Source
    repaired: tuple[Diagnostic, ...] = ()
    refused: tuple[Diagnostic, ...] = ()

    @property
    def diff(self) -> str:
        """The change, as `diff -u` shows it; "" where there is none."""
        before, after = (_rows(each.text) for each in (self.before, self.after))
        return "\n".join(difflib.unified_diff(before, after, self.before.name, self.before.name, lineterm="", n=2))


@dataclass(frozen=True, slots=True)
class _Look:
    """What a look at a text found, and how far it came."""

    found: tuple[Diagnostic, ...]
    reached: ConfigStep

    @property
    def errors(self) -> set[tuple[str, str, str]]:
        """What is wrong, wherever it is written."""
        return {(each.code, each.path, each.message) for each in self.found if each.is_error}


def repair(source: Source, load: Load) -> Repair:
    """Return the file with every mistake repaired of which the diagnostics know the only repair.

    Args:
        source: The file.
        load: Loads an experiment from a text, and raises ConfigError where it is none.
    """
    now, look = source, _look(source, load)
    first, repaired = look, list[Diagnostic]()
    for _ in range(_ROUNDS):
        own = [each for each in look.found if each.fix is not None and _is_within(each.fix, now)]
        text, done = apply_all(now.text, [each.fix for each in own if each.fix is not None])
        if not done:
            break
        repaired += [each for each in own if each.fix in done]
        now = replace(now, text=text, data=_encoded(text, source))
        look = _look(now, load)
    new = _brought(first, look, repaired)
    if new:
        return Repair(source, source, refused=new)
    return Repair(source, now, tuple(repaired))


def _look(source: Source, load: Load) -> _Look:
    try:
        return _Look(load(source).warnings, ConfigStep.CHECKS)
    except ConfigError as error:
        return _Look(tuple(error.diagnostics), error.reached)


def _is_within(fix: Replace | Move, source: Source) -> bool:
    """Return whether all that a repair touches is in this file, and not in one that it extends, or in a `--set`."""
    places = (fix.location,) if isinstance(fix, Replace) else (fix.key, fix.into)
    return all(isinstance(place, str) or place.source is source for place in places)


def _brought(before: _Look, after: _Look, repaired: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return the errors that repairs brought: not those that could not be seen before, in a component without a name."""
    if after.reached > before.reached:
        return ()
    if after.reached < before.reached:
        return tuple(each for each in after.found if each.is_error)
    seen = tuple(each.path for each in repaired)
    return tuple(
        each
        for each in after.found
        if each.is_error
        and (each.code, each.path, each.message) not in before.errors
        and not any(each.path.startswith(path) for path in seen)
    )


def _rows(text: str) -> list[str]:
    return text.splitlines()


def _encoded(text: str, source: Source) -> bytes:
    """Return the bytes of a text as the file has them: with a mark in front, if it has one."""
    return (codecs.BOM_UTF8 if source.data.startswith(codecs.BOM_UTF8) else b"") + text.encode()
