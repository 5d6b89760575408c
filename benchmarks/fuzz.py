"""Mutate experiments and `--set` arguments at random, and look for a bug (exit code 1) or a slow answer of `validate`.

    python benchmarks/fuzz.py [FILES] [--sets N] [--seed N] [--keep FOLDER]

Everything runs in one process, through the function of the command with its handling of errors. Time is CPU time.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typer
import yaml

from trainctl.cli.boundary import bounded
from trainctl.cli.validate import validate

ROOT = Path(__file__).parents[1]
VALID = tuple(sorted(ROOT.glob("configs/**/*.yaml")))
BROKEN = tuple(
    path
    for path in sorted(ROOT.glob("tests/golden/*/experiment.yaml"))
    if path.is_file() and "bomb" not in path.parent.name and path.stat().st_size < 20_000  # else all are too large
)
SLOW = 2.0  # seconds of CPU

VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 3, 10**30, -(10**400), 0.5, 1e-320, 1e308, float("nan"), float("inf"),
    "", " ", "x", "null", "~", "1/0", "1/255", "1e1", "0x1F", "017", "${", "${}", "${a}", "$${x}", "${vars}", "${vars.x}",
    "${env:HOME}", "${env:NO:-3}", "${data.num_classes}", "${data.input_shape}", "${repeat.index}", "${params.x}",
    "../..", "/", "/dev/null", "~/x", "a\0b", "\u202e", "😀" * 40, "x" * 5000, "lr", "lr * 0.9", "logs['loss']", "9**9**9",
    "print(", "save('m.ckpt')", "val_loss", "{epoch}", "{", "}", "{:", "%s", "<<", "- x", "a: b", "!!x", "&a", "*a", ">= 1", "> x",
    [], [[]], [None], [1, [2, []]], [{}], ["a", 1], {}, {"a": None}, {"A": {}}, {"Dense": None}, {"Dense": 3}, {"": ""},
    {"Dense": {"units": []}, "Flatten": {}}, {"CosineDecay": {}}, {"layers": []}, {"name": 3}, {"1": 2}, "Adam", "adam", "Dense",
    "EarlyStopping", {"EarlyStopping": {}}, {"Model": {"layers": ["Flatten"]}}, "CSV", {"CSV": {"path": "x"}}, "accuracy",
    {"kind": "x"}, [3, []], [0, 0], [-1], 65536, "epoch", "best", "model.layers", {"column": "x"}, {"label": []},
)  # fmt: skip
KEYS = (
    "name", "seed", "data", "model", "layers", "compile", "fit", "callbacks", "expect", "vars", "extends", "stages", "sweep",
    "source", "from", "repeat", "residual", "reuse", "freeze", "call", "blocks", "params", "inputs", "outputs", "path", "shape",
    "units", "activation", "kernel_size", "filters", "learning_rate", "optimizer", "loss", "metrics", "epochs", "monitor", "mode",
    "filepath", "save_freq", "schedule", "patience", "Dense", "Conv2D", "Adam", "ModelCheckpoint", "LambdaCallback", "Saved", "Op",
    "folds", "augment", "map", "labels", "each", "execution", "distribute", "class_weight", "description", "<<", "1", "",
)  # fmt: skip
PIECES = (
    ": ", ":", "- ", "[", "]", "{", "}", ",", '"', "'", "#", "|", ">", "&a ", "*a", "<<: *a", "!x ", "---\n", "...\n", "\t", "\n",
    "\n  ", "  ", "\0", "\r", "\ufeff", "\u2028", "%", "@", "`", "${", "}", "? ", "\\", "${vars.a}", "é", "\x85", "= ",
)  # fmt: skip


@dataclass
class Found:
    """What came out.

    Args:
        keep: Where what went wrong is written.
    """

    keep: Path
    codes: Counter[int] = field(default_factory=Counter)
    bugs: Counter[str] = field(default_factory=Counter)
    slow: list[float] = field(default_factory=list)
    slowest: float = 0.0

    def note(self, what: str, code: int, seconds: float, said: str, shown: str) -> None:
        """Count one answer, and keep what was asked if it was a bug or slow."""
        self.codes[code] += 1
        self.slowest = max(self.slowest, seconds)
        reason = re.search(r"error: a bug in trainctl: (.*)", said)
        if reason is not None or code not in {0, 2, 3, 4}:
            words = re.sub(r"\d+|'[^']*'", "…", reason[1] if reason else f"exit {code}")[:100]
            self.bugs[words] += 1
            if self.bugs[words] <= 3:
                self._keep(f"bug-{len(self.bugs)}-{self.bugs[words]}-{what}", shown, said)
        if seconds > SLOW:
            self.slow.append(seconds)
            self._keep(f"slow-{len(self.slow)}-{what}", shown, f"{seconds:.1f} s\n{said}")

    def _keep(self, name: str, shown: str, said: str) -> None:
        self.keep.mkdir(parents=True, exist_ok=True)
        (self.keep / f"{name}.yaml").write_text(shown, encoding="utf-8", errors="surrogatepass")
        (self.keep / f"{name}.txt").write_text(said, encoding="utf-8", errors="surrogatepass")


def main() -> None:
    """Mutate, validate, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", type=int, nargs="?", default=1000)
    parser.add_argument("--sets", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-findings"))
    options = parser.parse_args()
    options.keep = options.keep.absolute()
    dice, found = random.Random(options.seed), Found(options.keep)
    valid, broken = (
        [path.read_text(encoding="utf-8", errors="replace") for path in paths] for paths in (VALID, BROKEN)
    )
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(XDG_CACHE_HOME=f"{folder}/cache", XDG_STATE_HOME=f"{folder}/state", COLUMNS="100")
        os.chdir(folder)
        for number in range(options.files):
            text = mutant(dice.choice(dice.choice((valid, broken))), dice)
            Path("a.yaml").write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
            found.note("file", *validated("a.yaml"), text)
            _progress(number, options.files, "files", found)
        for number in range(options.sets):
            Path("a.yaml").write_text(dice.choice(valid), encoding="utf-8", newline="")
            arguments = [setting(dice) for _ in range(dice.randint(1, 3))]
            found.note(
                "set",
                *validated("a.yaml", *arguments),
                "\n".join(["# " + " ".join(map(repr, arguments)), Path("a.yaml").read_text()]),
            )
            _progress(number, options.sets, "--set", found)
    sys.exit(bool(found.bugs or found.slow))


def _progress(number: int, count: int, what: str, found: Found) -> None:
    if (number + 1) % 2000 == 0 or number + 1 == count:
        codes = ", ".join(f"{code}: {times:,}" for code, times in sorted(found.codes.items()))
        bugs = sum(found.bugs.values())
        print(
            f"{number + 1:,} {what}: exit codes {codes}; {bugs} bugs, {len(found.slow)} slow, slowest {found.slowest:.2f} s",
            flush=True,
        )
        for words, times in found.bugs.items():
            print(f"  {times} × {words}", flush=True)


VALIDATE = bounded(validate)


def validated(config: str, *overrides: str) -> tuple[int, float, str]:
    """The exit code of `trainctl validate`, its CPU seconds, and what it said."""
    out, err = io.StringIO(), io.StringIO()
    begun = time.process_time()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            VALIDATE([config], overrides=list(overrides), no_imports=True)
            code = 0
        except typer.Exit as end:
            code = end.exit_code
    return code, time.process_time() - begun, err.getvalue()


# ---- mutations


def mutant(text: str, dice: random.Random) -> str:
    """A file with one to four mutations, of its text or of its tree."""
    for _ in range(dice.choice((1, 1, 1, 2, 2, 3, 4))):
        text = _of_tree(text, dice) if dice.random() < 0.6 else _of_text(text, dice)
    return text


def _of_text(text: str, dice: random.Random) -> str:
    lines = text.split("\n")
    index = dice.randrange(len(lines))
    at = dice.randrange(len(text) + 1)
    match dice.randrange(9):
        case 0:
            return text[:at] + dice.choice(PIECES) + text[at:]
        case 1:
            return text[:at] + text[at + dice.randint(1, 5) :]
        case 2:
            return text[:at]
        case 3:
            lines.insert(dice.randrange(len(lines)), lines[index])
        case 4:
            del lines[index]
        case 5:
            lines[index] = " " * dice.randint(0, 8) + lines[index].lstrip()
        case 6:
            lines[index] = (
                lines[index].swapcase()
                if dice.random() < 0.5
                else lines[index].replace(":", dice.choice(("", "=", ": :")))
            )
        case 7:
            words = re.findall(r"\w+", text) or ["x"]
            return text.replace(dice.choice(words), dice.choice((*words, *KEYS)), 1)
        case _:
            word = re.search(r"\w{3,}", text[at:])
            if word is not None:  # a slip of the finger
                first = at + word.start() + dice.randrange(len(word[0]) - 1)
                return text[:first] + text[first + 1] + text[first] + text[first + 2 :]
    return "\n".join(lines)


def _of_tree(text: str, dice: random.Random) -> str:
    try:
        tree = yaml.load(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError):
        return _of_text(text, dice)
    places = list(_places(tree))
    if not places:
        return _of_text(text, dice)
    holder, key = dice.choice(places)
    match dice.randrange(6):
        case 0 | 1:
            holder[key] = dice.choice(VALUES)
        case 2:
            other, name = dice.choice(places)
            holder[key] = other[name] if not _holds(other[name], holder) else "x"
        case 3 if isinstance(holder, dict):
            holder[dice.choice(KEYS)] = holder.pop(key)
        case 4 if isinstance(holder, dict):
            holder[dice.choice(KEYS)] = dice.choice(VALUES)
        case 5 if isinstance(holder, list):
            holder.insert(dice.randrange(len(holder) + 1), dice.choice(VALUES))
        case _:
            del holder[key]
    try:
        return str(yaml.dump(tree, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=dice.random() < 0.5))
    except (yaml.YAMLError, ValueError, RecursionError):
        return text


def _places(value: Any) -> Any:
    for key, child in list(
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        yield value, key
        yield from _places(child)


def _holds(value: Any, holder: Any) -> bool:
    return value is holder or any(_holds(inner[key], holder) for inner, key in _places(value))


def setting(dice: random.Random) -> str:
    """A `--set` argument, most of them well formed."""
    steps = (*KEYS, "0", "1", "-1", "7", "EarlyStopping", "x")
    known = (
        "fit.epochs",
        "data.batch_size",
        "data.source",
        "model.layers.0",
        "model.layers.0.units",
        "compile.optimizer",
        "callbacks",
    )
    path = (
        dice.choice(known) if dice.random() < 0.4 else ".".join(dice.choice(steps) for _ in range(dice.randint(1, 5)))
    )
    if dice.random() < 0.3:
        path += "." + dice.choice(steps)
    value = dice.choice(VALUES)
    written = (
        value
        if isinstance(value, str)
        else yaml.safe_dump(value, default_flow_style=True).removesuffix("...\n").strip()
    )
    argument = f"{path}={written}".replace("\0", "\\0")
    return argument if dice.random() < 0.8 else _of_text(argument, dice).replace("\0", "")


if __name__ == "__main__":
    main()
