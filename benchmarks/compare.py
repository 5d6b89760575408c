"""trainctl against a Keras script of the same work, written by hand: whole processes, alternating.

    python benchmarks/compare.py [--rounds 5] [--only mlp cnn] [--startup-rounds 7] [--write benchmarks/RESULTS.md]

Both do the same epochs, batches and metrics, and have to come to the same results. The ratio of two numbers is the median of
the ratios within each round: what slows a round down slows both. Exits with 1 where a bound is not kept.

What is not measured, because of --only or --startup-rounds 0, stays in the results as an earlier call wrote it, if that was on the
same machine with the same versions.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

import startup
from measure import Bound, Command, Measured, cpu, cpu_ratio, interleaved, peak, ratio, report, seconds

from trainctl.text import plural

CASES = Path(__file__).parent / "cases"
_ANSWERS = "## Commands that only answer"


@dataclass(frozen=True)
class Case:
    """One kind of work.

    Args:
        name: The experiment is cases/<name>.yaml.
        script: The file of the script.
        most: What trainctl may take of the script's time.
        within: How far the final validation accuracies may lie apart: the two start from other weights.
    """

    name: str
    script: str
    most: float
    within: float = 0.04


ALL = [
    Case("mlp", "arrays.py", 0.55),
    Case("mlp_callbacks", "arrays.py", 0.65),
    Case("cnn", "arrays.py", 0.85),
    Case("lstm", "arrays.py", 0.85),
    Case("dense", "arrays.py", 1.00),
    Case("titanic", "tables.py", 0.90, within=0.1),
    Case("table", "tables.py", 0.90),
    Case("images", "images.py", 1.00, within=0.1),
]


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="how often each is run (default: 5)")
    parser.add_argument(
        "--startup-rounds", type=int, default=7, help="the same of commands that only answer (default: 7)"
    )
    parser.add_argument("--only", nargs="*", choices=[case.name for case in ALL], help="these alone")
    parser.add_argument("--write", type=Path, help="where to write the results")
    options = parser.parse_args()
    cases = [case for case in ALL if options.only is None or case.name in options.only]
    earlier = ""
    if options.write is not None and options.write.exists() and not (cases == ALL and options.startup_rounds):
        earlier = _read_earlier(options.write)
    answers, rows = _answers_in(earlier), _rows_in(earlier)
    bounds: list[Bound] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.startup_rounds:
            found = startup.measured(options.startup_rounds, folder / "output.txt")
            bounds += startup.bounds(found)
            answers = _startup_section(found, options.startup_rounds)
        if cases:
            subprocess.run([sys.executable, CASES / "data.py", folder / "data"], check=True)
        for case in cases:
            ours, theirs = _measure(case, folder, options.rounds)
            bounds += [
                Bound(f"{case.name}: time / script's", ratio(ours, theirs), case.most),
                Bound(f"{case.name}: CPU time / script's", cpu_ratio(ours, theirs), None),
                Bound(f"{case.name}: memory / script's", peak(ours) / peak(theirs), 1.0),
            ]
            rows[case.name] = _row(case, ours, theirs)
            print(rows[case.name], flush=True)
    if options.write:
        training = _training_section([rows[case.name] for case in ALL if case.name in rows])
        options.write.write_text("\n\n".join(filter(None, [_head(), answers, training])) + "\n")
    return report(bounds)


def _measure(case: Case, folder: Path, rounds: int) -> tuple[Sequence[Measured], Sequence[Measured]]:
    """Run both programs, and require that they come to the same.

    Raises:
        SystemExit: One failed, or they do not.
    """
    data, out = folder / "data", folder / case.name
    out.mkdir()
    for file in CASES.glob("*.yaml"):
        (data / file.name).write_text(file.read_text())
    run = [sys.executable, "-m", "trainctl", "run", str(data / f"{case.name}.yaml"), "--runs-dir", str(out / "runs")]
    script = [sys.executable, str(CASES / case.script), case.name, str(data), str(out)]
    found = interleaved({"trainctl": Command(run), "script": Command(script)}, rounds, folder / "output.txt")
    (record, *_) = (json.loads(file.read_text())["metrics"] for file in out.glob("runs/*/2*/run.json"))
    expected = json.loads((out / "metrics.json").read_text())
    if abs(record["val_accuracy"] - expected["val_accuracy"]) > case.within:
        raise SystemExit(f"{case.name}: val_accuracy {record['val_accuracy']}, the script's {expected['val_accuracy']}")
    return found["trainctl"], found["script"]


def _read_earlier(file: Path) -> str:
    """Return the results of earlier calls.

    Raises:
        SystemExit: They are of another machine or of other versions.
    """
    text = file.read_text()
    if any(line not in text for line in _machine().splitlines()):
        raise SystemExit(
            f"{file} was measured on another machine or with other versions; measure all, or write elsewhere"
        )
    return text


def _answers_in(text: str) -> str:
    found = re.search(rf"^{_ANSWERS}$.*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[0].strip() if found else ""


def _rows_in(text: str) -> dict[str, str]:
    return {line[1]: line[0] for line in re.finditer(r"^\| \[(\w+)\]\(cases/.*$", text, re.MULTILINE)}


def _head() -> str:
    return f"# Results\n\nWritten by [compare.py](compare.py), which `make benchmark` calls.\n\n{_machine()}"


def _machine() -> str:
    names = ("tensorflow", "keras", "numpy", "pyarrow", "pandas", "scikit-learn", "matplotlib")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    return f"""\
- Machine: {platform.machine()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}; no GPU.
- Versions: Python {platform.python_version()}, {versions}."""


def _moment(rounds: int) -> str:
    """Return when the numbers were measured, of which commit, and how busy the machine was."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return f"{date.today()}, {commit.stdout.strip()}, {plural(rounds, 'round')}, load {os.getloadavg()[1]:.1f}"


def _startup_section(found: Mapping[str, Sequence[Measured]], rounds: int) -> str:
    base = found[startup.TENSORFLOW]
    rows = (
        f"| `{name}` | {seconds(each):.2f} | {cpu(each):.2f} | {cpu_ratio(each, base):.3f} | {peak(each):.0f} |"
        for name, each in found.items()
    )
    head = "| command | seconds | CPU seconds | CPU, to `import tensorflow` | peak MiB |\n|---|---|---|---|---|"
    return "\n".join([f"{_ANSWERS}\n\nMeasured on {_moment(rounds)}.\n", head, *rows])


def _row(case: Case, ours: Sequence[Measured], theirs: Sequence[Measured]) -> str:
    cells = [
        f"[{case.name}](cases/{case.name}.yaml)",
        *(f"{seconds(each):.1f}" for each in (ours, theirs)),
        f"**{ratio(ours, theirs):.2f}**",
        *(f"{cpu(each):.1f}" for each in (ours, theirs)),
        f"**{cpu_ratio(ours, theirs):.2f}**",
        *(f"{peak(each):.0f}" for each in (ours, theirs)),
        f"{peak(ours) / peak(theirs):.2f}",
        f"{case.most:.2f}",
        _moment(len(ours)),
    ]
    return f"| {' | '.join(cells)} |"


def _training_section(rows: Sequence[str]) -> str:
    return "\n".join(_training_lines(rows)) if rows else ""


def _training_lines(rows: Sequence[str]) -> Iterator[str]:
    yield "## Training, to a script of the same work\n"
    yield "Whole processes, import to exit; medians of alternating pairs, one a round. Peak memory in MiB. The load is"
    yield "that of the machine, this program's included; it changes CPU time least.\n"
    yield "| work | seconds | script | ratio | CPU s | script | ratio | peak | script | ratio | aim (seconds) | measured |"
    yield "|---|---|---|---|---|---|---|---|---|---|---|---|"
    yield from rows


if __name__ == "__main__":
    sys.exit(main())
