"""Whole files: written aside and renamed, so that a kill at any instant leaves the old one or the new one, never half.

A folder may come from a stranger. What is written goes into the folder itself: never through a symbolic link in it.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from trainctl.text import nearest

ASIDE = ".saving-*"
"""What a kill leaves of a file that was being written."""
MORE_OPEN_FILES = "raise the limit on open files: ulimit -n 4096"
"""What helps a process that may open no more files."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yields a new, empty file beside `path`, with the same suffix; what is written there replaces `path` at the end.

    Args:
        path: The final place; its folder exists. Where writing fails, what stands there is left as it was.

    Raises:
        OSError: The disk is full, or the folder is gone or cannot be written.
    """
    aside = path.with_name(f".saving-{os.getpid()}-{path.name}")
    with _folder_of(path) as folder:
        _unlink(aside.name, folder)  # a stranger's link, or what a kill left
        os.close(_open(aside.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, folder))
        try:
            yield aside
            _force(aside)
            _replace(aside.name, path.name, folder)
            _force_names(folder)
        finally:
            _unlink(aside.name, folder)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is whole at any instant.

    Args:
        path: The final place; its folder exists.
        content: All of it.

    Raises:
        OSError: The disk is full or the folder is gone; what was at `path` is left as it was.
    """
    with replacing(path) as aside:
        aside.write_bytes(content)


def saved_atomically(path: Path, save: Callable[[str], object]) -> None:
    """Have `save` write under another name in the same folder, then rename it to `path`.

    Args:
        path: The final place; missing folders are made.
        save: Such as Keras's `model.save`; the temporary name keeps the suffix it decides by.

    Raises:
        OSError: The disk is full, or the folder cannot be written; what was at `path` is left as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as aside:
        save(str(aside))


def open_own(path: Path, flags: int) -> int:
    """Open a file in its folder, and never what a symbolic link in its place leads to.

    Args:
        path: The file.
        flags: Those of `os.open`.

    Returns:
        A file descriptor.

    Raises:
        OSError: It cannot be opened, or is a symbolic link, a pipe or a device.
    """
    with _folder_of(path) as folder:
        descriptor = _open(path.name, flags | os.O_NONBLOCK, folder)  # a pipe that nobody reads would wait for ever
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, _NOT_REGULAR, str(path))
    return descriptor


def own_folder(path: Path) -> Path:
    """Make the folder `path` where it is missing, and return it.

    Raises:
        OSError: It cannot be made, or a symbolic link or a file is in its place.
    """
    with suppress(FileExistsError):
        path.mkdir()
    if not is_own_folder(path):
        raise OSError(errno.ENOTDIR, _KINDS[path.is_symlink()], str(path))
    return path


_NOT_REGULAR = "it is not a regular file"
_KINDS = {True: "it is a symbolic link, which is not written through", False: "it is not a folder"}


def require_replaceable(path: Path) -> None:
    """Refuse a place for a file before the work whose result it is to hold.

    Raises:
        OSError: Its folder is missing or cannot be written, or a folder, a pipe or a device such as /dev/null is there.
    """
    folder = path.absolute().parent
    if not folder.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder))
    if unwritable_folder(folder) is not None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if path.exists() and not is_regular(path):
        raise OSError(errno.EINVAL, _NOT_REGULAR, str(path))


def is_own_folder(path: Path) -> bool:
    """Tell whether `path` is a folder, and no symbolic link to one."""
    return _has_kind(path, stat.S_ISDIR)


def is_own_file(path: Path) -> bool:
    """Tell whether `path` is a regular file, and no symbolic link to one."""
    return _has_kind(path, stat.S_ISREG)


def is_regular(path: Path) -> bool:
    """Tell whether `path` is, or leads to, a regular file: not a folder, nor a pipe or a device, which may never end."""
    return path.is_file()


def is_of_system(path: Path) -> bool:
    """Tell whether `path` is a view of the system, such as /proc/self/environ, whose content may hold secrets."""
    return path.resolve().parts[:2] in {("/", "proc"), ("/", "sys"), ("/", "dev")}


def unshare(path: Path) -> None:
    """Let the file have one name only: what is written there is not to change a file that an archive linked to it.

    Raises:
        OSError: It cannot be copied.
    """
    if path.lstat().st_nlink > 1:
        write_whole(path, path.read_bytes())


WORKING_DIRECTORY = "paths are relative to the working directory"
"""What to say of a path from the command line."""


def hint_for_missing(path: Path, otherwise: str | None = None, pattern: str = "*") -> str | None:
    """Return what to do about a path at which there is nothing.

    Args:
        path: The path.
        otherwise: What to say where no name beside it is like its own.
        pattern: Which names beside it may be meant.

    Returns:
        The nearest name in the same folder, that the folder is missing too, or `otherwise`.
    """
    if not path.parent.is_dir():
        return "; ".join(filter(None, [f"the directory '{path.parent}' does not exist either", otherwise]))
    try:
        close = nearest(path.name, (entry.name for entry in path.parent.glob(pattern)))
    except OSError:  # a folder that may not be read
        return otherwise
    return f"did you mean '{close}'?" if close else otherwise


def hint_for_unreadable(error: OSError) -> str | None:
    """Return what to do about a file that is there and cannot be read; `None` where it is not known."""
    if error.errno in {errno.EMFILE, errno.ENFILE}:
        return MORE_OPEN_FILES
    return "check the file's permissions" if isinstance(error, PermissionError) else None


def unwritable_folder(path: Path) -> Path | None:
    """Return what keeps `path` from being made or written in: the nearest of it and its parents that there is.

    Args:
        path: The absolute path of a folder.

    Returns:
        A file, or a folder that may not be written; `None` where nothing is in the way.
    """
    nearest_one = next(each for each in (path, *path.parents) if os.path.lexists(each))
    is_writable = nearest_one.is_dir() and os.access(nearest_one, os.W_OK | os.X_OK)
    return None if is_writable else nearest_one


def _has_kind(path: Path, is_kind: Callable[[int], bool]) -> bool:
    try:
        return is_kind(path.lstat().st_mode)
    except (OSError, ValueError):  # ValueError: NUL in the name
        return False


def require_own_path(folder: Path, path: Path) -> None:
    """Refuse to write at `path` where a symbolic link on the way, or in the folder there, leads out of `folder`.

    Args:
        folder: The folder that is to hold all of it.
        path: A path below it.

    Raises:
        OSError: There is such a link, a pipe or a device.
    """
    place = folder
    for part in path.relative_to(folder).parts:
        place /= part
        if place.is_symlink():
            raise OSError(errno.ELOOP, _KINDS[True], str(place))
    if is_own_file(path):
        unshare(path)
    elif is_own_folder(path):
        for each in path.rglob("*"):
            if each.is_symlink() and not each.resolve().is_relative_to(folder.resolve()):
                raise OSError(errno.ELOOP, _KINDS[True], str(each))
    elif os.path.lexists(path):
        raise OSError(errno.EINVAL, _NOT_REGULAR, str(path))


@contextmanager
def _folder_of(path: Path) -> Iterator[int]:
    """The descriptor of the folder of `path`; an error that names less inside names the whole path."""
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield descriptor
    except OSError as error:
        if isinstance(error.filename, str) and not Path(error.filename).is_absolute():
            error.filename = str(path.parent / error.filename)
        raise
    finally:
        os.close(descriptor)


def _open(name: str, flags: int, folder: int) -> int:
    try:
        return os.open(name, flags | os.O_NOFOLLOW, 0o666, dir_fd=folder)
    except OSError as error:
        if error.errno == errno.ELOOP:
            error.strerror = _KINDS[True]
        raise


def _replace(aside: str, name: str, folder: int) -> None:
    try:
        os.replace(aside, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError as error:
        error.filename = name  # what stands in its way, not what no one knows
        raise


def _unlink(name: str, folder: int) -> None:
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)  # pathlib knows no descriptors


def _force(path: Path) -> None:
    """Force a file's content to the disk: it is to survive a power failure too."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def force_folder(path: Path) -> None:
    """Force the names in a folder to the disk, where the file system can."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            _force_names(descriptor)
        finally:
            os.close(descriptor)


def _force_names(folder: int) -> None:
    with suppress(OSError):  # not every file system can, and each file is whole without
        os.fsync(folder)


def from_folder(folder: Path, path: str) -> Path:
    """Return `path` as a person means it who writes it in `folder`: relative to that, `~` the home folder."""
    return folder / home_expanded(path)


def home_expanded(path: str) -> str:
    """Return `path` with a leading `~` replaced by the home folder, where there is one."""
    return os.path.expanduser(path)  # noqa: PTH111  # pathlib's raises where there is no home
