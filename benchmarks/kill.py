"""Kill a run at random instants until it is done, many times over, and compare it with the one that was left alone.

    python benchmarks/kill.py [KILLS] [--steps-per-execution N] [--every-steps N]

The runs are those of `tests/samebits.py`. Nothing may differ but times.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from samebits import EVERYTHING, bits


def main() -> None:
    """Kill, resume, compare, and print a line for each run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kills", type=int, nargs="?", default=30)
    parser.add_argument("--steps-per-execution", type=int, default=1)
    parser.add_argument("--every-steps", type=int, default=None)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    dice = random.Random(options.seed)
    experiment = _experiment(options)
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "everything.yaml")
        config.write_text(json.dumps(experiment))
        alone = _run(["run", str(config), "--runs-dir", f"{folder}/alone"], Path(folder))
        directory = next(Path(folder, "alone").glob("*/*"))
        expected, life, kills, runs, different = bits(directory), _life(directory), 0, 0, 0
        print(f"left alone: {alone:.0f} s, {expected['result']['epochs_run']} epochs")
        while kills < options.kills:
            runs += 1
            here = kills
            directory, instants = _survive(config, Path(folder, f"runs{runs}"), dice, life)
            kills += len(instants)
            found = bits(directory)
            unlike = [name for name in expected if found[name] != expected[name]]
            different += bool(unlike)
            print(
                f"run {runs}: {kills - here} kills {', '.join(instants)}: {'DIFFERENT: ' + str(unlike) if unlike else 'same bits'}"
            )
        print(f"{kills} kills in {runs} runs: {different} different")
    sys.exit(bool(different))


def _experiment(options: argparse.Namespace) -> dict[str, Any]:
    snapshot = {"snapshot": {"every_steps": options.every_steps}} if options.every_steps else {}
    return {**EVERYTHING, "execution": {"steps_per_execution": options.steps_per_execution, **snapshot}}


def _life(directory: Path) -> float:
    """Seconds from the first epoch's begin to the run's end."""
    events = [json.loads(line) for line in (directory / "events.jsonl").read_text().splitlines()]
    return float(events[-1]["time"] - next(each["time"] for each in events if each["event"] == "EpochStarted"))


def _survive(config: Path, runs_dir: Path, dice: random.Random, life: float) -> tuple[Path, list[str]]:
    """Run, kill within `life` seconds of training, and resume, until the run is done; where each kill came."""
    instants: list[str] = []
    command = ["run", str(config), "--runs-dir", str(runs_dir)]
    while True:
        process = _start(command, config.parent)
        directory = _wait_for_training(runs_dir, process)
        time.sleep(dice.uniform(0, life))
        if process.poll() is not None:
            return directory, instants
        process.send_signal(signal.SIGKILL)
        process.wait()
        if json.loads((directory / "run.json").read_text())["status"] == "done":
            return directory, instants  # the kill came after the last words
        lines = (directory / "events.jsonl").read_text().splitlines()
        instants.append(f"{json.loads(lines[-1])['event']} {sum('EpochEnded' in line for line in lines)}")
        command = ["resume", str(directory)]


def _wait_for_training(runs_dir: Path, process: subprocess.Popen[bytes]) -> Path:
    """Until the process has begun an epoch or has ended; the run directory."""
    while True:
        for directory in runs_dir.glob("*/*"):
            record = directory / "run.json"
            owned = record.is_file() and json.loads(record.read_text()).get("pid") == process.pid
            events = (directory / "events.jsonl").read_text() if owned else ""
            if process.poll() is not None or '"EpochStarted"' in events.rpartition('"RunStarted"')[2]:
                return directory
        time.sleep(0.02)


def _run(arguments: list[str], folder: Path) -> float:
    began = time.perf_counter()
    if _start(arguments, folder).wait() != 0:
        raise SystemExit("the run that was left alone failed")
    return time.perf_counter() - began


def _start(arguments: list[str], folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "trainctl", *arguments, "--format", "quiet"], cwd=folder, stdout=subprocess.DEVNULL
    )


if __name__ == "__main__":
    main()
