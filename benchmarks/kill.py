"""Kill runs at random instants until they are done, and compare each with the one that was left alone.

    python benchmarks/kill.py [KILLS] [--variant NAME …] [--seed N]

The experiments are those of `kill_variants.py`. A run is killed once, and then up to five times while it is resumed: before
the first step, in training, while it tests, while it saves. Nothing may differ but times.
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
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from kill_variants import VARIANTS
from samebits import bits

_TESTING, _SAVING = '"phase": "testing"', '"phase": "saving the model"'
_MOMENTS = {"start": None, "training": '"EpochStarted"', "testing": _TESTING, "saving": _SAVING}
"""When a kill is to come, and what is in the events from then on."""
_SHARE = {"training": 0.4}
"""How much of a moment a kill may wait for: a run is to be killed several times before it is done."""


@dataclass(frozen=True)
class Alone:
    """The run that was left alone.

    Args:
        config: Its experiment.
        expected: Its results.
        seconds: How long each moment lasts.
    """

    config: Path
    expected: dict[str, Any]
    seconds: dict[str, float]


def main() -> None:
    """Kill, resume, compare, and print a line for each run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kills", type=int, nargs="?", default=30)
    parser.add_argument("--variant", choices=VARIANTS, action="append")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    dice, names = random.Random(options.seed), options.variant or list(VARIANTS)
    instants: Counter[str] = Counter()
    runs = different = 0
    with tempfile.TemporaryDirectory() as folder:
        alone = {name: _left_alone(name, Path(folder, name)) for name in names}
        while instants.total() < options.kills:
            name = names[runs % len(names)]
            runs += 1
            directory, came = _survive(alone[name], Path(folder, f"runs{runs}"), _plan(dice), dice)
            instants.update(came)
            found, expected = bits(directory), alone[name].expected
            unlike = [key for key in expected if found[key] != expected[key]]
            different += bool(unlike)
            said = f"DIFFERENT: {unlike} in {_kept(directory)}" if unlike else "same bits"
            _say(f"{name}: {', '.join(came)}: {said}; {instants.total()} kills, {different} of {runs} runs different")
    resumed = sum(count for instant, count in instants.items() if instant.startswith("resume"))
    _say(f"{instants.total()} kills in {runs} runs, {resumed} of them during resume: {different} runs different")
    _say("; ".join(f"{instant} {count}" for instant, count in sorted(instants.items())))
    sys.exit(bool(different))


def _say(line: str) -> None:
    print(line, flush=True)


def _left_alone(name: str, folder: Path) -> Alone:
    """Run the experiment without a kill."""
    folder.mkdir()
    config = folder / f"{name}.yaml"
    config.write_text(json.dumps(VARIANTS[name](folder)))
    began = time.time()
    if _start(["run", str(config), "--runs-dir", str(folder / "alone")], folder).wait() != 0:
        raise SystemExit(f"{name}: the run that was left alone failed")
    directory = next(folder.glob("alone/*/2*"))
    lines = (directory / "events.jsonl").read_text().splitlines()
    at = {moment: _time_of(lines, sign) for moment, sign in _MOMENTS.items() if sign is not None}
    end = directory.joinpath("run.json").stat().st_mtime
    seconds = {
        "start": at["training"] - began,
        "training": at["testing"] - at["training"],
        "testing": at["saving"] - at["testing"],
        "saving": end - at["saving"],
    }
    found = bits(directory)
    shown = ", ".join(f"{moment} {value:.1f} s" for moment, value in seconds.items())
    _say(f"{name} left alone: {found['result']['epochs_run']} epochs; {shown}")
    return Alone(config, found, seconds)


def _time_of(lines: list[str], sign: str) -> float:
    from datetime import datetime

    line = next(line for line in lines if sign in line)
    return datetime.fromisoformat(json.loads(line)["time"]).timestamp()


def _plan(dice: random.Random) -> list[str]:
    """At which moments a run is killed, one after another: the first in `run`, the others in `resume`."""
    plan = [dice.choice(("training", "training", "start"))]
    plan += [dice.choice(("training", "training", "start")) for _ in range(3)]
    return [*plan, dice.choice(("testing", "saving")), dice.choice(("testing", "saving"))]


def _survive(alone: Alone, runs_dir: Path, plan: list[str], dice: random.Random) -> tuple[Path, list[str]]:
    """Run, kill at the moments of `plan`, and resume, until the run is done; where each kill came."""
    came: list[str] = []
    command = ["run", str(alone.config), "--runs-dir", str(runs_dir)]
    for moment in plan:
        process = _start(command, alone.config.parent)
        if _wait_for(runs_dir, process, _MOMENTS[moment]):
            time.sleep(dice.uniform(0, alone.seconds[moment] * _SHARE.get(moment, 1)))
        alive = process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        directory = next(runs_dir.glob("*/2*"), None)
        record = None if directory is None else directory / "run.json"
        if directory is None or record is None or not record.is_file():
            came += [f"{command[0]} start"]
            runs_dir = runs_dir.with_name(f"{runs_dir.name}-again")  # killed before there was a run
            command = [*command[:-1], str(runs_dir)]
            continue
        if json.loads(record.read_text())["status"] == "done":
            return directory, came  # the kill came after the end
        if not alive:
            raise SystemExit(f"{directory} failed: {json.loads(record.read_text())['error']}")
        came += [f"{command[0]} {_phase(directory, process.pid)}"]
        command = ["resume", str(directory)]
    process = _start(command, alone.config.parent)
    process.wait()
    return next(runs_dir.glob("*/2*")), came


def _wait_for(runs_dir: Path, process: subprocess.Popen[bytes], sign: str | None) -> bool:
    """Wait until the process has come to the moment; whether it lives."""
    while process.poll() is None:
        if sign is None or any(sign in _events_of(directory, process.pid) for directory in runs_dir.glob("*/2*")):
            return True
        time.sleep(0.005)
    return False


def _events_of(directory: Path, pid: int) -> str:
    """Return the events of the process's session, empty before it has one."""
    try:
        owned = json.loads((directory / "run.json").read_text()).get("pid") == pid
        return (directory / "events.jsonl").read_text().rpartition('"RunStarted"')[2] if owned else ""
    except FileNotFoundError:
        return ""


def _phase(directory: Path, pid: int) -> str:
    """Return the last moment that the session had come to."""
    events = _events_of(directory, pid)
    return next((moment for moment, sign in reversed(_MOMENTS.items()) if sign is not None and sign in events), "start")


def _kept(directory: Path) -> Path:
    """Keep a run that differs, to look at."""
    kept = Path(tempfile.mkdtemp(prefix="trainctl-kill-"))
    return directory.rename(kept / directory.name)


def _start(arguments: list[str], folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "trainctl", *arguments, "--format", "quiet"], cwd=folder, stdout=subprocess.DEVNULL
    )


if __name__ == "__main__":
    main()
