"""Advice holds when it is followed: each `help:` that shows what to write is applied, and its diagnostic is gone.

The mistakes are those of tests/golden and those below. Advice is text for people, but of a few forms: a word in place of
the one that is pointed at, a line in place of a line, and YAML for a path. YAML is applied with `--set`, whose paths
diagnostics use.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from workplace import SMALL, Workplace

sys.path.insert(0, str(Path(__file__).parents[1] / "golden"))

from golden import cases


def is_text(path: Path) -> bool:
    """Whether there is a file of text to correct."""
    try:
        return path.is_file() and bool(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        return False


GOLDEN = [
    case
    for case in cases()
    if not any((case / name).exists() for name in ("needs_tf", "args", "command")) and is_text(case / "experiment.yaml")
]
WHOLE_LINE = {"not-yaml", "unquoted", "tab"}
MISPLACED = {"unknown-key", "wrong-section"}
"""What is written instead stands elsewhere."""

SAMPLES = {"units": 3, "label": "species", "filepath": "m.keras", "filename": "a.csv", "path": "a.csv", "rate": 0.1}
"""What stands for `…` in advice, by the key before it."""

FAULTS: dict[str, dict[str, Any]] = {
    "a number as text": {"fit": {"epochs": "3"}},
    "yes": {"data": {"source": "Iris", "validation_split": 0.2, "shuffle": "yes"}},
    "a component with its module": {"callbacks": [{"keras.callbacks.EarlyStopping": {"patience": 1}}]},
    "a name with its module": {"callbacks": ["tf.keras.callbacks.TerminateOnNaN"]},
    "an optimizer with its module": {"compile": {**SMALL["compile"], "optimizer": "keras.optimizers.Adam"}},
    "a call as in Python": {"compile": {**SMALL["compile"], "optimizer": "keras.optimizers.Adam(0.1)"}},
    "an identifier with arguments": {"compile": {**SMALL["compile"], "optimizer": {"adam": {"learning_rate": 0.1}}}},
    "the learning rate beside the optimizer": {"compile": {**SMALL["compile"], "learning_rate": 0.1}},
    "a short name beside the optimizer": {"compile": {**SMALL["compile"], "lr": 0.1}},
    "an argument of an old name": {"compile": {**SMALL["compile"], "optimizer": {"SGD": {"lr": 0.1}}}},
    "a file of an old format": {"callbacks": [{"ModelCheckpoint": {"filepath": "m.h5"}}]},
    "a file without a suffix": {"callbacks": [{"ModelCheckpoint": {"filepath": "m-{epoch}"}}]},
    "weights of an old format": {"callbacks": [{"ModelCheckpoint": {"filepath": "m.hdf5", "save_weights_only": True}}]},
    "a file saved by an expression": {"callbacks": [{"LambdaCallback": {"on_epoch_end": "save('m.ckpt')"}}]},
    "batches the wrong way round": {"callbacks": [{"TensorBoard": {"profile_batch": [4, 2]}}]},
    "averages that nobody keeps": {"callbacks": ["SwapEMAWeights"]},
    "averages within a loss scale": {
        "compile": {**SMALL["compile"], "optimizer": {"LossScaleOptimizer": {"inner_optimizer": "adam"}}},
        "callbacks": ["SwapEMAWeights"],
    },
    "an expectation as a number": {"expect": {"accuracy": 0.5}},
    "one metric": {"compile": {**SMALL["compile"], "metrics": "accuracy"}},
    "one callback": {"callbacks": "TerminateOnNaN"},
    "a callback as a mapping in a word": {"callbacks": {"EarlyStoping": {"patience": 3}}},
    "arguments that are a number": {"model": {"layers": [{"Dense": 3}, {"Dense": {"units": 3, "activation": "softmax"}}]}},
    "an argument left out": {"model": {"layers": ["Dense", {"Dense": {"units": 3, "activation": "softmax"}}]}},
    "a misspelled key": {"fit": {"epoch": 3}},
    "a misspelled source": {"data": {"source": "Irsi", "validation_split": 0.2}},
    "an old name of a metric": {"callbacks": [{"EarlyStopping": {"monitor": "val_acc"}}]},
    "an unknown node": {"model": {"layers": [{"Dense": {"units": 3, "name": "one"}}, {"Dense": {"units": 3, "activation": "softmax"}, "from": "onne"}]}},
    "a reference": {"vars": {"width": 3}, "description": "${vars.widht}"},
    "an activation": {"model": {"layers": [{"Dense": {"units": 3, "activation": "sofmax"}}]}},
    "a percentage": {"data": {"source": "Iris", "validation_split": "20%"}},
    "a size as text": {"model": {"layers": [{"Conv2D": {"filters": 2, "kernel_size": "3x3"}}]}},
    "a size as a tuple": {"model": {"layers": [{"Conv2D": {"filters": 2, "kernel_size": "(3, 3)"}}]}},
    "arguments in order": {"model": {"layers": [{"Dense": [3, "softmax"]}]}},
    "a short name of a layer": {"model": {"layers": ["BatchNorm", {"Dense": {"units": 3, "activation": "softmax"}}]}},
    "a file as a source": {"data": {"source": "a.csv", "validation_split": 0.2}},
    "arguments beside the source": {"data": {"source": "CSV", "path": "a.csv", "label": "species", "validation_split": 0.2}},
    "a power": {"callbacks": [{"LearningRateScheduler": {"schedule": "pow(lr, 2)"}}]},
    "a power of a module": {"callbacks": [{"LearningRateScheduler": {"schedule": "lr * math.pow(0.9, epoch)"}}]},
    "a power as in mathematics": {"callbacks": [{"LearningRateScheduler": {"schedule": "lr * 0.9 ^ epoch"}}]},
    "a function of a module": {"callbacks": [{"LearningRateScheduler": {"schedule": "lr * tf.math.exp(-0.1)"}}]},
    "a function written out": {"callbacks": [{"LearningRateScheduler": {"schedule": "lambda epoch, lr: lr * 0.9"}}]},
    "an operator of arrays": {"callbacks": [{"LambdaCallback": {"on_epoch_end": "epoch > 1 & epoch < 3"}}]},
}  # fmt: skip


def found(workplace: Workplace, file: str, *settings: str) -> list[dict[str, Any]]:
    arguments = [part for setting in settings for part in ("--set", setting)]
    ended = workplace.call("validate", file, "--format", "jsonl", *arguments)
    assert ended.exit_code in {0, 2, 3, 4}, ended.stderr
    return [json.loads(line) for line in ended.stdout.splitlines()]


def identity(problem: dict[str, Any]) -> tuple[Any, ...]:
    return problem["code"], problem["path"], problem["message"]


def followed(workplace: Workplace, file: str, problem: dict[str, Any]) -> tuple[str, ...] | None:
    """The `--set` arguments that follow the advice, after the file has been changed where it says so; `None` if it shows nothing."""
    hint, path = problem["hint"] or "", workplace.folder / (problem["file"] or file)
    near = re.match(r"did you mean (?P<word>'[^']+'|\$\{[^}]+\})", hint)
    plain = re.match(r"write (?P<word>true|false|[\d.e-]+|\[[\d, ]+\])(, without quotes)?$", hint)
    word = near or plain
    inline = re.search(r"; write (.*)$", problem["message"])
    shown = re.match(r"write: (?P<yaml>.*?)(\. See: .*)?$", hint)
    if inline is not None and problem["code"] == "bad-expression":
        _replace(path, problem, inline[1])
    elif word is not None:
        _replace(path, problem, word["word"].strip("'"), keep_quotes=near is not None)
    elif shown is not None and problem["code"] in WHOLE_LINE:
        lines = path.read_text().splitlines()
        line = lines[problem["line"] - 1]
        lines[problem["line"] - 1] = line[: len(line) - len(line.lstrip())] + _filled(shown["yaml"])
        path.write_text("\n".join(lines))
    elif shown is not None and problem["path"]:
        if problem["code"] in MISPLACED:
            _remove_line(path, problem)
        return (_setting(problem, _filled(shown["yaml"])),)
    else:
        return None
    return ()


def _replace(path: Path, problem: dict[str, Any], word: str, *, keep_quotes: bool = False) -> None:
    lines = path.read_text().splitlines()
    line = lines[problem["line"] - 1]
    first, last = problem["column"] - 1, problem["end_column"] - 1
    quote = line[first] if keep_quotes and line[first] in "'\"" else ""
    lines[problem["line"] - 1] = f"{line[:first]}{quote}{word}{quote}{line[last:]}"
    path.write_text("\n".join(lines))


def _remove_line(path: Path, problem: dict[str, Any]) -> None:
    lines = path.read_text().splitlines()
    del lines[problem["line"] - 1]
    path.write_text("\n".join(lines))


def _filled(written: str) -> str:
    return re.sub(r"(\w+): …", lambda match: f"{match[1]}: {json.dumps(SAMPLES.get(match[1], {}))}", written).replace(
        "{…}", "{}"
    )


def _setting(problem: dict[str, Any], written: str) -> str:
    """The YAML as a `--set`: for the key of the path that it begins with, or else in place of what the path names."""
    steps = problem["path"].split(".")
    if written.startswith("save("):
        return f"{problem['path']}={json.dumps(written)}"
    value = yaml.safe_load(written)
    if isinstance(value, dict) and len(value) == 1:
        [key] = value
        if key in steps:
            last = len(steps) - steps[::-1].index(key)
            return f"{'.'.join(steps[:last])}={json.dumps(value[key])}"
        if problem["code"] in MISPLACED:  # the section has another key for it
            return f"{'.'.join([*steps[:-1], key])}={json.dumps(value[key])}"
    return f"{problem['path']}={json.dumps(value)}"


def follow(workplace: Workplace, file: str) -> int:
    """Follow what is shown until nothing more is; how often that was."""
    settings: list[str] = []
    for times in range(12):
        problems = found(workplace, file, *settings)
        before = (workplace.folder / file).read_text()
        for problem in problems:
            new = followed(workplace, file, problem) if problem["severity"] == "error" else None
            if new is not None:
                break
        else:
            return times
        settings += new
        after = found(workplace, file, *settings)
        assert identity(problem) not in map(identity, after), f"{problem['message']}: {problem['hint']}"
        worse = {each["code"] for each in after} & {"not-yaml", "set-path"} - {each["code"] for each in problems}
        assert not worse, (before, problem, after)
    raise AssertionError("the advice leads in a circle")


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case.name)
def test_the_advice_for_a_mistake_among_the_goldens_holds(workplace: Workplace, case: Path) -> None:
    for path in case.iterdir():
        if path.is_file():
            (workplace.folder / path.name).write_bytes(path.read_bytes())
    shows = re.search(r"^  help: (write:|did you mean)", (case / "expected.txt").read_text(), re.MULTILINE)
    assert follow(workplace, "experiment.yaml") or not shows or case.name in NOT_IN_THE_FILE


NOT_IN_THE_FILE = {
    "csv-label-column-missing", "csv-feature-column-missing", "csv-missing", "npz-no-such-array", "npz-array-misspelled",
    "extends-missing",
}  # fmt: skip
"""Cases whose advice is about a file beside the experiment."""


@pytest.mark.parametrize("name", FAULTS)
def test_the_advice_for_a_mistake_holds(workplace: Workplace, name: str) -> None:
    path = workplace.folder / "a.yaml"
    path.write_text(yaml.safe_dump({**SMALL, **FAULTS[name]}, sort_keys=False))
    assert follow(workplace, "a.yaml")
