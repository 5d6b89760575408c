"""The main job: prepare, announce, fit, evaluate, record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras

from trainctl.components.context import CallbackContext, DataContext, Endings
from trainctl.components.keras.atomic import saved_atomically
from trainctl.config.experiment import Experiment
from trainctl.config.load import Loaded
from trainctl.config.log_keys import directed, is_classification
from trainctl.config.outputs import losses, training_keys
from trainctl.config.render import flat_settings
from trainctl.errors import BuildError, DivergedError, TrainctlError, TrainingError
from trainctl.events import CallbacksTimed, DataLoaded, ModelBuilt, Notice, PhaseStarted, Sink
from trainctl.runs.directory import RunDirectory
from trainctl.runs.session import Outcome
from trainctl.runs.signals import StopRequest
from trainctl.runtime import build, data, environment, graph, pipeline, tables
from trainctl.runtime.callback_list import ProgressMeter, TrainingCallbacks
from trainctl.runtime.class_weights import class_weights
from trainctl.runtime.inputs import facts
from trainctl.runtime.labels import check_labels
from trainctl.runtime.reporter import EpochReporter


@dataclass(frozen=True, slots=True)
class Built:
    """An experiment ready to fit: data, the experiment with the data's facts filled in, and the compiled model."""

    experiment: Experiment
    data: data.Prepared
    model: Any


def train(
    loaded: Loaded, directory: RunDirectory, seed: int, emit: Sink, stop: StopRequest, *, dry_run: bool = False
) -> Outcome:
    """Train the experiment in `directory`.

    Args:
        loaded: The experiment.
        directory: The run directory.
        seed: Decides initial weights, order and splits.
        emit: Where events go.
        stop: A signal's request to stop, heeded after each step.
        dry_run: Whether to stop after one batch of training and of validation.

    Raises:
        DataError: The data is missing or of the wrong kind.
        BuildError: The model or a callback cannot be built, or does not fit the data.
        TrainingError: Training failed; `DivergedError` where the loss is no number.
    """
    endings = Endings()
    context = CallbackContext(
        directory.path, emit, build.instantiate, loaded.name, None if dry_run else directory.run_id,
        flat_settings(loaded, seed), endings,
    )  # fmt: skip
    try:
        outcome = _train(loaded, directory, context, seed, emit, stop, dry_run=dry_run)
    except BaseException as error:
        endings.tell("interrupted" if isinstance(error, KeyboardInterrupt) else "failed", {})
        raise
    endings.tell("failed" if outcome.missed else "done", outcome.metrics)
    return outcome


def _train(
    loaded: Loaded, directory: RunDirectory, context: CallbackContext, seed: int, emit: Sink, stop: StopRequest, *,
    dry_run: bool,
) -> Outcome:  # fmt: skip
    built = prepare(loaded, seed, emit)
    callbacks = build.build_callbacks(directed(built.experiment), context)
    announce(built, emit)
    reporter = fit(built, callbacks, emit, stop, dry_run=dry_run)
    _require_finite(reporter, callbacks)
    kept = _kept_epoch(callbacks, len(reporter.history))
    metrics = {**reporter.history[kept - 1], **evaluate(built, emit)}
    save(built, directory, emit)
    met, missed = ((), ()) if dry_run else expectations(built.experiment, metrics)
    return Outcome(len(reporter.history), metrics, kept, met, missed)


def prepare(loaded: Loaded, seed: int, emit: Sink) -> Built:
    """Load the data and build the model.

    Raises:
        ConfigError: With the data's facts filled in, the experiment is invalid.
        DataError: The data is missing or of the wrong kind.
        BuildError: The model cannot be built or does not fit the data.
    """
    environment.prepare(loaded.experiment.execution, seed)
    emit(PhaseStarted(phase="loading data"))
    classify = all(map(is_classification, losses(loaded.experiment).values()))
    inputs = tuple(loaded.experiment.model.inputs)
    prepared = data.load(
        loaded.experiment.data, DataContext(emit), loss_is_classification=classify, seed=seed, inputs=inputs
    )
    experiment = loaded.bind(prepared.facts)
    emit(PhaseStarted(phase="building the model"))
    spec, labels, *_ = prepared.evaluation(prepared.splits.train).element_spec
    model = graph.build_model(
        experiment.model, loaded.name, facts(spec), seed, prepared.adapt_data, emit, loaded.runs_dir
    )
    check_labels(experiment, model, labels, prepared.facts["num_classes"])
    build.compile_model(model, experiment)
    return Built(experiment, prepared, model)


def announce(built: Built, emit: Sink) -> None:
    """Say what will happen before it happens."""
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
        )
    )


def fit(built: Built, callbacks: list[Any], emit: Sink, stop: StopRequest, *, dry_run: bool = False) -> EpochReporter:
    """Run Keras's `fit`, silent, with our callback list; returns the reporter with the history.

    Raises:
        BuildError: A callback does not fit the model.
        TrainingError: A callback or a step raised.
    """
    splits, settings = built.data.splits, built.experiment.fit
    steps = 1 if dry_run else settings.steps_per_epoch or built.data.facts["steps_per_epoch"]
    epochs = settings.initial_epoch + 1 if dry_run else settings.epochs
    train_data = built.data.training(settings.initial_epoch * steps)
    validation = None if splits.validation is None else built.data.evaluation(splits.validation)
    if validation is not None and (dry_run or settings.validation_steps):
        validation = validation.take(1 if dry_run else settings.validation_steps)
    samples = _counted_samples(built)
    names = training_keys(built.experiment)[1:]
    reporter = EpochReporter(emit, names, epochs, steps, samples)
    validation_steps = int(validation.cardinality()) if validation is not None else 0
    driver = _driver(built, callbacks, reporter, ProgressMeter(emit, samples), stop, epochs, steps, validation_steps)
    _divide_the_epoch(built.model, steps, emit)
    try:
        built.model.fit(
            train_data,
            validation_data=validation,
            validation_freq=1 if dry_run else settings.validation_freq,
            epochs=epochs,
            initial_epoch=settings.initial_epoch,
            steps_per_epoch=steps,
            class_weight=_class_weights(built),
            callbacks=driver,
            verbose=0,
            shuffle=False,  # the pipeline shuffles; Keras would only warn
        )
    except (TrainctlError, OSError, MemoryError, KeyboardInterrupt):
        _close_files(callbacks, built.experiment)
        raise
    except Exception as error:
        _close_files(callbacks, built.experiment)
        if built.data.complaints:
            raise built.data.complaints[0] from error
        raise _training_error(error) from error
    finally:
        stop.graceful = False
        emit(CallbacksTimed(seconds=_seconds(driver, callbacks, built.experiment)))
    return reporter


def _class_weights(built: Built) -> dict[int, float] | None:
    train, facts_ = built.data.splits.train, built.data.facts
    return class_weights(built.experiment.fit.class_weight, train.y, facts_["num_classes"], built.data.class_names)


def _divide_the_epoch(model: Any, steps: int, emit: Sink) -> None:
    """Run a number of steps at once that divides the epoch: Keras would run past its end, into the next one."""
    wanted = model.steps_per_execution
    model.steps_per_execution = pipeline.steps_at_once(wanted, steps)
    if model.steps_per_execution < wanted < steps:
        message = f"steps_per_execution is {model.steps_per_execution}, since {wanted} does not divide an epoch of {steps} steps"
        emit(Notice(message=message))


def _counted_samples(built: Built) -> int | None:
    """The samples of an epoch, where a ProgbarLogger wants progress counted in them."""
    modes = [getattr(spec, "count_mode", None) for spec in built.experiment.callbacks]
    return len(built.data.splits.train) if "samples" in modes else None


def _driver(
    built: Built, callbacks: list[Any], reporter: EpochReporter, meter: ProgressMeter, stop: StopRequest,
    epochs: int, steps: int, validation_steps: int,
) -> TrainingCallbacks:  # fmt: skip
    """The callback list that `fit` drives; each callback looks at the model here.

    Raises:
        BuildError: A callback does not fit the model.
    """
    silent = [c for c, spec in zip(callbacks, built.experiment.callbacks, strict=True) if spec.reads_batches is False]
    every = [keras.callbacks.History(), *callbacks, reporter]
    try:
        return TrainingCallbacks(every, silent, meter, stop, built.model, epochs, steps, validation_steps)
    except (ValueError, TypeError) as error:
        raise BuildError(f"a callback does not fit the model: {build.first_sentence(error)}") from error


def _seconds(driver: TrainingCallbacks, callbacks: list[Any], experiment: Experiment) -> dict[str, float]:
    """What each callback of the experiment cost, most expensive first; those of one name together."""
    seconds: dict[str, float] = {}
    for callback, spec in zip(callbacks, experiment.callbacks, strict=True):
        seconds[spec.name_in_yaml] = seconds.get(spec.name_in_yaml, 0.0) + driver.seconds.get(callback, 0.0)
    return dict(sorted(seconds.items(), key=lambda item: -item[1]))


def evaluate(built: Built, emit: Sink) -> Mapping[str, float]:
    """The metrics of the kept weights on the test split, as `test_…`; empty without one."""
    test = built.data.splits.test
    if test is None:
        return {}
    emit(PhaseStarted(phase="testing"))
    results = built.model.evaluate(built.data.evaluation(test), verbose=0, return_dict=True)
    loss_first = sorted(results.items(), key=lambda item: item[0] != "loss")
    return {f"test_{name}": float(value) for name, value in loss_first}


def save(built: Built, directory: RunDirectory, emit: Sink) -> None:
    """Write model.keras, and inference.keras where preprocessing sits outside the trained model.

    Raises:
        OSError: The disk is full.
    """
    emit(PhaseStarted(phase="saving the model"))
    saved_atomically(directory.model, built.model.save)
    if built.data.encoder is not None:
        whole = tables.inference_model(built.data.encoder, built.model)
        saved_atomically(directory.path / "inference.keras", whole.save)


def expectations(experiment: Experiment, metrics: Mapping[str, float]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The expectations that are met and those that are missed, each with its value."""
    met: list[str] = []
    missed: list[str] = []
    for expectation in experiment.expect.values():
        value = metrics.get(expectation.metric, float("nan"))
        line = f"{expectation}: {value:.4g}" if expectation.metric in metrics else f"{expectation}: not measured"
        (met if expectation.holds(value) else missed).append(line)
    return tuple(met), tuple(missed)


def _require_finite(reporter: EpochReporter, callbacks: list[Any]) -> None:
    """Fail where the loss is NaN or infinite: a run that diverged is never a success."""
    hint = "lower the learning rate, clip gradients (clipnorm), or look for NaN in the data"
    found = next((callback.found for callback in callbacks if getattr(callback, "found", None)), None)
    if found is not None:
        epoch, batch, loss = found
        raise DivergedError(f"the loss of batch {batch + 1} in epoch {epoch + 1} is {loss}", hint=hint)
    if reporter.diverged_in is not None:
        loss = reporter.history[-1]["loss"]
        raise DivergedError(f"the loss of epoch {reporter.diverged_in} is {loss}", hint=hint)


def _kept_epoch(callbacks: list[Any], epochs: int) -> int:
    """The epoch (from 1) whose weights the model ends with: the restored one, else the last."""
    restored = [callback.kept_epoch for callback in callbacks if getattr(callback, "kept_epoch", None) is not None]
    return int(restored[-1]) + 1 if restored else epochs


def _close_files(callbacks: list[Any], experiment: Experiment) -> None:
    """Let callbacks that hold files close them, since Keras calls no `on_train_end` where training is cut short."""
    for callback, spec in zip(callbacks, experiment.callbacks, strict=True):
        if spec.closes_files:
            try:
                callback.on_train_end()
            except Exception:  # noqa: BLE001, S112  # it may not have begun, or the disk is full: the first error counts
                continue


def _training_error(error: Exception) -> TrainingError:
    name, text = type(error).__name__, build.first_sentence(error)
    if isinstance(error, FloatingPointError):
        return DivergedError(
            text, hint="lower the learning rate, clip gradients (clipnorm), or look for NaN in the data"
        )
    if name == "ResourceExhaustedError":
        return TrainingError(f"out of memory: {text}", hint="lower data.batch_size, or make the model smaller")
    return TrainingError(
        f"training failed: {name}: {text}",
        hint="the traceback is in console.log in the run directory, and on screen with --debug",
    )
