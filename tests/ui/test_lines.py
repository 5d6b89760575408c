import dataclasses
import io
import math

import pytest

from trainctl import events
from trainctl.ui.lines import LinesDisplay


def shown(*facts: events.Event) -> list[str]:
    stream = io.StringIO()
    sink = LinesDisplay(stream)
    for fact in facts:
        sink(fact)
    return stream.getvalue().splitlines()


def test_start(started):
    assert shown(started) == [
        "mnist",
        "  run       20260101-120000-a1b2c3",
        "  directory runs/mnist/20260101-120000-a1b2c3",
        "  config    configs/mnist.yaml",
        "  seed      42",
        "  --set     fit.epochs=3",
    ]


def test_a_dry_run_says_so(started):
    assert shown(dataclasses.replace(started, dry_run=True))[0] == "mnist (dry run)"


def test_data_names_what_it_stands_in_for(loaded):
    assert shown(loaded) == [
        "  data      Digits, stand-in for MNIST: 48,000 train, 12,000 validation",
        "  input     28×28×? · batch size 480 · 100 steps per epoch · 10 classes",
    ]


def test_model_names_what_is_trained_where_not_all_is(built):
    assert "  model     Sequential: 5 layers, 50,890 parameters" in shown(built)
    frozen = dataclasses.replace(built, trainable_parameters=90)
    assert "  model     Sequential: 5 layers, 50,890 parameters, 90 of them trainable" in shown(frozen)


def test_an_epoch_is_one_line(epoch):
    assert shown(epoch(3, loss=0.21312, val_loss=0.1502, seconds=2.13)) == [
        "epoch 3/3  loss 0.2131  val_loss 0.1502  lr 0.001  2.1 s"
    ]


def test_an_epoch_with_nan_and_without_learning_rate(epoch):
    assert shown(epoch(1, loss=math.nan, rate=None)) == ["epoch 1/3  loss nan  10.0 s"]


def test_epochs_align():
    ended = events.EpochEnded(epoch=3, epochs=100, metrics={}, learning_rate=None, seconds=1.0, steps=1)
    assert shown(ended) == ["epoch   3/100  1.0 s"]


def test_the_wait_for_the_graph_is_announced_once():
    first = events.EpochStarted(epoch=1, epochs=2, steps=10)
    second = events.EpochStarted(epoch=2, epochs=2, steps=10)
    assert shown(events.PhaseStarted(phase=events.Phase.LOADING_DATA), first, second) == [
        "loading data…",
        "building the graph…",
    ]
    assert shown(events.PhaseStarted(phase=events.Phase.BUILDING_GRAPH), first) == ["building the graph…"]


def test_notices():
    assert shown(
        events.CallbackNotice(callback="EarlyStopping", message="stopped"),
        events.Notice(message="ignored"),
        events.Notice(message="look", loud=True),
    ) == ["  EarlyStopping: stopped", "note: ignored", "WARNING: look"]


def test_summary(finished):
    assert shown(finished) == [
        "done in 1 min 5 s: 3 epochs, weights of epoch 2 kept",
        "  loss 0.2500",
        "  val_loss 0.3000",
        "  ✓ val_loss is 0.3, expected <= 0.5",
        "  directory runs/mnist/20260101-120000-a1b2c3",
    ]


def test_a_failure_ends_with_its_message_and_hint(finished):
    failed = dataclasses.replace(finished, status="failed", exit_code=6, message="the loss is NaN", hint="lower it")
    assert shown(failed)[-2:] == ["error: the loss is NaN", "  help: lower it"]


def test_progress_is_no_line():
    assert shown(events.Progress(epoch=1, step=5, steps=10)) == []


@pytest.mark.parametrize("text", ["\x1b[31mred", "a\rb", "a\nb", "\u202eabc"])
def test_no_control_character_of_the_run_reaches_the_log(text, started, finished):
    lines = shown(
        dataclasses.replace(started, name=text, directory=text),
        events.PhaseStarted(phase=events.Phase.READING, subject=text),
        events.CallbackNotice(callback=text, message=text),
        dataclasses.replace(finished, exit_code=6, message=text, hint=text, metrics={text: 1.0}),
    )
    assert all(line.isprintable() for line in lines)
    assert len(lines) == 6 + 1 + 1 + 6


def test_the_details_of_the_data_are_told() -> None:
    from trainctl.ui.facts import format_details, format_shape

    table = {
        "columns": {"age": {"kind": "numeric", "missing": 2}, "town": {"kind": "categorical", "missing": 0}},
        "labels": {"y": {"classes": {"no": 3000, "yes": 1}}},
    }
    assert format_details(table) == "no 3,000, yes 1; 2 missing values in age"
    images = {
        "inputs": {"x": {"dtype": "uint8", "min": 0.0, "max": 255.0}},
        "labels": {"y": {"classes": {str(each): 5 + each for each in range(10)}}},
    }
    assert format_details(images) == "uint8 0 to 255; 5 to 14 samples per class"
    several = {
        "inputs": {"a": {"dtype": "float32", "min": -1.0, "max": 1.5, "missing": 3}},
        "labels": {"b": {"min": 0.5, "max": 2.0}},
    }
    assert format_details(several) == "a float32 -1 to 1.5, 3 of them NaN; b 0.5 to 2"
    assert format_shape({"image": [8, 8, 1], "age": []}) == "image 8×8×1, age scalar"
