"""`--expect 'val_accuracy >= 0.93'`: an expectation of the experiment, given on the command line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from trainctl.config.compose.overrides import Override
from trainctl.config.experiment import EXPECTATION
from trainctl.errors import UsageError

_NAMED = re.compile(r"\s*(?P<metric>[^\s<>=]+)\s*(?P<bound>(?:(?:best|last)\s*[<>]|[<>]).*)")


def as_overrides(expected: Sequence[str]) -> Iterator[Override]:
    """Yield the `--set` argument that each `--expect` argument stands for: `expect.val_accuracy=>= 0.93`.

    Raises:
        UsageError: One of them is not a metric and a bound.
    """
    for number, text in enumerate(expected, start=1):
        found = _NAMED.fullmatch(text)
        if found is None or EXPECTATION.fullmatch(found["bound"]) is None:
            raise UsageError(
                f"--expect must be a metric and a bound, got '{text}'", hint="such as --expect 'val_accuracy >= 0.93'"
            )
        yield Override(f"expect.{found['metric']}={found['bound'].strip()}", f"--expect #{number}")
