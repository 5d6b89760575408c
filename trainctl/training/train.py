"""The training of a run: prepare, announce, fit, evaluate, record."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from trainctl.aliases import Value
from trainctl.components.callbacks.shared.logs_keras import measured
from trainctl.components.context import CallbackContext, DataContext, Endings
from trainctl.config.load import Loaded
from trainctl.config.model.log_keys import directions, is_classification
from trainctl.config.model.outputs import label_columns, losses
from trainctl.config.model.own_code import loading_words, own_code
from trainctl.config.model.soft import with_soft_losses
from trainctl.config.model.wanted import wanted_labels
from trainctl.config.render import flat_settings
from trainctl.data import encoder as tables
from trainctl.data import prepare as data
from trainctl.data.augment import require_fitting
from trainctl.errors import DataError
from trainctl.events import DataLoaded, ExpectationResult, ModelBuilt, Notice, Phase, PhaseStarted, Sink
from trainctl.files import saved_atomically
from trainctl.models import build, graph
from trainctl.models.freezing import trained_layers
from trainctl.models.inputs import facts
from trainctl.models.own import can_be_tested
from trainctl.models.summary import list_nodes
from trainctl.models.undo import with_own_units
from trainctl.runs import snapshots
from trainctl.runs.directory import read_json_lines
from trainctl.runs.ending import Outcome
from trainctl.runs.expected import expects_boosting, judge
from trainctl.runs.layout import RunDirectory
from trainctl.runs.outputs import OutputGuard
from trainctl.runs.signals import StopRequest
from trainctl.runs.snapshots import Snapshot
from trainctl.text import plural
from trainctl.training import environment, state
from trainctl.training.baseline import tell_no_better, told_baseline
from trainctl.training.built import Built, Whole
from trainctl.training.checkpoints import tell_checkpoints
from trainctl.training.fit import Fitted, Setting
from trainctl.training.held_out import write_held_out
from trainctl.training.splits_as_batches import validation_data
from trainctl.training.stages import compiled, fit_stages, trainable_parameters


def train(
    loaded: Loaded,
    directory: RunDirectory,
    seed: int,
    emit: Sink,
    stop: StopRequest,
    *,
    start: Snapshot | None = None,
    known_data: Mapping[str, Value] | None = None,
    dry_run: bool = False,
    boosting: bool = False,
    built: Built | None = None,
) -> Outcome:
    """Train the experiment in `directory`.

    Args:
        loaded: The experiment.
        directory: The run directory.
        seed: Decides initial weights, order and splits.
        emit: Where events go.
        stop: A signal's request to stop, heeded after each step.
        start: The snapshot to go on from.
        known_data: What run.json says of the data, where the run goes on: it has to be the same.
        dry_run: Whether to stop after one batch of training and of validation.
        boosting: Whether gradient boosting is a baseline too; also where the experiment expects so.
        built: What `prepare` made of the experiment and the seed; `None` has it made.

    Raises:
        DataError: The data is missing or of the wrong kind.
        BuildError: The model or a callback cannot be built, or does not fit the data.
        TrainingError: Training failed; `DivergedError` where the loss is no number.
        RunDirError: The snapshot is of another model, or further than the run is to go.
    """
    endings = Endings()
    context = CallbackContext(
        directory.path,
        emit,
        build.instantiate,
        loaded.name,
        None if dry_run else directory.run_id,
        flat_settings(loaded, seed),
        endings,
        is_trial=dry_run,
        claim=OutputGuard.of(loaded, directory).claim,
    )
    try:
        snapshots.require_epochs(loaded.experiment, start)
        stage = start.begun.stage if start and loaded.experiment.stages else 0
        boosting = boosting or expects_boosting(loaded.experiment)
        kept = data.Evaluated() if boosting else None
        built = built or prepare(loaded, seed, emit, kept, stage=stage)
        _require_data(built, known_data)
        snapshots.require_epochs(built.whole.experiment, start)
        outcome = _train(Setting(built, directory, context, seed, stop, dry_run), start, boosting=boosting)
    except BaseException as error:
        endings.tell("interrupted" if isinstance(error, KeyboardInterrupt) else "failed", {})
        raise
    endings.tell("failed" if outcome.missed else "done", outcome.metrics)
    return outcome


def _train(setting: Setting, start: Snapshot | None, *, boosting: bool) -> Outcome:
    emit, whole = setting.emit, setting.built.whole
    announce(setting.built, emit)
    last = replace(setting.built, experiment=with_soft_losses(whole.experiment.at_stage(-1)))
    baseline = told_baseline(last, emit, boosting=boosting, seed=setting.seed)
    built, fitted = fit_stages(setting, start)
    metrics = {**fitted.kept, **_validate_again(setting, built, fitted), **evaluate(built, emit)}
    if not setting.dry_run:
        write_held_out(built, setting.directory, emit)
        save(built, setting.directory, emit)
        tell_checkpoints(fitted, metrics, emit)
    snapshots.prune(setting.directory, keep=1)  # enough to train longer
    results: tuple[ExpectationResult, ...] = ()
    if not setting.dry_run:
        tell_no_better(built, baseline, metrics, emit)
        history = read_json_lines(setting.directory.metrics)
        results = judge(built.experiment, metrics, [history], baseline)
    epochs = fitted.ended.epoch - whole.experiment.fit.initial_epoch
    return Outcome(epochs, metrics, fitted.kept_epoch, results, state.digest(built.model))


def _require_data(built: Built, known: Mapping[str, Value] | None) -> None:
    """Require that the data a run goes on with is the data it began with.

    Raises:
        DataError: It is not.
    """
    before = known or {}
    if not before.get("fingerprint") or built.data.fingerprint == before["fingerprint"]:
        return
    now, then = len(built.data.splits.train), before.get("train_samples")
    samples = plural(now, "training sample")
    found = f"still has {samples}, but other values" if now == then else f"now has {samples}"
    found += f", it had {then:,}" if isinstance(then, int) and now != then else ""
    raise DataError(
        f"the data has changed since the run started: {built.data.source} {found}",
        hint="restore the old data, or continue with the new data in a new run: trainctl resume RUN --fork NAME",
    )


def prepare(loaded: Loaded, seed: int, emit: Sink, evaluated: data.Evaluated | None = None, *, stage: int = 0) -> Built:
    """Load the data and build the model, compiled for a stage.

    Args:
        loaded: The experiment.
        seed: Decides initial weights and splits.
        emit: Where events go.
        evaluated: What an evaluation asks for besides.
        stage: The stage, from 0; -1 is the last one, for which a finished model is compiled.

    Raises:
        ConfigError: With the data's facts filled in, the experiment is invalid.
        DataError: The data is missing or of the wrong kind.
        BuildError: The model cannot be built or does not fit the data.
    """
    environment.prepare(loaded.experiment.execution, seed)
    emit(PhaseStarted(phase=Phase.LOADING_DATA))
    first = with_soft_losses(loaded.experiment.at_stage(0))
    prepared = data.load(
        loaded.experiment.data,
        DataContext(emit, outputs=label_columns(first)),
        loss_is_classification=all(map(is_classification, losses(first).values())),
        seed=seed,
        inputs={name: each.taken_from(name) for name, each in loaded.experiment.model.inputs.items()},
        wanted=wanted_labels(first),
        evaluated=evaluated,
    )
    experiment = loaded.bind(prepared.facts, facts_for=lambda size: prepared.batched(size).facts)
    emit(PhaseStarted(phase=Phase.BUILDING_MODEL))
    spec, *_ = prepared.evaluation(prepared.splits.train).element_spec
    model = graph.build_model(
        experiment.model, loaded.name, facts(spec, prepared.highest), seed, prepared.adapt_data, emit, loaded.runs_dir
    )
    require_fitting(prepared.augmentation, experiment.data.augment, model)
    return compiled(Whole(experiment, prepared, model, trained_layers(model)), stage, emit)


def announce(built: Built, emit: Sink) -> None:
    """Announce what is about to run."""
    splits, facts, section = built.data.splits, built.data.facts, built.experiment.data
    whole = built.whole.experiment
    emit(
        DataLoaded(
            source=built.data.source,
            train_samples=len(splits.train),
            validation_samples=len(splits.validation) if splits.validation else 0,
            test_samples=len(splits.test) if splits.test else 0,
            input_shape=facts["input_shape"] if isinstance(facts["input_shape"], dict) else tuple(facts["input_shape"]),
            num_classes=facts["num_classes"],
            steps_per_epoch=facts["steps_per_epoch"],
            batch_size=section.batch_size,
            stand_in_for=built.data.stand_in_for,
            class_names=built.data.class_names,
            fingerprint=built.data.fingerprint,
            details=built.data.details,
            data_schema=asdict(built.data.schema),
        )
    )
    nodes, count = list_nodes(built.model)
    emit(
        ModelBuilt(
            model=built.model.name,
            parameters=built.model.count_params(),
            trainable_parameters=trainable_parameters(built.model),
            layers=len(built.model.layers) - 1,
            device=environment.device(),
            callbacks=tuple(dict.fromkeys(spec.name_in_yaml for spec in whole.every_callback))
            if whole.stages
            else tuple(spec.name_in_yaml for spec in whole.callbacks),
            directions={key: way for each in whole.at_each_stage for key, way in directions(each).items()},
            nodes=nodes,
            node_count=count,
        )
    )


def _validate_again(setting: Setting, built: Built, fitted: Fitted) -> Mapping[str, float]:
    """Return the validation metrics of the weights that are kept, where no validation has measured those.

    Args:
        setting: What was trained.
        built: Its last stage.
        fitted: What that came to.
    """
    known, emit = fitted.kept, setting.emit
    if fitted.is_validated or setting.dry_run:
        return {}
    optimizer = built.model.optimizer
    averaged = getattr(getattr(optimizer, "inner_optimizer", optimizer), "use_ema", False)
    cause = "the optimizer's averages replaced the weights" if averaged else "a callback changed the weights"
    data = validation_data(built, dry_run=False)
    if data is None:
        if averaged:
            emit(Notice(message=f"{cause} at the end; loss and metrics are those of the weights before", loud=True))
        return {}
    emit(PhaseStarted(phase=Phase.VALIDATING_AGAIN))
    with built.data.reading():
        results = built.model.evaluate(data.dataset, verbose=0, return_dict=True)
    metrics = {f"val_{name}": value for name, value in measured(results, built.data.class_names or ()).items()}
    if all(math.isclose(value, known.get(name, math.inf), rel_tol=1e-6) for name, value in metrics.items()):
        return {}
    if "val_loss" in known:
        shown = f"val_loss is {metrics['val_loss']:.4g}, not {known['val_loss']:.4g}"
        emit(Notice(message=f"{cause} after the last validation; measured again: {shown}", loud=True))
    return metrics


def evaluate(built: Built, emit: Sink) -> Mapping[str, float]:
    """The metrics of the kept weights on the test split, as `test_…`; empty without one."""
    test = built.data.splits.test
    if test is None:
        return {}
    if not can_be_tested(built.model, built.experiment):
        emit(Notice(message=f"{built.model.name} has no test_step() of its own: the test split is not used", loud=True))
        return {}
    emit(PhaseStarted(phase=Phase.TESTING))
    with built.data.reading():
        results = built.model.evaluate(built.data.evaluation(test), verbose=0, return_dict=True)
    return {f"test_{name}": value for name, value in measured(results, built.data.class_names or ()).items()}


def save(built: Built, directory: RunDirectory, emit: Sink) -> None:
    """Write model.keras, and inference.keras where preprocessing sits outside the trained model.

    Raises:
        OSError: The disk is full.
    """
    emit(PhaseStarted(phase=Phase.SAVING))
    whole = inference_model(built)
    if whole is not None:  # first: model.keras alone would be taken for what answers raw inputs
        saved_atomically(directory.inference, whole.save)
    saved_atomically(directory.model, built.model.save)
    code = own_code(built.experiment)
    if code:
        emit(Notice(message=loading_words(directory.model.name, code)))


def inference_model(built: Built) -> Any:
    """Return the model that takes raw inputs and predicts in the labels' own units; `None` where it is the trained one.

    In front of it are the encoding of a table and the layers of `data.map`, behind it what undoes `data.map_labels`.
    """
    data = built.data
    model = with_own_units(built.model, data.labels)
    if data.mapped:
        model = data.mapped.before(model)
    if data.encoder is not None:
        model = tables.inference_model(data.encoder, model)
    return model if model is not built.model else None
