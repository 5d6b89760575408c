"""Downloads from a server that behaves badly in every way that has been seen."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from trainctl.components.context import DataContext
from trainctl.errors import DataError
from trainctl.events import Event, Phase, PhaseStarted
from trainctl.sources.reading.download import DownloadError, RemoteFile, cache_folder, fetch

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = bytes(range(256)) * 1000
Answer = Callable[[BaseHTTPRequestHandler, threading.Event], None]


@contextmanager
def server(answer: Answer) -> Iterator[str]:
    """A real HTTP server that gives `answer`; yields the URL of its only file."""
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self, over)

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        threading.Thread(target=httpd.serve_forever, args=[0.02], daemon=True).start()
        try:
            yield f"http://127.0.0.1:{httpd.server_port}/file.bin"
        finally:
            over.set()
            httpd.shutdown()


def send(content: bytes, length: int | None = None) -> Answer:
    def answer(handler: BaseHTTPRequestHandler, over: threading.Event) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content) if length is None else length))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def stall_after(content: bytes) -> Answer:
    def answer(handler: BaseHTTPRequestHandler, over: threading.Event) -> None:
        send(content, length=len(CONTENT))(handler, over)
        handler.wfile.flush()
        over.wait(20)

    return answer


def refuse(handler: BaseHTTPRequestHandler, over: threading.Event) -> None:
    handler.send_error(403)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("no_proxy", "*")
    return tmp_path / "keras" / "datasets"


def remote(url: str) -> RemoteFile:
    return RemoteFile("file.bin", url, hashlib.sha256(CONTENT).hexdigest())


def context(events: list[Event] | None = None, patience: float = 0.3) -> DataContext:
    return DataContext(emit=(events if events is not None else []).append, patience=patience)


def test_a_file_is_fetched_once_and_then_taken_from_the_cache(own_cache: Path) -> None:
    events: list[Event] = []
    with server(send(CONTENT)) as url:
        path = fetch(remote(url), context(events, patience=10))
    again = fetch(remote(url), context(events))  # the server is gone

    assert path == again == own_cache / "file.bin"
    assert path.read_bytes() == CONTENT
    assert [(event.phase, event.subject) for event in events if isinstance(event, PhaseStarted)] == [
        (Phase.DOWNLOADING, "file.bin from 127.0.0.1")
    ]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (stall_after(b""), "no data received for 0.3 seconds"),
        (stall_after(CONTENT[:1000]), "no data received for 0.3 seconds"),
        (refuse, "the server answered 403 Forbidden"),
        (send(b"<html>please log in</html>"), "what arrived (26 bytes) is not the published file"),
        (send(CONTENT[:1000], length=len(CONTENT)), "what arrived (1,000 bytes) is not the published file"),
    ],
    ids=["silent", "stalls midway", "refuses", "garbage", "breaks off"],
)
def test_a_bad_server_is_a_download_error_and_leaves_nothing_behind(
    answer: Answer, reason: str, own_cache: Path
) -> None:
    with server(answer) as url, pytest.raises(DownloadError) as caught:
        fetch(remote(url), context())

    assert caught.value.reason == reason
    assert caught.value.exit_code == DataError.exit_code == 4
    assert str(own_cache / "file.bin") in str(caught.value.hint)
    assert "offline: Digits" in str(caught.value.hint)
    assert list(own_cache.iterdir()) == []


def test_a_server_that_does_not_even_answer_the_request() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, pytest.raises(DownloadError, match="no data received"):
        fetch(remote(f"http://127.0.0.1:{listening.getsockname()[1]}/file.bin"), context())


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(DownloadError, match="connection refused"):
        fetch(remote(f"http://127.0.0.1:{port}/file.bin"), context(patience=10))


def test_a_name_that_is_never_resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: over.wait(20) and [])
    with pytest.raises(DownloadError, match=r"no data received for 0\.3 seconds"):
        fetch(remote("http://example.invalid/file.bin"), context())
    over.set()


def test_a_proxy_that_refuses_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "")
    with server(refuse) as url:
        monkeypatch.setenv("http_proxy", url.removesuffix("/file.bin"))
        with pytest.raises(DownloadError, match="403"):
            fetch(remote("http://example.invalid/file.bin"), context(patience=10))


def test_a_damaged_file_in_the_cache_is_replaced(own_cache: Path) -> None:
    own_cache.mkdir(parents=True)
    (own_cache / "file.bin").write_bytes(CONTENT[:1000])
    with server(send(CONTENT)) as url:
        assert fetch(remote(url), context(patience=10)).read_bytes() == CONTENT


def test_a_damaged_file_in_the_cache_stays_and_is_named_when_the_network_is_away(own_cache: Path) -> None:
    own_cache.mkdir(parents=True)
    (own_cache / "file.bin").write_bytes(b"precious")
    with server(refuse) as url, pytest.raises(DownloadError, match=r"file\.bin differs from the published one"):
        fetch(remote(url), context())
    assert (own_cache / "file.bin").read_bytes() == b"precious"


def test_a_target_that_cannot_be_written_is_a_data_error(own_cache: Path) -> None:
    (own_cache / "file.bin").mkdir(parents=True)
    with server(send(CONTENT)) as url, pytest.raises(DataError, match="cannot be written") as caught:
        fetch(remote(url), context(patience=10))
    assert not isinstance(caught.value, DownloadError)


def test_ctrl_c_works_while_waiting(tmp_path: Path) -> None:
    program = textwrap.dedent("""
        import signal, sys
        from trainctl.components.context import DataContext
        from trainctl.sources.reading.download import RemoteFile, fetch
        context = DataContext(emit=lambda event: print("waiting", flush=True), patience=60)
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell ignores it for what it starts with &
        fetch(RemoteFile("file.bin", sys.argv[1], ""), context)
    """)
    with server(stall_after(b"some")) as url:
        process = subprocess.Popen(
            [sys.executable, "-c", program, url],
            env={**os.environ, "KERAS_HOME": str(tmp_path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "waiting\n"
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=20)
    assert stderr.rstrip().endswith("KeyboardInterrupt")
    assert list((tmp_path / "datasets").iterdir()) == []


@pytest.mark.tf
def test_the_cache_is_keras_s() -> None:
    program = textwrap.dedent("""
        import trainctl.backend, keras, pathlib
        from trainctl.sources.reading.download import cache_folder
        print(cache_folder() == pathlib.Path(keras.src.backend.config.keras_home()) / "datasets")
    """)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"


def test_without_keras_home_the_cache_is_in_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".keras" / "datasets"
