"""Numbers that no training can mean, tried over every argument of every optimizer and schedule of the installed Keras."""

import re
from collections.abc import Callable

import pytest

from trainctl import catalog
from trainctl.config.checks.numbers import RANGES, range_of
from trainctl.diagnostics import Diagnostic

Problems = Callable[..., list[Diagnostic]]

ANY_FINITE = {"muon_a", "muon_b", "muon_c", "decay_rate", "alpha", "power", "m_mul"}
"""Arguments of which no value but an infinite one is nonsense by itself; what schedules make of theirs is evaluated."""


def _numeric(kind: str) -> list[tuple[str, str]]:
    found = []
    for name in catalog.names(kind):
        entry = catalog.find(kind, name)
        assert entry is not None
        for parameter in entry.parameters:
            types = parameter.schema.get("type", ())
            types = [types] if isinstance(types, str) else types
            if "number" in types or "integer" in types:
                found.append((name, parameter.name))
    return found


NUMERIC = [*_numeric("optimizer"), *_numeric("schedule")]


@pytest.mark.parametrize(("name", "argument"), NUMERIC)
def test_every_number_of_every_optimizer_and_schedule_has_a_range(name: str, argument: str) -> None:
    assert (range_of(argument) is not range_of("muon_a")) != (argument in ANY_FINITE), name


def test_no_range_is_left_without_an_argument() -> None:
    known = {argument for _, argument in NUMERIC}
    for pattern, _ in RANGES:
        for one in re.split(r"\|(?![^(\[]*[)\]])", pattern):
            assert any(re.fullmatch(one, argument) for argument in known), one


REQUIRED = {
    "LossScaleOptimizer": "inner_optimizer: adam",
    "CosineDecay": "initial_learning_rate: 0.1, decay_steps: 10",
    "CosineDecayRestarts": "initial_learning_rate: 0.1, first_decay_steps: 10",
    "ExponentialDecay": "initial_learning_rate: 0.1, decay_steps: 10, decay_rate: 0.9",
    "InverseTimeDecay": "initial_learning_rate: 0.1, decay_steps: 10, decay_rate: 0.9",
    "PolynomialDecay": "initial_learning_rate: 0.1, decay_steps: 10",
    "OneCycle": "max_learning_rate: 0.1",
    "Warmup": "learning_rate: 0.1",
}


def _written(name: str, argument: str, value: str) -> str:
    kept = [each for each in REQUIRED.get(name, "").split(", ") if each and not each.startswith(f"{argument}:")]
    component = f"{{{name}: {{{', '.join([*kept, f'{argument}: {value}'])}}}}}"
    if name in catalog.names("schedule"):
        return f"{{SGD: {{learning_rate: {component}}}}}"
    return component


@pytest.mark.parametrize(("name", "argument"), NUMERIC)
def test_nonsense_is_an_error_at_its_value(problems: Problems, experiment: str, name: str, argument: str) -> None:
    allowed = range_of(argument)
    integer = "integer" in str(next(p.schema for p in _entry(name).parameters if p.name == argument).get("type"))
    nonsense = [] if integer else [".inf", "-.inf"]
    nonsense += [f"{allowed.low - 1:g}"] if allowed.low is not None else []
    nonsense += [f"{allowed.high + 1:g}"] if allowed.high is not None else []
    nonsense += [f"{allowed.low:g}"] if allowed.above else []
    nonsense += [f"{allowed.high:g}"] if allowed.below else []
    assert nonsense
    for value in nonsense:
        text = experiment.replace("\n    Adam: {learning_rate: 1e-3}", f" {_written(name, argument, value)}")
        found = problems(text)
        [problem] = [each for each in found if each.code == "out-of-range"]
        assert problem.is_error
        assert f"`{argument}` must be" in problem.message
        assert problem.location is not None
        line = text.splitlines()[problem.location.line - 1]
        assert line[problem.location.column - 1 :].startswith(value.split(".")[0])


def _entry(name: str) -> catalog.Entry:
    entry = catalog.find("optimizer", name) or catalog.find("schedule", name)
    assert entry is not None
    return entry


@pytest.mark.parametrize(
    "name", [name for name in catalog.names("optimizer") if name not in {"MultiOptimizer", "OptimizerMap"}]
)
def test_the_defaults_of_every_optimizer_are_sound(problems: Problems, experiment: str, name: str) -> None:
    given = "".join(
        f", {each.name}: {each.default}"
        for each in _entry(name).parameters
        if isinstance(each.default, int | float) and not isinstance(each.default, bool)
    )
    required = REQUIRED.get(name, "")
    arguments = f"{required}{given}" if required else given.removeprefix(", ")
    text = experiment.replace("\n    Adam: {learning_rate: 1e-3}", f" {{{name}: {{{arguments}}}}}")
    assert [each.message for each in problems(text)] == []


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        ("clipnorm: 0", "no-effect", "clips nothing"),
        ("ema_momentum: 1", "no-effect", "the average never changes"),
        ("clipnorm: 1, clipvalue: 1", "out-of-range", "set only one of clipnorm and clipvalue"),
        ("gradient_accumulation_steps: 1", "out-of-range", "at least 2"),
    ],
)
def test_what_does_nothing_or_contradicts(
    problems: Problems, experiment: str, arguments: str, code: str, word: str
) -> None:
    [problem] = problems(experiment.replace("{learning_rate: 1e-3}", f"{{{arguments}}}"))
    assert problem.code == code
    assert word in problem.message


def test_an_optimizer_within_another_is_looked_at(problems: Problems, experiment: str) -> None:
    inner = "{LossScaleOptimizer: {inner_optimizer: {SGD: {learning_rate: -1.0}}}}"
    [problem] = problems(experiment.replace("\n    Adam: {learning_rate: 1e-3}", f" {inner}"))
    assert problem.path == "compile.optimizer.inner_optimizer.learning_rate"
    assert problem.hint == "write a positive rate, such as 1e-3; a negative one maximizes the loss"


def test_a_schedule_of_a_callback_is_looked_at(problems: Problems, experiment: str) -> None:
    schedule = "{CosineDecay: {initial_learning_rate: -1e-3, decay_steps: 20}}"
    found = problems(experiment.replace("TerminateOnNaN", f"LearningRateScheduler: {{schedule: {schedule}}}"))
    assert "out-of-range" in {problem.code for problem in found}


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ("{0: 1, 1: -2, 2: 1}", "the weight of '1' must be at least 0, got -2"),
        ("{0: 1, 1: .inf, 2: 1}", "the weight of '1' must be a finite number, at least 0, got inf"),
        ("{0: 0, 1: 0, 2: 0}", "every weight in class_weight is 0: the model learns nothing"),
        ("{0: 1, 1: 5}", "class_weight has no weight for 1 class: 2; each counts 1"),
    ],
)
def test_class_weights(problems: Problems, experiment: str, weights: str, message: str) -> None:
    found = problems(experiment.replace("  epochs: 5", f"  epochs: 5\n  class_weight: {weights}"))
    assert [each.message for each in found] == [message]
    assert problems(experiment.replace("  epochs: 5", "  epochs: 5\n  class_weight: {0: 1, 1: 5, 2: 0}")) == []


def test_gradients_are_not_accumulated_beyond_the_end(problems: Problems, experiment: str) -> None:
    text = experiment.replace("learning_rate: 1e-3", "gradient_accumulation_steps: 11")
    assert problems(text) == []  # how long an epoch is, only the data says
    assert problems(text.replace("epochs: 5", "epochs: 5\n  steps_per_epoch: 3")) == []
    [problem] = problems(text.replace("epochs: 5", "epochs: 5\n  steps_per_epoch: 2"))
    assert (problem.code, problem.hint) == ("no-update", "write at most 10, or train longer")


def test_validation_that_never_happens(problems: Problems, experiment: str) -> None:
    text = experiment.replace("epochs: 5", "epochs: 5\n  validation_freq: 6")
    [problem] = problems(text)
    assert (problem.code, problem.is_error) == ("no-validation", True)
    assert (
        problem.message == "validation_freq: 6 validates after none of 5 epochs, but EarlyStopping watches 'val_loss'"
    )
    [problem] = problems(text.replace("monitor: val_loss", "monitor: loss"))
    assert (problem.code, problem.is_error) == ("no-validation", False)
    assert problems(text.replace("validation_freq: 6", "validation_freq: 5")) == []
