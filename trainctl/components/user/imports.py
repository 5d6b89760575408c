"""Loading the user's modules: named on the command line, or offered by the working directory and by installed packages."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
import tomllib
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from importlib.metadata import entry_points
from itertools import accumulate
from pathlib import Path

from trainctl.errors import ConfigError, TrainctlError, UsageError
from trainctl.files import hint_for_missing
from trainctl.text import literal

ENTRY_POINTS = "trainctl.components"


@dataclass(frozen=True, slots=True)
class Imported:
    """A module that was loaded: as it was named, its file, and the SHA-256 of that file."""

    name: str
    file: str
    sha256: str


@dataclass(slots=True)
class Imports:
    """What may be loaded for a command.

    Args:
        named: `--import` arguments: files ending in .py, or dotted modules. Loaded at once.
        automatic: Whether pyproject.toml and entry points are looked at when a name is not known otherwise.
    """

    named: Sequence[str] = ()
    automatic: bool = True
    loaded: tuple[Imported, ...] = ()

    def load_named(self) -> None:
        """Load what was named.

        Raises:
            UsageError: There is no such file or module.
            ConfigError: The module fails.
        """
        self.loaded += tuple(_load(name) for name in self.named)

    def load_automatic(self) -> bool:
        """Load what the working directory and installed packages offer; whether there was anything.

        Raises:
            UsageError: A file or module named there does not exist.
            ConfigError: A module fails.
        """
        if not self.automatic:
            return False
        self.automatic = False
        found = tuple(_load(name) for name in _of_pyproject(Path.cwd() / "pyproject.toml"))
        found += tuple(_load(point.module) for point in entry_points(group=ENTRY_POINTS))
        self.loaded += found
        return bool(found)


def _of_pyproject(path: Path) -> Iterable[str]:
    if not path.is_file():
        return ()
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}", hint="mend it, or pass --no-imports") from None
    names = table.get("tool", {}).get("trainctl", {}).get("imports", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ConfigError(f"{path}: [tool.trainctl] imports is a list of files and modules, received {literal(names)}")
    return names


def _load(name: str) -> Imported:
    file = _run_file(Path(name)) if name.endswith(".py") else _run_module(name)
    return Imported(name, str(file), hashlib.sha256(file.read_bytes()).hexdigest())


def _run_file(path: Path) -> Path:
    path = path.absolute()
    if not path.is_file():
        raise UsageError(
            f"there is no file {literal(str(path))} to import", hint=hint_for_missing(path, pattern="*.py")
        )
    spec = importlib.util.spec_from_file_location(
        f"trainctl_user_{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:12]}", path
    )
    if spec is None or spec.loader is None:
        raise UsageError(f"{literal(str(path))} is no Python file")
    if spec.name in sys.modules:
        return path  # loaded before in this process
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        with _explained(str(path)):
            spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[spec.name]  # or a second load would pass for a success
        raise
    return path


def _run_module(name: str) -> Path:
    with _working_directory_first(), _explained(name):
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name is not None and (name == error.name or name.startswith(f"{error.name}.")):
                raise UsageError(
                    f"there is no module {literal(name)} to import", hint="give a .py file, or install it"
                ) from None
            raise
    return Path(module.__file__ or name)


def module_file(name: str) -> Path | None:
    """The file that importing the dotted module `name` would run now, found without running it or its packages."""
    places: Sequence[str] | None = None
    spec: ModuleSpec | None = None
    with _working_directory_first():
        importlib.invalidate_caches()
        for part in accumulate(name.split("."), "{}.{}".format):
            spec = next(filter(None, (finder.find_spec(part, places) for finder in sys.meta_path)), None)
            places = spec.submodule_search_locations if spec is not None else None
            if spec is None or (places is None and part != name):
                return None
    return Path(spec.origin).absolute() if spec is not None and spec.has_location and spec.origin else None


@contextmanager
def _working_directory_first() -> Iterator[None]:
    """As for `python -m`: a dotted module may lie in the working directory."""
    sys.path.insert(0, str(Path.cwd()))
    try:
        yield
    finally:
        sys.path.remove(str(Path.cwd()))


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """A failing module is a problem of its own file and line."""
    try:
        yield
    except TrainctlError:
        raise
    except (Exception, SystemExit) as error:  # the user's code may raise anything, and may not end the program
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if frame.filename == name] or frames
        where = f"{own[-1].filename}:{own[-1].lineno}"
        if isinstance(error, SyntaxError):
            where = f"{error.filename}:{error.lineno}"
        raise ConfigError(f"importing {literal(name)} failed at {where}: {type(error).__name__}: {error}") from error
