"""LambdaCallback through YAML."""

from __future__ import annotations

from typing import Any

import pytest
from workplace import Trained, Workplace


def train(workplace: Workplace, epochs: int = 3, **hooks: Any) -> Trained:
    return workplace.train(
        callbacks=[{"LambdaCallback": hooks}, {"CSVLogger": {"filename": "log.csv"}}], fit={"epochs": epochs}
    )


@pytest.mark.tf
def test_print_and_record(workplace: Workplace) -> None:
    run = train(
        workplace, on_epoch_end=["record('gap', logs['val_loss'] - logs['loss'])", "print('gap', logs['gap'], epoch)"]
    )
    for line in run.history:
        assert line["gap"] == pytest.approx(line["val_loss"] - line["loss"])
    assert [notice.split()[-1] for notice in run.notices("LambdaCallback")] == ["0", "1", "2"]
    assert "gap" in (run.directory / "log.csv").read_text().splitlines()[0]


@pytest.mark.tf
def test_stop_set_rate_and_save(workplace: Workplace) -> None:
    run = train(
        workplace,
        epochs=9,
        on_epoch_begin="set_learning_rate(0.5 ** (epoch + 1))",
        on_epoch_end=["epoch == 2 and stop_training()", "save('kept/{epoch}.weights.h5')"],
        on_train_end="save('last.keras')",
    )
    assert [line["learning_rate"] for line in run.history] == pytest.approx([0.5, 0.25, 0.125])
    assert sorted(path.name for path in (run.directory / "kept").iterdir()) == [
        "1.weights.h5",
        "2.weights.h5",
        "3.weights.h5",
    ]
    assert (run.directory / "last.keras").is_file()


@pytest.mark.tf
@pytest.mark.parametrize(
    ("hook", "count"),
    [
        ("on_train_begin", 1),
        ("on_train_end", 1),
        ("on_epoch_begin", 3),
        ("on_epoch_end", 3),
        ("on_train_batch_begin", 24),
        ("on_train_batch_end", 24),
        ("on_batch_begin", 24),
        ("on_batch_end", 24),
        ("on_test_begin", 3),
        ("on_test_end", 3),
        ("on_test_batch_begin", 6),
        ("on_test_batch_end", 6),
    ],
)
def test_every_hook(workplace: Workplace, hook: str, count: int) -> None:
    assert len(train(workplace, **{hook: "print('x')"}).notices("LambdaCallback")) == count


@pytest.mark.tf
def test_a_failing_calculation_ends_the_run_with_its_words(workplace: Workplace) -> None:
    run = workplace.train(callbacks=[{"LambdaCallback": {"on_epoch_end": "print(1 / epoch)"}}], exit_code=6)
    assert "1 / epoch" in run.stderr
    assert run.record["status"] == "failed"


@pytest.mark.tf
def test_a_function_of_the_users_gets_what_keras_passes(workplace: Workplace) -> None:
    module = workplace.folder / "mine.py"
    module.write_text(
        "import trainctl\n"
        "@trainctl.function\n"
        "def twice(epoch, logs):\n"
        "    logs['twice'] = 2 * epoch\n"
        "@trainctl.function\n"
        "def begin(logs):\n"
        "    print('BEGIN')\n"
    )
    hooks = {"on_epoch_end": "twice", "on_train_begin": "begin"}
    run = workplace.train("--import", str(module), callbacks=[{"LambdaCallback": hooks}])
    assert [line["twice"] for line in run.history] == [0, 2]
    assert "BEGIN" in (run.directory / "console.log").read_text()


@pytest.mark.parametrize(
    ("hooks", "said"),
    [
        ({"on_epoch_end": "().__class__"}, "attributes such as '__class__' are not allowed"),
        ({"on_epoch_end": ["print(1)", "batch"]}, "unknown name 'batch'"),
        ({"on_train_begin": "epoch"}, "unknown name 'epoch'"),
        ({"on_epoch_end": "record('x')"}, "record takes 2 arguments, got 1"),
        ({"on_epoch_end": "record('a name', 1)"}, "'a name' is not a valid name to record"),
        ({"on_epoch_end": "record('', 1)"}, "'' is not a valid name to record"),
        ({"on_epoch_end": "record('a\\nb', 1)"}, "is not a valid name to record"),
        ({"on_epoch_end": "stop_training(1)"}, "stop_training takes no arguments, got 1"),
        ({"on_epoch_end": "save(epoch)"}, "the first argument of save must be quoted text"),
        ({"on_epoch_end": "save('../x.keras')"}, "is outside the run directory"),
        ({"on_epoch_end": "save('cp-{val_los}.keras')"}, "did you mean 'val_loss'?"),
        ({"on_epoch_end": "print(logs['los'])"}, "did you mean 'loss'?"),
        ({"on_epch_end": "print(1)"}, "did you mean 'on_epoch_end'?"),
        ({"on_epoch_end": "save('m.ckpt')"}, "write: save('m.keras')"),
        ({"on_epoch_end": "save('m.h5')"}, "the old HDF5 format loses the optimizer"),
        ({"on_epoch_end": "save('m.weights')"}, "write: save('m.weights.h5')"),
        ({"on_epoch_end": "print(math.exp(1))"}, "unknown function 'math.exp'; write exp"),
        ({"on_epoch_end": "print(tf.math.exp(2))"}, "unknown function 'tf.math.exp'; write exp"),
        ({"on_epoch_end": "print(math.pi)"}, "unknown name 'math.pi'; write pi"),
        ({"on_epoch_end": "print(pow(lr, 2))"}, "write lr ** 2"),
        ({"on_epoch_end": 3}, ", got 3"),
    ],
)
def test_mistakes_are_found_before_the_run(workplace: Workplace, hooks: dict[str, Any], said: str) -> None:
    ended = workplace.call("validate", str(workplace.write(callbacks=[{"LambdaCallback": hooks}])))
    assert ended.exit_code == 3
    assert said in ended.stderr


def test_each_bad_expression_of_a_list_is_told(workplace: Workplace) -> None:
    ended = workplace.call(
        "validate",
        str(workplace.write(callbacks=[{"LambdaCallback": {"on_epoch_end": ["1 @ 2", "rate", "print(1)"]}}])),
    )
    assert ended.stderr.count("error[bad-expression]") == 2
