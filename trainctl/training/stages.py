"""The stages of a training: the same model, compiled and fitted several times. A training without stages is a single one.

Each stage begins as a second `compile` and `fit` of a Keras script would: with a new optimizer and new callbacks, and with
the weights, the seeds of random layers and the count of epochs that the stage before it left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from trainctl.aliases import Array
from trainctl.backend import keras
from trainctl.config.checks.numbers import accumulation_problems
from trainctl.config.experiment import Experiment
from trainctl.config.model.fits import Output
from trainctl.config.model.keras_names import canonical_name
from trainctl.config.model.needs import loss_need
from trainctl.config.model.outputs import only_loss
from trainctl.config.model.soft import with_soft_losses
from trainctl.config.schedules import with_steps
from trainctl.data.class_weights import class_count, class_names, class_weights, require_places, unweighed
from trainctl.data.label_fit import check_fit, inputs_as_labels
from trainctl.data.prepare import Prepared
from trainctl.diagnostics import Diagnostic
from trainctl.errors import BuildError, ConfigError
from trainctl.events import Notice, Sink, StageEnded, StageStarted
from trainctl.models.compiling import compile_model
from trainctl.models.freezing import freeze
from trainctl.models.inputs import check_batches
from trainctl.models.optimizers import apply_beside, require_matching_patterns
from trainctl.models.own import has_own_methods, require_losses
from trainctl.models.undo import has_graph
from trainctl.runs.snapshots import Begun, Snapshot, keep_stage_end
from trainctl.text import one_of, plural
from trainctl.training.built import Built, Whole
from trainctl.training.fit import Fitted, Setting, fit
from trainctl.training.splits_as_batches import steps_per_epoch


def compiled(whole: Whole, number: int, emit: Sink) -> Built:
    """Freeze and compile the model for a stage.

    Args:
        whole: The training.
        number: The stage, from 0; from -1, counted from the last.
        emit: Where events go.

    Raises:
        ConfigError: The experiment is invalid for this data.
        BuildError: The stage freezes what is not there, or everything; or the model does not fit the data.
    """
    staged, model = with_soft_losses(whole.experiment.at_stage(number)), whole.model
    _freeze(whole, number)
    prepared = whole.data.batched(staged.data.batch_size)
    experiment = with_steps(staged, staged.fit.steps_per_epoch or prepared.facts["steps_per_epoch"])
    splits = [each for each in (prepared.splits.train, prepared.splits.validation, prepared.splits.test) if each]
    check_batches(experiment.model, experiment.data.batch_size, list(map(len, splits)))
    _, in_batch, *_ = prepared.evaluation(prepared.splits.train).element_spec
    labels = prepared.labels if experiment.data.target == "labels" else inputs_as_labels(in_batch)
    outputs: Mapping[str, Output] = {}
    require_losses(model, experiment, is_validated=prepared.splits.validation is not None)
    if has_own_methods(model):  # which alone knows what labels it takes
        compile_model(model, experiment)
    else:
        outputs, notes = check_fit(experiment, model, labels)
        for note in notes:
            _tell(whole, note, emit)
        compile_model(model, experiment, labels, outputs)
        prepared = replace(prepared, depths={name: output.units or 0 for name, output in outputs.items()})
    if not has_graph(model) and any(each.undo for each in labels.outputs.values()):
        message = "the model is of your own class and has no graph: its metrics and predictions stay in the unit of map_labels"
        _tell(whole, Notice(message=message, loud=True, path="data.map_labels"), emit)
    require_matching_patterns(model, experiment)
    apply_beside(model, experiment)
    weights = _weights_of_classes(whole, experiment, prepared, emit)
    if weights is not None and "" in outputs:
        require_places(prepared.labels.outputs[""], outputs[""].shape)
    built = Built(experiment, prepared, model, weights, outputs, whole)
    problems = list(accumulation_problems(experiment, steps_per_epoch(built)))  # now that the data says how many
    if problems:
        raise ConfigError(diagnostics=problems)
    return built


def _freeze(whole: Whole, number: int) -> None:
    experiment = whole.experiment
    if not experiment.stages:
        freeze(whole.model, experiment.model, whole.trained, None, (None, ""))
        return
    stage = experiment.stages[number]
    at = stage.written_at if stage.freeze is None else stage.freeze.location
    place = (at, f"{stage.setting}.freeze")
    freeze(whole.model, experiment.model, whole.trained, stage.freeze, place)
    if not whole.model.trainable_weights:
        message, hint = "the stage freezes every layer and trains nothing", "let it train some: freeze fewer layers"
        raise BuildError(diagnostics=[Diagnostic("nothing-trained", message, *place, hint=hint)])


def _tell(whole: Whole, notice: Notice, emit: Sink) -> None:
    """Say what no stage before has said."""
    if notice.message not in whole.told:
        whole.told.add(notice.message)
        emit(notice)


def _weights_of_classes(whole: Whole, experiment: Experiment, prepared: Prepared, emit: Sink) -> Array | None:
    """Return the weight of each class; warn of classes without one, where only the data says which there are."""
    wanted, labels = experiment.fit.class_weight, prepared.labels.only
    if wanted is None or labels is None:
        return None
    takes = loss_need(canonical_name(only_loss(experiment))).labels
    weights = class_weights(wanted, prepared.splits.train.y, labels, takes)
    if experiment.data.known_classes is None and isinstance(wanted, Mapping):
        missing = unweighed(wanted, class_count(labels, takes), class_names(labels))
        if missing:
            names = f"{plural(len(missing), 'class')}: {one_of(missing[:10], 'and')}"
            message = f"class_weight has no weight for {names}; each counts 1"
            _tell(
                whole, Notice(message=message, loud=True, path=f"{experiment.fit.setting or 'fit'}.class_weight"), emit
            )
    return weights


def trainable_parameters(model: keras.Model) -> int:
    """Return how many numbers the model trains."""
    return sum(int(keras.ops.size(weight)) for weight in model.trainable_weights)


def fit_stages(setting: Setting, start: Snapshot | None = None) -> tuple[Built, Fitted]:
    """Train the stages one after another.

    Args:
        setting: What is trained, and where; compiled for the stage that is the first to train.
        start: The snapshot to go on from.

    Returns:
        The last stage, and what it came to.

    Raises:
        ConfigError, BuildError, TrainingError, RunDirError: As `compiled` and `fit` do.
    """
    built, whole = setting.built, setting.built.whole
    begun = _beginning(built) if start is None or not whole.experiment.stages else start.begun
    first, count = begun.stage, max(1, len(whole.experiment.stages))
    for number in range(first, count):
        if number > first:
            setting.context.endings.tell(
                "interrupted", {}
            )  # whoever keeps the run elsewhere goes on with it in this stage
            built = compiled(whole, number, setting.emit)
        here = replace(setting, built=built, begun=begun, epochs_after=_epochs_after(setting, number))
        _announce(here)
        fitted = fit(here, start)
        _conclude(here, fitted)
        begun, start = fitted.ended, None
    return built, fitted


def _beginning(built: Built) -> Begun:
    first = built.experiment.fit.initial_epoch
    return Begun(0, first, first * steps_per_epoch(built))


def _epochs_after(setting: Setting, number: int) -> int:
    """Return how many epochs are planned after a stage."""
    later = setting.built.whole.experiment.stages[number + 1 :]
    return len(later) if setting.dry_run else sum(each.fit.epochs for each in later)


def _announce(setting: Setting) -> None:
    built, stages = setting.built, setting.built.whole.experiment.stages
    if not stages:
        return
    stage = stages[setting.begun.stage]
    setting.emit(
        StageStarted(
            number=setting.begun.stage + 1,
            count=len(stages),
            name=stage.name or "",
            first_epoch=setting.begun.epoch + 1,
            epochs=1 if setting.dry_run else stage.fit.epochs,
            steps_per_epoch=1 if setting.dry_run else steps_per_epoch(built),
            batch_size=stage.data.batch_size,
            trainable_parameters=trainable_parameters(built.model),
            callbacks=tuple(spec.name_in_yaml for spec in stage.callbacks),
        )
    )


def _conclude(setting: Setting, fitted: Fitted) -> None:
    """Keep the snapshot of the stage's end, and tell that it ended.

    Raises:
        OSError: The snapshot cannot be kept.
    """
    stages = setting.built.whole.experiment.stages
    if stages:
        stage = stages[setting.begun.stage]
        keep_stage_end(setting.directory, fitted.ended)
        setting.emit(
            StageEnded(
                number=setting.begun.stage + 1,
                name=stage.name or "",
                epochs=len(fitted.history),
                kept_epoch=fitted.kept_epoch,
                metrics=fitted.kept,
            )
        )
