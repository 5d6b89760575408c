"""How long trainctl takes to answer, against `import tensorflow`, which it does without.

    python benchmarks/startup.py [--rounds 7]

Whole processes, median of interleaved rounds. Exits with 1 where a bound is not kept.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from itertools import cycle, islice
from pathlib import Path

from measure import Bound, Command, interleaved, peak, ratio, report, seconds, show

CONFIGS = sorted(Path(__file__).parent.parent.glob("configs/*.yaml"))
TENSORFLOW = "import tensorflow"
HUNDRED = "validate, 100 files"

ARGUMENTS = {
    "--help": ["--help"],
    **{f"validate {config.name}": ["validate", str(config)] for config in CONFIGS},
    "list layers": ["list", "layers"],
    "describe EarlyStopping": ["describe", "EarlyStopping"],
}
MOST = {"--help": 1 / 10, **{f"validate {config.name}": 1 / 8 for config in CONFIGS}}  # of `import tensorflow`
MOST_MEBIBYTES = 80
MOST_SECONDS = 2


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="how often each is run (default: 7)")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        commands = {
            TENSORFLOW: Command([sys.executable, "-c", TENSORFLOW]),
            **{name: _trainctl(arguments) for name, arguments in ARGUMENTS.items()},
            HUNDRED: _trainctl(["validate", *islice(cycle(map(str, CONFIGS)), 100)]),
        }
        log = Path(folder) / "output.txt"
        interleaved(commands, 1, log)  # bytecode and disk cache
        found = interleaved(commands, rounds, log)

    print(f"{rounds} rounds on {os.cpu_count()} cores\n")
    show(found)
    times = [
        Bound(f"{name} / {TENSORFLOW}", ratio(found[name], found[TENSORFLOW]), MOST.get(name)) for name in ARGUMENTS
    ]
    largest = max(peak(found[name]) for name in (*ARGUMENTS, HUNDRED))
    return report(
        [
            *times,
            Bound(HUNDRED, seconds(found[HUNDRED]), MOST_SECONDS, " s"),
            Bound("peak memory of all", largest, MOST_MEBIBYTES, " MiB"),
        ]
    )


def _trainctl(arguments: list[str]) -> Command:
    return Command([sys.executable, "-m", "trainctl", *arguments])


if __name__ == "__main__":
    sys.exit(main())
