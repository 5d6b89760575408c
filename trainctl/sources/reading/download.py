"""Files of public data sets: fetched once into Keras's cache, given up when the network is silent.

`keras.utils.get_file` is not used, though cache, names and hashes are Keras's: it waits for ever on a silent server,
prints a progress bar on stdout, and writes in place: a kill leaves half a file, a failure deletes what was there.
"""

from __future__ import annotations

import hashlib
import os
import queue
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from trainctl.errors import DataError
from trainctl.files import replacing
from trainctl.notices import Phase, PhaseStarted
from trainctl.sources.reading.inputs import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trainctl.components.context import DataContext

_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file on the network.

    Args:
        name: Its name in the cache.
        url: Where it is.
        sha256: The SHA-256 of its content, in hexadecimal; "" where only the MD5 is published.
        md5: The MD5 of its content, where there is no other.
    """

    name: str
    url: str
    sha256: str = ""
    md5: str = ""

    @property
    def digest(self) -> tuple[str, str]:
        """The algorithm's name, and what it makes of the content."""
        return ("sha256", self.sha256) if self.sha256 else ("md5", self.md5)


class DownloadError(DataError):
    """The network did not bring the file. The experiment's `offline:` source may stand in.

    Args:
        message: What happened.
        reason: The part of it that names the cause.
        hint: What to do.
    """

    def __init__(self, message: str, *, reason: str, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.reason = reason


class _NetworkError(Exception):
    """The network's part of a failure; its text is the reason."""


def cache_folder() -> Path:
    """Keras's folder for data sets, made: in `$KERAS_HOME`, else `~/.keras`; in `/tmp/.keras` where that cannot be.

    Raises:
        DataError: None of them can be made.
    """
    home = Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser()
    for folder in (home / "datasets", Path("/tmp/.keras/datasets")):  # noqa: S108  # Keras's own second choice
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK) or any(folder.iterdir()):
            return folder
    raise DataError(f"cannot create a folder for data sets at {home}", hint="set KERAS_HOME to a writable folder")


def fetch(file: RemoteFile, context: DataContext) -> Path:
    """Return the file in the cache; downloaded first where it is not there, or where another content is there.

    Proxies are taken from the environment. Ctrl-C works while waiting, and no thread or partial file stays in the way.

    Raises:
        DownloadError: No byte arrived for `context.patience` seconds, the server refused, or the content is not the
            published one.
        DataError: The cache cannot be written.
    """
    target = cache_folder() / file.name
    if _is_cached(file, target):
        return target
    context.emit(PhaseStarted(phase=Phase.DOWNLOADING, subject=f"{file.name} from {urlsplit(file.url).hostname}"))
    try:
        _download(file, target, context.patience)
    except _NetworkError as error:
        raise _failure(file, target, str(error)) from error
    except OSError as error:
        raise DataError(
            f"{shown(target)} cannot be written: {error.strerror}",
            hint="free some space, or set KERAS_HOME to another folder",
        ) from error
    return target


def _failure(file: RemoteFile, target: Path, reason: str) -> DownloadError:
    damaged = f"; the file at {target} differs from the published one" if target.is_file() else ""
    return DownloadError(
        f"{file.url} cannot be downloaded: {reason}{damaged}",
        reason=reason,
        hint=f"check the network or the proxy, put the file at {target} yourself, name a stand-in in the experiment "
        "(data: offline: Digits), or read a copy of your own with NPZ: {path: …}",
    )


def _download(file: RemoteFile, target: Path, patience: float) -> None:
    algorithm, expected = file.digest
    digest = hashlib.new(algorithm, usedforsecurity=False)
    size = 0
    target.parent.mkdir(parents=True, exist_ok=True)
    with replacing(target) as aside, aside.open("wb") as out:
        for chunk in _chunks(file.url, patience):
            out.write(chunk)
            digest.update(chunk)
            size += len(chunk)
        if digest.hexdigest() != expected:
            raise _NetworkError(f"what arrived ({size:,} bytes) is not the published file")


def _chunks(url: str, patience: float) -> Iterator[bytes]:
    """Yield the content in pieces. A thread reads it, because looking up a name cannot be timed out otherwise."""
    arrivals: queue.SimpleQueue[bytes | Exception] = queue.SimpleQueue()
    abandoned = threading.Event()
    threading.Thread(target=_receive, args=(url, patience, arrivals, abandoned), daemon=True).start()
    try:
        while True:
            try:
                arrival = arrivals.get(timeout=patience)
            except queue.Empty:
                arrival = TimeoutError()
            if isinstance(arrival, Exception):
                raise _NetworkError(_reason(arrival, patience)) from arrival
            if not arrival:
                return
            yield arrival
    finally:
        abandoned.set()


def _receive(
    url: str, patience: float, arrivals: queue.SimpleQueue[bytes | Exception], abandoned: threading.Event
) -> None:
    from urllib.error import HTTPError
    from urllib.request import build_opener  # with TLS, 6 ms that `validate` need not pay

    try:
        with build_opener().open(url, timeout=patience) as response:
            chunk = b"not yet the end"
            while chunk and not abandoned.is_set():
                chunk = response.read1(_CHUNK)  # read() would wait until the chunk is full
                arrivals.put(chunk)
    except Exception as error:  # noqa: BLE001  # whatever it is, it is raised again where the chunks are read
        if isinstance(error, HTTPError):
            error.close()  # it holds the connection
        arrivals.put(error)


def _reason(error: Exception, patience: float) -> str:
    from urllib.error import HTTPError, URLError

    if isinstance(error, HTTPError):
        return f"the server answered {error.code} {error.reason}"
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, TimeoutError):
        return f"no data received for {patience:g} seconds"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror.lower()
    return str(cause) or type(cause).__name__


def _is_cached(file: RemoteFile, target: Path) -> bool:
    try:
        with target.open("rb") as content:
            algorithm, expected = file.digest
            return hashlib.file_digest(content, algorithm).hexdigest() == expected
    except OSError:
        return False
