"""Checks across sections: a list of functions that yield diagnostics. Add a new check to `CHECKS`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

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
    unused,
)
from trainctl.config.experiment import Experiment
from trainctl.config.text.nodes import Node, holds_late
from trainctl.diagnostics import Diagnostic

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


def check(experiment: Experiment, tree: Node) -> list[Diagnostic]:
    """Return what all checks find in an experiment whose sections are valid.

    Callbacks that need facts of the data are skipped; they are checked once the facts are known.
    """
    settled = tuple(
        callback for callback in experiment.callbacks if not any(holds_late(value) for _, value in callback)
    )
    experiment = experiment.model_copy(update={"callbacks": settled})
    return [problem for each in CHECKS for problem in each(experiment, tree)]
