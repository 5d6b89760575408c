"""How long trainctl takes to answer, against `import tensorflow`, which it does without.

    python benchmarks/startup.py [--rounds 7]

Whole processes, median of interleaved rounds, by CPU seconds. Exits with 1 where a bound is not kept.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from itertools import cycle, islice
from pathlib import Path

from measure import Bound, Command, Measured, cpu, cpu_ratio, interleaved, peak, report, show

CONFIGS = sorted(Path(__file__).parent.parent.glob("configs/*.yaml"))
TENSORFLOW = "import tensorflow"
HUNDRED = "validate, 100 files"

ARGUMENTS = {
    "--help": ["--help"],
    **{f"validate {config.name}": ["validate", str(config)] for config in CONFIGS},
    "list layers": ["list", "layers"],
    "describe EarlyStopping": ["describe", "EarlyStopping"],
}
MOST = {"--help": 1 / 10, **{f"validate {config.name}": 1 / 12 for config in CONFIGS}}  # of `import tensorflow`
MOST_MEBIBYTES = 80
MOST_SECONDS = 2


def measured(rounds: int, log: Path) -> dict[str, list[Measured]]:
    """Run every command so often; their output goes to `log`."""
    commands = {
        TENSORFLOW: Command([sys.executable, "-c", TENSORFLOW]),
        **{name: _trainctl(arguments) for name, arguments in ARGUMENTS.items()},
        HUNDRED: _trainctl(["validate", *islice(cycle(map(str, CONFIGS)), 100)]),
    }
    interleaved(commands, 1, log)  # bytecode and disk cache
    return interleaved(commands, rounds, log)


def bounds(found: Mapping[str, Sequence[Measured]]) -> list[Bound]:
    """Return what was measured, and the most it may be."""
    base, answers = found[TENSORFLOW], [*ARGUMENTS, HUNDRED]
    return [
        *(Bound(f"{name} / {TENSORFLOW}", cpu_ratio(found[name], base), MOST.get(name)) for name in ARGUMENTS),
        Bound(HUNDRED, cpu(found[HUNDRED]), MOST_SECONDS, " s"),
        Bound("peak memory of all", max(peak(found[name]) for name in answers), MOST_MEBIBYTES, " MiB"),
    ]


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="how often each is run (default: 7)")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        found = measured(rounds, Path(folder) / "output.txt")
    print(f"{rounds} rounds on {os.cpu_count()} cores\n")
    show(found)
    return report(bounds(found))


def _trainctl(arguments: list[str]) -> Command:
    return Command([sys.executable, "-m", "trainctl", *arguments])


if __name__ == "__main__":
    sys.exit(main())
