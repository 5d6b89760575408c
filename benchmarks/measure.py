"""Measuring whole processes: wall time and peak memory, interleaved, so that a busy machine is busy for all alike."""

from __future__ import annotations

import os
import pty
import statistics
import subprocess
import sys
import termios
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from resource import struct_rusage
from time import perf_counter

MEBIBYTE = 1024  # ru_maxrss counts KiB on Linux
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""Modules are compiled once, as an installation does, and not in each process."""


@dataclass(frozen=True)
class Command:
    """What to run.

    Args:
        arguments: The program and its arguments.
        terminal: Whether it believes to write to a terminal of 30 lines by 120 columns; else its output is a file's.
    """

    arguments: Sequence[str]
    terminal: bool = False


@dataclass(frozen=True)
class Measured:
    """Seconds from start to exit, seconds of all cores, and the peak of resident memory in MiB."""

    seconds: float
    cpu: float
    peak: float


@dataclass(frozen=True)
class Bound:
    """One line of the result: what was measured, and the most it may be; `None` where nothing is demanded."""

    what: str
    value: float
    most: float | None
    unit: str = ""

    @property
    def held(self) -> bool:
        """Whether the bound is kept."""
        return self.most is None or self.value <= self.most


def interleaved(commands: Mapping[str, Command], rounds: int, log: Path) -> dict[str, list[Measured]]:
    """Run each command once a round; returns their measurements.

    Args:
        commands: By name.
        rounds: How often.
        log: Where their output goes.

    Raises:
        SystemExit: A command failed.
    """
    found: dict[str, list[Measured]] = {name: [] for name in commands}
    for number in range(1, rounds + 1):
        for name, command in commands.items():
            if sys.stderr.isatty():
                print(f"\r\033[Kround {number} of {rounds}: {name}\r", end="", file=sys.stderr, flush=True)
            found[name].append(measure(command, log))
    return found


def measure(command: Command, log: Path) -> Measured:
    """Run the command to its end.

    Raises:
        SystemExit: It failed.
    """
    with log.open("wb") as file:
        start = perf_counter()
        if command.terminal:
            status, usage = _in_terminal(command.arguments, file.fileno())
        else:
            process = subprocess.Popen(
                command.arguments, stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=ENVIRONMENT
            )
            _, status, usage = os.wait4(process.pid, 0)
        seconds = perf_counter() - start
    if status != 0:
        raise SystemExit(f"failed: {' '.join(command.arguments)}\n{log.read_text(errors='replace')[-2000:]}")
    return Measured(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / MEBIBYTE)


def _in_terminal(arguments: Sequence[str], log: int) -> tuple[int, struct_rusage]:
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (30, 120))
    environment = {name: value for name, value in ENVIRONMENT.items() if name not in {"CI", "NO_COLOR"}}
    environment["TERM"] = "xterm-256color"
    process = subprocess.Popen(
        arguments, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
    )
    os.close(theirs)
    reader = threading.Thread(target=_copy, args=(ours, log))
    reader.start()
    _, status, usage = os.wait4(process.pid, 0)
    reader.join()
    os.close(ours)
    return status, usage


def _copy(terminal: int, log: int) -> None:
    """What the process writes, until it closes its end."""
    while True:
        try:
            data = os.read(terminal, 1 << 16)
        except OSError:  # Linux's way to say that nobody writes any more
            return
        if not data:
            return
        os.write(log, data)


def seconds(measured: Iterable[Measured]) -> float:
    """The median."""
    return statistics.median(each.seconds for each in measured)


def cpu(measured: Iterable[Measured]) -> float:
    """The median, which other processes on the machine change less than the time."""
    return statistics.median(each.cpu for each in measured)


def spread(measured: Iterable[Measured]) -> str:
    """From the least to the most, for people."""
    values = [each.seconds for each in measured]
    return f"{min(values):.2f}-{max(values):.2f} s"


def peak(measured: Iterable[Measured]) -> float:
    """The median."""
    return statistics.median(each.peak for each in measured)


def ratio(ours: Sequence[Measured], theirs: Sequence[Measured]) -> float:
    """The median of the ratios of the times within each round: what slows a round down slows both."""
    return statistics.median(a.seconds / b.seconds for a, b in zip(ours, theirs, strict=True))


def cpu_ratio(ours: Sequence[Measured], theirs: Sequence[Measured]) -> float:
    """The same of the CPU seconds of all cores."""
    return statistics.median(a.cpu / b.cpu for a, b in zip(ours, theirs, strict=True))


def show(found: Mapping[str, Sequence[Measured]]) -> None:
    """Print the measurements as a table."""
    width = max(map(len, found))
    print(f"{'process':<{width}}   median  from-to             cpu      peak")
    for name, measured in found.items():
        print(
            f"{name:<{width}} {seconds(measured):>6.3f} s  {spread(measured):<15}{cpu(measured):>6.2f} s {peak(measured):>5.0f} MiB"
        )
    print()


def report(bounds: Sequence[Bound]) -> int:
    """Print the table; returns 1 where a bound is not kept, else 0."""
    width = max(len(bound.what) for bound in bounds)
    for bound in bounds:
        most = "" if bound.most is None else f"{'✓' if bound.held else '✗'} at most {bound.most:.3g}{bound.unit}"
        print(f"{bound.what:<{width}}  {bound.value:>7.3f}{bound.unit:<4} {most}".rstrip())
    return 0 if all(bound.held for bound in bounds) else 1
