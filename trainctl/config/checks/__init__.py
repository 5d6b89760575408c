"""Checks across sections: a list of functions that yield diagnostics. Add a new check to `CHECKS`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from trainctl.config.checks import (
    callbacks,
    data,
    folds,
    graph,
    labels,
    log_readers,
    logs,
    losses,
    names,
    numbers,
    outputs,
    rates,
    recovery,
    secrets,
    stages,
    unused,
)
from trainctl.config.compose.paths import join
from trainctl.config.compose.stages import each_laid
from trainctl.config.experiment import Experiment
from trainctl.config.text.nodes import Node, holds_late
from trainctl.diagnostics import Diagnostic, Location

Check = Callable[[Experiment, Node], Iterator[Diagnostic]]
CHECKS: tuple[Check, ...] = (
    names.name_means_nothing_else,
    data.splits_leave_samples,
    graph.nodes_are_used,
    graph.blocks_are_used,
    graph.layers_can_learn,
    graph.own_models_stand_alone,
    graph.outputs_are_known,
    graph.outputs_learn,
    graph.epochs_remain,
    graph.class_weights_have_one_output,
    data.splits_are_given_once,
    data.layers_suit_the_data,
    data.changed_labels_are_there,
    folds.folds_are_the_test,
    folds.folds_have_samples,
    folds.folds_are_split_one_way,
    folds.folds_write_apart,
    losses.outputs_are_all_used,
    losses.loss_fits_activation,
    labels.losses_and_metrics_fit,
    logs.metrics_are_distinct,
    log_readers.monitored_metrics_exist,
    log_readers.monitored_direction_is_known,
    log_readers.placeholders_exist,
    logs.expected_metrics_exist,
    recovery.recovery_can_lower_the_rate,
    numbers.optimizer_numbers_make_sense,
    numbers.weights_make_sense,
    numbers.weights_are_updated,
    numbers.validation_happens,
    rates.schedules_give_rates,
    rates.planned_rates_make_sense,
    outputs.paths_stay_inside,
    outputs.paths_are_distinct,
    secrets.secrets_are_sent_knowingly,
    unused.variables_are_read,
    callbacks.extras_are_installed,
    callbacks.inputs_are_there,
    callbacks.settings_have_effect,
    callbacks.learning_rate_is_settable,
    callbacks.averages_are_kept,
    log_readers.expressions_read_what_is_logged,
    callbacks.order_defeats_nobody,
    callbacks.outputs_are_writable,
)


OF_STAGES: tuple[Check, ...] = (
    stages.stages_have_names_of_their_own,
    stages.overrides_reach_a_stage,
    stages.frozen_layers_exist,
    stages.something_is_trained,
    stages.labels_are_the_same,
)
"""Checks of the stages beside each other; the others look at each stage by itself."""


def check(experiment: Experiment, tree: Node) -> list[Diagnostic]:
    """Return what all checks find in an experiment whose sections are valid, at each of its stages.

    Callbacks that need facts of the data are skipped; they are checked once the facts are known.
    """
    found = [problem for each in OF_STAGES for problem in each(experiment, tree)] if experiment.stages else []
    for staged, (path, laid) in zip(experiment.at_each_stage, each_laid(tree), strict=True):
        settled = tuple(each for each in staged.callbacks if not any(holds_late(value) for _, value in each))
        known = staged.model_copy(update={"callbacks": settled})
        found += [_at(path, problem) for each in CHECKS for problem in each(known, laid)]
    return found if len(experiment.stages) < 2 else _each_once(found)


def _at(path: str, problem: Diagnostic) -> Diagnostic:
    """The problem, with the path of the stage before what the stage says."""
    is_staged = bool(path) and problem.path.startswith(_STAGED)
    return replace(problem, path=join(path, problem.path)) if is_staged else problem


def _each_once(problems: list[Diagnostic]) -> list[Diagnostic]:
    """The problems, of those that several stages have in common that of the first."""
    first: dict[tuple[str, Location | None, str], Diagnostic] = {}
    for each in problems:
        first.setdefault((each.code, each.location, each.message), each)
    return list(first.values())


_STAGED = ("compile", "fit", "callbacks", "data.batch_size")
