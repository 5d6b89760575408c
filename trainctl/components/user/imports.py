"""Loading the user's modules: from the command line, the working directory and installed packages."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
import tomllib
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from importlib.metadata import entry_points
from itertools import accumulate
from pathlib import Path
from typing import Any

from trainctl.components.user import trust
from trainctl.errors import ConfigError, TrainctlError, UsageError
from trainctl.files import hint_for_missing, is_regular
from trainctl.search_path import is_working_directory
from trainctl.text import literal, one_of, printable

ENTRY_POINTS = "trainctl.components"


@dataclass(frozen=True, slots=True)
class Imported:
    """A module that was loaded: as it was named, its file, and the SHA-256 of that file."""

    name: str
    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """What a folder's pyproject.toml offers, and the user has not trusted.

    Args:
        folder: The folder.
        names: The files and modules as they are written there.
        changed: Whether the user trusted them with another content.
    """

    folder: Path
    names: tuple[str, ...]
    changed: bool

    @property
    def message(self) -> str:
        """What was offered by whom, for people."""
        since = ", which changed since you trusted it" if self.changed else ""
        return (
            f"this folder's pyproject.toml offers {one_of(map(printable, self.names), 'and')}{since}; it was not loaded"
        )

    @property
    def hint(self) -> str:
        """The command that allows it."""
        return "trust it: trainctl trust ."


@dataclass(slots=True)
class Imports:
    """What may be loaded for a command.

    Args:
        named: `--import` arguments: files ending in .py, or dotted modules. Loaded at once, and trusted from then on.
        automatic: Whether pyproject.toml and entry points are looked at when a name is not known otherwise.
        recorded: Modules of a recorded run, which the user has trusted already.
    """

    named: Sequence[str] = ()
    automatic: bool = True
    recorded: Sequence[str] = ()
    loaded: tuple[Imported, ...] = ()
    withheld: Withheld | None = None

    def load_named(self) -> None:
        """Load what was named.

        Raises:
            UsageError: There is no such file or module.
            ConfigError: The module fails.
        """
        files = [file for name in self.named if (file := files_of(name))]
        self.loaded += tuple(_load(name) for name in (*self.named, *self.recorded))
        trust.remember(path for several in files for path in several)

    def load_automatic(self) -> bool:
        """Load what installed packages offer, and the working directory where it is trusted; whether there was anything.

        Raises:
            UsageError: A file or module named there does not exist.
            ConfigError: A module fails.
        """
        if not self.automatic:
            return False
        self.automatic = False
        offered = offered_by(Path.cwd())
        distrusted = [each for name in offered for each in trust.distrusted(files_of(name))]
        if distrusted:
            self.withheld = Withheld(Path.cwd(), tuple(offered), all(changed for _, changed in distrusted))
        found = () if distrusted else tuple(_load(name) for name in offered)
        with _installed_alone():
            found += tuple(_load(point.module, here=False) for point in entry_points(group=ENTRY_POINTS))
        self.loaded += found
        return bool(found)


def offered_by(folder: Path) -> Sequence[str]:
    """Return the files and modules that the pyproject.toml in `folder` offers; none where there is no such file.

    Raises:
        ConfigError: The file is not TOML, or its list is none.
    """
    path = folder / "pyproject.toml"
    if not is_regular(path):
        return ()
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{path} is not TOML: {error}", hint="correct it, or pass --no-imports") from None
    own: dict[str, Any] = table
    for key in ("tool", "trainctl"):
        found = own.get(key)
        own = found if isinstance(found, dict) else {}
    names = own.get("imports", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ConfigError(f"{path}: [tool.trainctl] imports must be a list of files and modules, got {literal(names)}")
    return names


def _load(name: str, *, here: bool = True) -> Imported:
    file = _run_file(Path(name)) if name.endswith(".py") else _run_module(name, here=here)
    return Imported(name, str(file), hashlib.sha256(file.read_bytes()).hexdigest())


def files_of(name: str, folder: Path | None = None) -> tuple[Path, ...]:
    """Return the files that loading `name` would run, found without running any: a module's packages come first.

    Args:
        name: A file ending in .py, or a dotted module.
        folder: Where a relative file and a module that is not installed lie; the working directory by default.
    """
    if name.endswith(".py"):
        return ((folder or Path.cwd()) / name,)
    return module_files(name, folder) or ()


def _run_file(path: Path) -> Path:
    path = path.absolute()
    if not path.is_file():
        raise UsageError(
            f"cannot import {literal(str(path))}: it does not exist", hint=hint_for_missing(path, pattern="*.py")
        )
    spec = importlib.util.spec_from_file_location(
        f"trainctl_user_{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:12]}", path
    )
    if spec is None or spec.loader is None:
        raise UsageError(f"{literal(str(path))} is not a Python file")
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


def _run_module(name: str, *, here: bool) -> Path:
    with _installed_first(Path.cwd()) if here else nullcontext(), _explained(name):
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name is not None and (name == error.name or name.startswith(f"{error.name}.")):
                raise UsageError(
                    f"cannot import the module {literal(name)}: it does not exist",
                    hint="pass a .py file, or install the module",
                ) from None
            raise
    return Path(module.__file__ or name)


def module_files(name: str, folder: Path | None = None) -> tuple[Path, ...] | None:
    """Return the files that importing the dotted module `name` would run now, found without running it or its packages.

    Args:
        name: The module.
        folder: Where it lies if it is not installed; the working directory by default.

    Returns:
        The module's file, its packages' before it; `None` if there is no such module.
    """
    places: Sequence[str] | None = None
    spec: ModuleSpec | None = None
    files: list[Path] = []
    with _installed_first(folder or Path.cwd()):
        importlib.invalidate_caches()
        for part in accumulate(name.split("."), "{}.{}".format):
            spec = next(filter(None, (finder.find_spec(part, places) for finder in sys.meta_path)), None)
            places = spec.submodule_search_locations if spec is not None else None
            if spec is None or (places is None and part != name):
                return None
            if spec.has_location and spec.origin:
                files.append(Path(spec.origin).absolute())
    return tuple(files) if spec is not None and spec.has_location else None


@contextmanager
def _installed_first(folder: Path) -> Iterator[None]:
    """A dotted module may lie in `folder`, but never in the place of an installed one."""
    with _installed_alone():
        sys.path.append(str(folder))
        try:
            yield
        finally:
            sys.path.remove(str(folder))


@contextmanager
def _installed_alone() -> Iterator[None]:
    """Leave the working directory out, which Python puts first for `python -m` and in a notebook."""
    stray = [(index, place) for index, place in enumerate(sys.path) if is_working_directory(place, index)]
    for _, place in stray:
        sys.path.remove(place)
    try:
        yield
    finally:
        for index, place in stray:
            sys.path.insert(index, place)


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
