"""Whether a run came to what its experiment expects, and where in the file it says so."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean

from trainctl.aliases import Value
from trainctl.config.experiment import GRADIENT_BOOSTING, Expectation, Experiment
from trainctl.config.model.log_keys import SECONDS_PER_EPOCH
from trainctl.diagnostics import Diagnostic
from trainctl.errors import ConfigError, ExpectationError
from trainctl.events import Baseline, ExpectationResult

EpochLines = Sequence[Mapping[str, Value]]
"""The lines of a run's metrics.jsonl."""

_NOUNS = {GRADIENT_BOOSTING: "gradient boosting to compare with"}
_HINT = "train longer, or change the model or the expectation"


def judge(
    experiment: Experiment, metrics: Mapping[str, float], histories: Sequence[EpochLines], baseline: Baseline
) -> tuple[ExpectationResult, ...]:
    """Return the experiment's expectations beside what was measured.

    Args:
        experiment: The experiment.
        metrics: Those of the weights that are kept.
        histories: The epochs of the run; of one that consists of several, those of each, of which the mean counts.
        baseline: What constants come to.
    """
    return tuple(_judged(each, metrics, histories, baseline) for each in experiment.expect.values())


def expects_boosting(experiment: Experiment) -> bool:
    """Return whether the run is to be compared with gradient boosting, which then has to be trained."""
    return any(each.over == GRADIENT_BOOSTING for each in experiment.expect.values())


def require_baselines(experiment: Experiment, baseline: Baseline) -> None:
    """Refuse an expectation of more than a baseline that does not exist, before the first step.

    Raises:
        ConfigError: Points at its line.
    """
    problems = [
        Diagnostic(
            "no-baseline",
            f"{each.metric} has no {_NOUNS.get(each.over, each.over)}, so nothing can be expected of it",
            each.written_at,
            each.setting,
            hint=f"compare with a number, or with the baseline of {', '.join(baseline)}" if baseline else None,
        )
        for each in experiment.expect.values()
        if each.over is not None and not _kinds(each, baseline)
    ]
    if problems:
        raise ConfigError(diagnostics=problems)


def missed(experiment: Experiment, results: Sequence[ExpectationResult]) -> ExpectationError | None:
    """Return the error of a run that did not come to what is expected; it points at each line. `None` if it did."""
    failed = [each for each in results if not each.met]
    if not failed:
        return None
    return ExpectationError(
        "; ".join(map(str, failed)), hint=_HINT, diagnostics=tuple(_diagnostics(experiment, failed))
    )


def _diagnostics(experiment: Experiment, failed: Sequence[ExpectationResult]) -> Iterator[Diagnostic]:
    by_name = {each.called: each for each in experiment.expect.values()}
    for each in failed:
        written = by_name.get(each.metric)
        if written is not None and written.written_at is not None:
            yield Diagnostic("expectation", str(each), written.written_at, written.setting, hint=_HINT)


def _judged(
    expected: Expectation, metrics: Mapping[str, float], histories: Sequence[EpochLines], baseline: Baseline
) -> ExpectationResult:
    value, bound = _measured(expected, metrics, histories), expected.value
    if expected.over is not None:
        bound += (max if expected.wants_more else min)(_kinds(expected, baseline), default=math.nan)
    met = value is not None and expected.holds(value, bound)
    return ExpectationResult(expected.called, expected.operator, bound, value, met)


def _kinds(expected: Expectation, baseline: Baseline) -> list[float]:
    """Return the values that the bound is counted from: that of gradient boosting, or those of the constants."""
    kinds = baseline.get(expected.metric, {})
    return [
        value for kind, value in kinds.items() if (kind == GRADIENT_BOOSTING) == (expected.over == GRADIENT_BOOSTING)
    ]


def _measured(expected: Expectation, metrics: Mapping[str, float], histories: Sequence[EpochLines]) -> float | None:
    """Return the value that is compared; `None` where it was not measured."""
    if expected.metric == SECONDS_PER_EPOCH:
        return _mean([_typical([line["seconds"] for line in lines if "seconds" in line]) for lines in histories])
    if expected.of == "kept":
        return metrics.get(expected.metric)
    found = []
    for lines in histories:
        values = [line[expected.metric] for line in lines if line.get(expected.metric) is not None]
        choose = (max if expected.wants_more else min) if expected.of == "best" else lambda all_: all_[-1]
        found.append(choose(values) if values else None)
    return _mean(found)


def _typical(seconds: Sequence[float]) -> float | None:
    """Return the mean without the first epoch, in which the graph is built, where there are others."""
    return fmean(seconds[1:] or seconds) if seconds else None


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known and len(known) == len(values) else None
