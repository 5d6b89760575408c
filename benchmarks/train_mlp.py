"""A whole `trainctl run` of the network of configs/mnist.yaml, against the same as a hand-written Keras script.

    python benchmarks/train_mlp.py [--rounds 5]

Whole processes, from start to exit, interleaved; with the file's callbacks and without any; on a terminal (the live
display against Keras's progress bar) and with the output in a file. Exits with 1 where a bound is not kept.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from measure import Bound, Command, Measured, interleaved, peak, ratio, report, show

HERE = Path(__file__).parent
CONFIG = HERE.parent / "configs" / "mnist.yaml"
STEPS = 750  # of an epoch: 48,000 samples by 64
VARIANTS = ("callbacks, terminal", "callbacks, file", "bare, terminal", "bare, file")
MOST_TIME, MOST_MEMORY = 1.0, 1.1


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="how often each is run (default: 5)")
    parser.add_argument("--only", choices=VARIANTS, help="one of the four comparisons")
    options = parser.parse_args()
    variants = (options.only,) if options.only else VARIANTS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = folder / "mnist_like.npz"
        subprocess.run([sys.executable, HERE / "mnist_like.py", data], check=True)
        commands = {}
        for variant in variants:
            commands[f"trainctl, {variant}"] = _trainctl(folder / f"trainctl, {variant}", data, variant)
            commands[f"script, {variant}"] = _script(folder / f"script, {variant}", data, variant)
        found = interleaved(commands, options.rounds, folder / "output.txt")
        speeds = {who: STEPS / _seconds_per_epoch(folder / who) for who in commands}
    print(f"{options.rounds} rounds on {os.cpu_count()} cores\n")
    show(found)
    print("steps/s within fit, validation and callbacks included")
    for who, speed in speeds.items():
        print(f"{who:<30} {speed:>6.0f}")
    print()
    return report([bound for variant in variants for bound in _bounds(variant, found)])


def _trainctl(folder: Path, data: Path, variant: str) -> Command:
    settings = [f"data.source={{NPZ: {{path: '{data}'}}}}", "data.offline=null", "expect=null"]
    if variant.startswith("bare"):
        settings.append("callbacks=null")
    arguments = [sys.executable, "-m", "trainctl", "run", str(CONFIG), "--runs-dir", str(folder)]
    arguments += [word for setting in settings for word in ("--set", setting)]
    return Command(arguments, terminal=variant.endswith("terminal"))


def _script(folder: Path, data: Path, variant: str) -> Command:
    folder.mkdir()
    arguments = [sys.executable, str(HERE / "keras_script.py"), str(data), str(folder)]
    if variant.startswith("callbacks"):
        arguments.append("--callbacks")
    return Command(arguments, terminal=variant.endswith("terminal"))


def _seconds_per_epoch(folder: Path) -> float:
    """The median over the rounds, of what each program noted itself."""
    noted = [float(file.read_text()) for file in folder.glob("*/fit_seconds.txt")]
    for file in folder.glob("*/*/metrics.jsonl"):
        epochs = [json.loads(line)["seconds"] for line in file.read_text().splitlines()]
        noted += [statistics.fmean(epochs)]
    return statistics.median(noted)


def _bounds(variant: str, found: Mapping[str, Sequence[Measured]]) -> list[Bound]:
    ours, theirs = found[f"trainctl, {variant}"], found[f"script, {variant}"]
    return [
        Bound(f"time / script's, {variant}", ratio(ours, theirs), MOST_TIME),
        Bound(f"memory / script's, {variant}", peak(ours) / peak(theirs), MOST_MEMORY),
    ]


if __name__ == "__main__":
    sys.exit(main())
