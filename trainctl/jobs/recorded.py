"""What a run recorded, loaded again: its experiment, with the user's modules it was trained with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from trainctl.components.user import trust
from trainctl.components.user.imports import Imports, module_files
from trainctl.config.load import Loaded, load
from trainctl.errors import RunDirError
from trainctl.files import is_own_file, is_regular
from trainctl.jobs.cells import require_same_cells
from trainctl.runs.layout import RECORD, RESOLVED
from trainctl.runs.store import Run
from trainctl.text import printable


@dataclass(frozen=True, slots=True)
class RecordedModule:
    """A module of the user's that a run was trained with.

    Args:
        name: As it was named: a file ending in .py, or a dotted module.
        file: Its file, absolute.
        sha256: The SHA-256 of that file.
    """

    name: str
    file: Path
    sha256: str


def load_recorded(
    run: Run, overrides: Sequence[str] = (), imports: Sequence[str] = (), runs_dir: Path = Path("runs")
) -> Loaded:
    """Return the experiment of `run`, from its resolved.yaml.

    Args:
        run: The run.
        overrides: `--set` arguments on top.
        imports: `--import` arguments; where there are none, the recorded modules are loaded, if they are the same still
            and this user has trusted them: a run directory may come from a stranger.
        runs_dir: Where the runs are whose models it may build on.

    Raises:
        RunDirError: The run has no resolved.yaml, or a recorded module is not what it was, or is not trusted.
        ConfigError: The experiment is not valid any longer.
    """
    path = run.directory.resolved
    if not is_own_file(path):
        raise RunDirError(
            f"{run.directory.path} has no {RESOLVED}", hint="the run may have been killed before it started"
        )
    recorded = [] if imports else [_loadable(run, each) for each in recorded_modules(run)]
    if not imports:
        require_same_cells(run)
    modules = Imports(imports, automatic=False, recorded=recorded)
    return load(str(path), overrides, imports=modules, runs_dir=runs_dir)


def recorded_modules(run: Run) -> Iterator[RecordedModule]:
    """Yield the modules that run.json names.

    Raises:
        RunDirError: It does not say what they are.
    """
    imports = run.record.get("imports") or []
    for each in imports if isinstance(imports, list) else [imports]:
        entry = each if isinstance(each, dict) else {}
        texts = [entry.get(key) for key in ("name", "file", "sha256")]
        name, file, sha256 = (text if isinstance(text, str) and "\0" not in text else "" for text in texts)
        if not (name and file):
            raise RunDirError(f"{run.directory.path} cannot be read: its {RECORD} names imports without name and file")
        yield RecordedModule(name, Path(file), sha256)


def _loadable(run: Run, module: RecordedModule) -> str:
    """The module, named so that it is loaded as it was; the record alone is not a proof, since it may be a stranger's.

    Raises:
        RunDirError: It is not what it was, or this user has not trusted it.
    """
    files = (module.file,) if module.name.endswith(".py") else module_files(module.name) or ()
    if not module.file.is_absolute():
        reason = "is not an absolute path"
    elif not is_regular(module.file):
        reason = "no longer exists"
    elif trust.digest(module.file) != module.sha256:
        reason = "has changed since the run"
    elif not files or files[-1].resolve() != module.file.resolve():
        reason = f"is not what the module {printable(module.name)} is here: {files[-1] if files else 'there is none'}"
    elif any(True for _ in trust.distrusted(files)):
        reason = "you have not trusted"
    else:
        return str(module.file.resolve()) if module.name.endswith(".py") else module.name
    name = printable(module.name)
    raise RunDirError(
        f"the run {run.directory.run_id} was trained with {printable(str(module.file))}, which {reason}; it was not loaded",
        hint=f"if you trust it, pass --import {name}, or once: trainctl trust {run.directory.shown}",
    )
