"""What a run recorded, loaded again: its experiment, with the user's modules it was trained with."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from trainctl.components.user.imports import Imports, module_file
from trainctl.config.load import Loaded, load
from trainctl.errors import RunDirError
from trainctl.runs.layout import RESOLVED
from trainctl.runs.store import Run


def load_recorded(
    run: Run, overrides: Sequence[str] = (), imports: Sequence[str] = (), runs_dir: Path = Path("runs")
) -> Loaded:
    """The experiment of `run`, from its resolved.yaml.

    Args:
        run: The run.
        overrides: `--set` arguments on top.
        imports: `--import` arguments; where there are none, the recorded modules are loaded, if they are the same still
            and lie outside the run directory: a run directory may come from a stranger.
        runs_dir: Where the runs are whose models it may build on.

    Raises:
        RunDirError: The run has no resolved.yaml, or a recorded module is not what it was.
        ConfigError: The experiment is not valid any more.
    """
    path = run.directory.resolved
    if not path.is_file():
        raise RunDirError(f"{run.directory.path} has no {RESOLVED}", hint="it may have been killed while it was made")
    named = list(imports) or [_trusted(run, each) for each in run.record.get("imports") or ()]
    return load(str(path), overrides, imports=Imports(named, automatic=False), runs_dir=runs_dir)


def _trusted(run: Run, recorded: Mapping[str, str]) -> str:
    """The module, named so that it is loaded as it was; the record alone is no proof, since it may be a stranger's too.

    Raises:
        RunDirError: It is not what it was, or lies where an unpacked archive would have put it.
    """
    name, file = recorded["name"], Path(recorded["file"])
    runs = run.directory.path.resolve().parent.parent
    if not file.is_absolute() or file.resolve().is_relative_to(runs):
        reason = f"lies under {runs}, with the run"
    elif not file.is_file():
        reason = "is not there any more"
    elif hashlib.sha256(file.read_bytes()).hexdigest() != recorded["sha256"]:
        reason = "has changed since"
    elif name.endswith(".py"):
        return str(file)
    elif not _is_same(module_file(name), file):  # the name alone could mean what lies in the working directory
        reason = f"is not what the module {name} is here: {module_file(name) or 'there is none'}"
    else:
        return name
    raise RunDirError(f"the run used {file}, which {reason}", hint=f"if you trust it, pass --import {name}")


def _is_same(found: Path | None, file: Path) -> bool:
    return found is not None and found.resolve() == file.resolve()
