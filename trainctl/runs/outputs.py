"""What callbacks write outside the run directory, where it may be somebody else's file."""

from __future__ import annotations

import glob
import json
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from trainctl.components.spec import CallbackSpec
from trainctl.config.checks.places import location_at
from trainctl.config.compose.paths import PathError, find
from trainctl.config.experiment import Experiment
from trainctl.config.load import Loaded
from trainctl.config.text.nodes import holds_late
from trainctl.diagnostics import Diagnostic, Severity
from trainctl.errors import ConfigError, RunDirError
from trainctl.files import is_own_file, unwritable_folder
from trainctl.runs import claims
from trainctl.runs.layout import ELSEWHERE, RECORD, RunDirectory
from trainctl.text import literal, printable
from trainctl.user_folders import read_own, settings_folder

SETTINGS = "settings.toml"
"""The file of the user's settings: `[tool.trainctl] outputs` lists what any run may write over."""
_SYSTEM = tuple(map(Path, ("/bin", "/boot", "/etc", "/lib", "/lib64", "/sbin", "/usr", "/var/spool")))


@dataclass(frozen=True, slots=True)
class Outside:
    """A place outside the run directory that a run will write.

    Args:
        path: The path; it may hold `{epoch}` and metrics.
        setting: What names it, such as `callbacks.CSVLogger.filename`.
        problem: Why a run refuses it without `--allow-output`; `None` where it does not.
    """

    path: str
    setting: str
    problem: str | None


@dataclass(frozen=True, slots=True)
class OutputGuard:
    """Decides what a run may write outside its directory, and records what it does write.

    Args:
        owners: The experiment's file and the run directories whose files it may write over.
        allowed: Files and folders that the user allowed.
    """

    owners: tuple[str, ...]
    allowed: tuple[Path, ...]

    @classmethod
    def of(cls, loaded: Loaded, directory: RunDirectory | None = None) -> OutputGuard:
        """Make the guard of a run of `loaded`.

        Args:
            loaded: The experiment.
            directory: The run directory, where it is made already.

        Raises:
            ConfigError: The user's settings cannot be read.
        """
        owners = [str(directory.path)] if directory is not None else []
        config = loaded.sources[0].path
        if config is not None:
            # The experiment of a recorded run is that of the run, and of the run that it is a fork of.
            is_recorded = is_own_file(config.with_name(RECORD))
            owners.append(str((config.parent if is_recorded else config).resolve()))
        return cls(
            tuple(dict.fromkeys(owners)), (*map(claims.place_of, loaded.allowed_outputs), *allowed_by_settings())
        )

    def problem_with(self, path: str, *, adds: bool = False) -> str | None:
        """Return why `path` needs `--allow-output`, or `None`.

        Args:
            path: An absolute path.
            adds: Whether only files of its own are added where it is a folder.
        """
        place = claims.place_of(path)
        if any(place.is_relative_to(allowed) for allowed in self.allowed):
            return None
        if claims.claims_of(place, self.owners):
            return None
        if os.path.lexists(place):
            harmless = place.is_dir() and not place.is_symlink() and (adds or not any(place.iterdir()))
            return None if harmless else "exists and was not written by a run of this experiment"
        home = Path.home()
        hidden = place.relative_to(home).parts if place.is_relative_to(home) else ()
        if any(part.startswith(".") for part in hidden):
            return "is a hidden file in your home folder"
        return "is in a system folder" if any(map(place.is_relative_to, _SYSTEM)) else None

    def claim(self, path: Path) -> None:
        """Let the run write to `path`, and record that it does.

        Raises:
            RunDirError: It needs `--allow-output`.
        """
        problem = self.problem_with(str(path), adds=path.is_dir())
        if problem is not None:
            raise RunDirError(_refusal(str(path), problem), hint=_hint(str(path)))
        claims.claim(path, self.owners)


def outside(loaded: Loaded, directory: RunDirectory | None = None) -> list[Outside]:
    """Return every place outside the run directory that a run of `loaded` will write.

    Raises:
        ConfigError: The user's settings cannot be read.
    """
    guard = OutputGuard.of(loaded, directory)
    places = []
    for spec, field, path in _elsewhere(loaded.experiment):
        found = [guard.problem_with(each, adds=spec.only_adds) for each in _matches(path, spec, field)]
        problem = next(filter(None, found), None)
        places.append(Outside(path, f"{spec.setting}.{field}", problem))
    return places


def refusals(loaded: Loaded, places: Iterable[Outside]) -> list[Diagnostic]:
    """Return a diagnostic for each of `places` that a run of `loaded` refuses to write without `--allow-output`."""
    return [
        Diagnostic(
            "output-exists",
            _refusal(each.path, each.problem),
            location_at(loaded.resolved, each.setting),
            each.setting,
            hint=_hint(each.path),
        )
        for each in places
        if each.problem is not None
    ]


def unwritable(loaded: Loaded) -> list[Diagnostic]:
    """Return a diagnostic if a run of `loaded` could not make its directory."""
    folder = unwritable_folder(loaded.runs_dir.absolute())
    if folder is None:
        return []
    message = (
        f"the run directory cannot be made in {printable(str(loaded.runs_dir))}: {folder} is not a writable folder"
    )
    return [Diagnostic("run-directory", message, hint="choose another folder with --runs-dir")]


def require_allowed(loaded: Loaded, directory: RunDirectory | None = None) -> None:
    """Refuse to begin a run that would write over what is not its own.

    Raises:
        RunDirError: It would; carries a diagnostic for each place.
        ConfigError: The user's settings cannot be read.
    """
    problems = refusals(loaded, outside(loaded, directory))
    if problems:
        raise RunDirError(problems[0].message, hint=problems[0].hint, diagnostics=problems)


def as_warnings(problems: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Return the diagnostics for a command that writes nothing itself."""
    return [replace(problem, severity=Severity.WARNING) for problem in problems]


def allowed_by_settings() -> tuple[Path, ...]:
    """Return the files and folders that the user's settings allow every run to write.

    Raises:
        ConfigError: The settings are not TOML, or the list is none.
    """
    path = settings_folder() / SETTINGS
    content = read_own(path)
    if content is None:
        return ()
    try:
        table = tomllib.loads(content.decode())
        outputs = table["tool"]["trainctl"]["outputs"]
    except KeyError:
        return ()
    except (ValueError, TypeError, RecursionError) as error:
        raise ConfigError(f"{path} is not TOML: {error}", hint="fix it") from None
    if not isinstance(outputs, list) or not all(isinstance(each, str) for each in outputs):
        raise ConfigError(
            f"{path}: [tool.trainctl] outputs must be a list of files and folders, got {literal(outputs)}"
        )
    return tuple(
        claims.place_of(str(Path(each).expanduser())) for each in outputs if Path(each).expanduser().is_absolute()
    )


def _refusal(path: str, problem: str | None) -> str:
    return f"{printable(path)} {problem}; trainctl does not overwrite it"


def _hint(path: str) -> str:
    return f"choose another path, or allow it: --allow-output {printable(path)}"


def _matches(path: str, spec: CallbackSpec, field: str) -> list[str]:
    """The paths there are that a path with placeholders may mean; itself where there are none."""
    if not spec.counters(field) or "{" not in path:
        return [path]
    literals = re.split(r"\{[^{}]*\}", path)
    pattern = "*".join(map(glob.escape, literals)).lstrip("/")
    return sorted(map(str, Path("/").glob(pattern))) or [path]


def apart(loaded: Loaded) -> list[str]:
    """`--set` arguments that send into the run directory what the experiment would write elsewhere.

    The path is taken as it is written, so that what comes from the environment stays `${env:…}`.
    """
    found = []
    for spec, field, path in _elsewhere(loaded.experiment):
        setting = f"{spec.setting}.{field}"
        written = (_written(loaded, setting) or path).lstrip("/")
        found.append(f"{setting}={json.dumps(f'{ELSEWHERE}/{written}')}")
    return found


def require_others(old: Experiment, new: Experiment, run_id: str) -> None:
    """A fork writes nothing over what the other run wrote; what is shared on purpose stays so.

    Args:
        old: The other run's experiment.
        new: The fork's.
        run_id: The other run.

    Raises:
        RunDirError: It would; says what to change.
    """
    taken = {path for spec, _, path in _elsewhere(old) if not spec.shares}
    for spec, field, path in _elsewhere(new):
        if path in taken and not spec.shares:
            raise RunDirError(
                f"the fork would overwrite {path}, which the run {run_id} writes",
                hint=f"--set {spec.setting}.{field}=… chooses another file; a relative path is inside the fork's directory",
            )


def _elsewhere(experiment: Experiment) -> Iterator[tuple[CallbackSpec, str, str]]:
    for spec in experiment.every_callback:
        for field, path in spec.outputs():
            # One that holds a fact of the data is known once that is loaded; it is asked for again when it is written.
            if not holds_late(path) and path.startswith("/"):
                yield spec, field, path


def _written(loaded: Loaded, setting: str) -> str | None:
    try:
        value = find(loaded.tree, setting.split(".")).value
    except PathError:
        return None
    return value if isinstance(value, str) else None
