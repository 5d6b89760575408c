"""The training of a run: prepare, announce, fit, evaluate, record."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from trainctl.aliases import Array, Value
from trainctl.backend import keras
from trainctl.components.callbacks.shared.logs_keras import measured
from trainctl.components.context import CallbackContext, DataContext, Endings
from trainctl.config.checks.numbers import accumulation_problems
from trainctl.config.experiment import Experiment
from trainctl.config.load import Loaded
from trainctl.config.model.fits import Output
from trainctl.config.model.keras_names import canonical_name
from trainctl.config.model.log_keys import directions, is_classification
from trainctl.config.model.needs import loss_need
from trainctl.config.model.outputs import label_columns, losses, only_loss
from trainctl.config.model.soft import with_soft_losses
from trainctl.config.model.wanted import wanted_labels
from trainctl.config.render import flat_settings
from trainctl.config.schedules import with_steps
from trainctl.data import encoder as tables
from trainctl.data import prepare as data
from trainctl.data.augment import require_fitting
from trainctl.data.class_weights import class_count, class_weights, require_places, unweighed
from trainctl.data.label_fit import check_fit, inputs_as_labels
from trainctl.errors import ConfigError, DataError
from trainctl.events import DataLoaded, ExpectationResult, ModelBuilt, Notice, Phase, PhaseStarted, Sink
from trainctl.files import saved_atomically
from trainctl.models import build, graph
from trainctl.models.compiling import compile_model
from trainctl.models.functions import functions_in, loading_words
from trainctl.models.inputs import check_batches, facts
from trainctl.models.optimizers import apply_beside, require_matching_patterns
from trainctl.models.own import can_be_tested, has_own_methods, require_losses
from trainctl.models.undo import has_graph, with_own_units
from trainctl.runs import snapshots
from trainctl.runs.directory import read_json_lines
from trainctl.runs.ending import Outcome
from trainctl.runs.expected import judge
from trainctl.runs.layout import RunDirectory
from trainctl.runs.outputs import OutputGuard
from trainctl.runs.signals import StopRequest
from trainctl.runs.snapshots import Snapshot
from trainctl.text import one_of, plural
from trainctl.training import environment, state
from trainctl.training.baseline import tell_no_better, told_baseline
from trainctl.training.built import Built
from trainctl.training.checkpoints import tell_checkpoints
from trainctl.training.fit import Fitted, Setting, fit
from trainctl.training.held_out import write_held_out
from trainctl.training.splits_as_batches import steps_per_epoch, validation_data


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
        built = built or prepare(loaded, seed, emit)
        _require_data(built, known_data)
        snapshots.require_epochs(built.experiment.fit.epochs, start)
        outcome = _train(Setting(built, directory, context, seed, stop, dry_run), start)
    except BaseException as error:
        endings.tell("interrupted" if isinstance(error, KeyboardInterrupt) else "failed", {})
        raise
    endings.tell("failed" if outcome.missed else "done", outcome.metrics)
    return outcome


def _train(setting: Setting, start: Snapshot | None) -> Outcome:
    built, emit = setting.built, setting.emit
    announce(built, emit)
    baseline = told_baseline(built, emit)
    fitted = fit(setting, start)
    kept = fitted.kept_epoch - 1 - built.experiment.fit.initial_epoch
    metrics = {
        **fitted.history[kept],
        **_validate_again(setting, fitted, fitted.history[kept]),
        **evaluate(built, emit),
    }
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
    return Outcome(len(fitted.history), metrics, fitted.kept_epoch, results, state.digest(built.model))


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


def prepare(loaded: Loaded, seed: int, emit: Sink, evaluated: data.Evaluated | None = None) -> Built:
    """Load the data and build the model.

    Args:
        loaded: The experiment.
        seed: Decides initial weights and splits.
        emit: Where events go.
        evaluated: What an evaluation asks for besides.

    Raises:
        ConfigError: With the data's facts filled in, the experiment is invalid.
        DataError: The data is missing or of the wrong kind.
        BuildError: The model cannot be built or does not fit the data.
    """
    environment.prepare(loaded.experiment.execution, seed)
    emit(PhaseStarted(phase=Phase.LOADING_DATA))
    classify = all(map(is_classification, losses(loaded.experiment).values()))
    inputs = {name: each.taken_from(name) for name, each in loaded.experiment.model.inputs.items()}
    prepared = data.load(
        loaded.experiment.data,
        DataContext(emit, outputs=label_columns(loaded.experiment)),
        loss_is_classification=classify,
        seed=seed,
        inputs=inputs,
        wanted=wanted_labels(with_soft_losses(loaded.experiment)),
        evaluated=evaluated,
    )
    bound = with_soft_losses(loaded.bind(prepared.facts))
    experiment = with_steps(bound, bound.fit.steps_per_epoch or prepared.facts["steps_per_epoch"])
    emit(PhaseStarted(phase=Phase.BUILDING_MODEL))
    spec, in_batch, *_ = prepared.evaluation(prepared.splits.train).element_spec
    model = graph.build_model(
        experiment.model, loaded.name, facts(spec, prepared.highest), seed, prepared.adapt_data, emit, loaded.runs_dir
    )
    require_fitting(prepared.augmentation, experiment.data.augment, model)
    splits = [each for each in (prepared.splits.train, prepared.splits.validation, prepared.splits.test) if each]
    check_batches(experiment.model, experiment.data.batch_size, list(map(len, splits)))
    labels = prepared.labels if experiment.data.target == "labels" else inputs_as_labels(in_batch)
    outputs: Mapping[str, Output] = {}
    require_losses(model, experiment, is_validated=prepared.splits.validation is not None)
    if has_own_methods(model):  # which alone knows what labels it takes
        compile_model(model, experiment)
    else:
        outputs, notes = check_fit(experiment, model, labels)
        for note in notes:
            emit(note)
        compile_model(model, experiment, labels, outputs)
        prepared = replace(prepared, depths={name: output.units or 0 for name, output in outputs.items()})
    if not has_graph(model) and any(each.undo for each in labels.outputs.values()):
        message = "the model is of your own class and has no graph: its metrics and predictions stay in the unit of map_labels"
        emit(Notice(message=message, loud=True, path="data.map_labels"))
    require_matching_patterns(model, experiment)
    apply_beside(model, experiment)
    weights = _weights_of_classes(experiment, prepared, emit)
    if weights is not None and "" in outputs:
        require_places(prepared.labels.outputs[""], outputs[""].shape)
    built = Built(experiment, prepared, model, weights, outputs)
    _require_updates(built)
    return built


def _require_updates(built: Built) -> None:
    """Refuse to accumulate gradients over more steps than there are, now that the data says how many."""
    problems = list(accumulation_problems(built.experiment, steps_per_epoch(built)))
    if problems:
        raise ConfigError(diagnostics=problems)


def _weights_of_classes(experiment: Experiment, prepared: data.Prepared, emit: Sink) -> Array | None:
    """Return the weight of each class; warn of classes without one, where only the data says which there are."""
    wanted, labels = experiment.fit.class_weight, prepared.labels.only
    if wanted is None or labels is None:
        return None
    takes = loss_need(canonical_name(only_loss(experiment))).labels
    weights = class_weights(wanted, prepared.splits.train.y, labels, takes)
    if experiment.data.known_classes is None and isinstance(wanted, Mapping):
        missing = unweighed(wanted, class_count(labels, takes), labels.names)
        if missing:
            names = f"{plural(len(missing), 'class')}: {one_of(missing[:10], 'and')}"
            emit(
                Notice(
                    message=f"class_weight has no weight for {names}; each counts 1", loud=True, path="fit.class_weight"
                )
            )
    return weights


def announce(built: Built, emit: Sink) -> None:
    """Announce what is about to run."""
    splits, facts, section = built.data.splits, built.data.facts, built.experiment.data
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
    emit(
        ModelBuilt(
            model=built.model.name,
            parameters=built.model.count_params(),
            trainable_parameters=sum(int(keras.ops.size(weight)) for weight in built.model.trainable_weights),
            layers=len(built.model.layers) - 1,
            device=environment.device(),
            callbacks=tuple(spec.name_in_yaml for spec in built.experiment.callbacks),
            directions=directions(built.experiment),
        )
    )


def _validate_again(setting: Setting, fitted: Fitted, known: Mapping[str, float]) -> Mapping[str, float]:
    """Return the validation metrics of the weights that are kept, where no validation has measured those.

    Args:
        setting: What was trained.
        fitted: What that came to.
        known: The metrics of the epoch that is kept.
    """
    built, emit = setting.built, setting.emit
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
        results = built.model.evaluate(data, verbose=0, return_dict=True)
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
    functions = tuple(dict.fromkeys(functions_in([built.experiment.model, built.experiment.compile])))
    if functions:
        emit(Notice(message=loading_words(directory.model.name, functions)))


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
