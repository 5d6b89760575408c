"""RemoteMonitor against a real HTTP server: what arrives there, and what its failures do to training."""

from __future__ import annotations

import json
import math
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from workplace import Trained, Workplace

from trainctl.events import Event

pytestmark = pytest.mark.tf

SECRET = "s3cret-of-the-monitor"


@dataclass
class Server:
    """What a server was sent."""

    root: str
    requests: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    """Path, headers and body of each."""


@contextmanager
def serving(status: int = 200, wait: Callable[[], object] = lambda: None) -> Iterator[Server]:
    """A server that waits, then answers every POST with `status`."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            received.requests.append((self.path, dict(self.headers), body))
            wait()
            try:
                self.send_response(status)
                self.end_headers()
            except OSError:  # the client has given up
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    received = Server(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def train(workplace: Workplace, root: str, **arguments: Any) -> Trained:
    return workplace.train(callbacks=[{"RemoteMonitor": {"root": root, **arguments}}])


def sent(run: Trained) -> list[dict[str, float]]:
    """What each epoch has to send: Keras counts epochs from 0."""
    kept = ("loss", "accuracy", "val_loss", "val_accuracy")
    return [{"epoch": n, **{key: line[key] for key in kept}} for n, line in enumerate(run.history)]


def test_a_form(workplace: Workplace) -> None:
    with serving() as server:
        run = train(workplace, server.root, field="metrics", path="/here/")
    assert [path for path, *_ in server.requests] == ["/here/", "/here/"]
    bodies = [json.loads(parse_qs(body)["metrics"][0]) for *_, body in server.requests]
    assert bodies == [pytest.approx(each) for each in sent(run)]
    assert run.notices("RemoteMonitor") == []


def test_json_with_headers_that_stay_secret(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONITOR_TOKEN", SECRET)
    with serving() as server:
        headers = {"Authorization": "Bearer ${env:MONITOR_TOKEN}"}
        run = train(workplace, server.root, send_as_json=True, headers=headers)
    assert [json.loads(body) for *_, body in server.requests] == [pytest.approx(each) for each in sent(run)]
    assert all(headers["Authorization"] == f"Bearer {SECRET}" for _, headers, _ in server.requests)
    assert all(headers["Content-Type"] == "application/json" for _, headers, _ in server.requests)
    assert_nowhere(SECRET, workplace, run)


@pytest.mark.parametrize("send_as_json", [True, False])
def test_what_is_no_number_is_null(send_as_json: bool) -> None:
    from trainctl.components.callbacks.remote_monitor_keras import PatientRemoteMonitor

    told: list[Event] = []
    with serving() as server:
        monitor = PatientRemoteMonitor(told.append, "there", 5.0, root=server.root, send_as_json=send_as_json)
        monitor.on_epoch_end(0, {"loss": math.nan})
    ((_, _, body),) = server.requests
    assert json.loads(body if send_as_json else parse_qs(body)["data"][0]) == {"epoch": 0, "loss": None}
    assert told == []


def test_a_server_that_errs_is_told_once(workplace: Workplace) -> None:
    with serving(status=503) as server:
        run = train(workplace, server.root)
    assert len(server.requests) == len(run.history) == 2
    assert run.notices("RemoteMonitor") == [
        f"{server.root} answered 503 Service Unavailable; training continues, and this is reported once"
    ]


def test_a_slow_server_is_waited_for_no_longer_than_the_timeout(workplace: Workplace) -> None:
    hold = threading.Event()
    try:
        with serving(wait=hold.wait) as server:
            run = train(workplace, server.root, timeout=0.2)
            hold.set()
    finally:
        hold.set()
    assert len(run.history) == 2
    assert run.notices("RemoteMonitor") == [
        f"{server.root} did not answer within 0.2 s; training continues, and this is reported once"
    ]


def test_nobody_there(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address is a secret too where it comes from the environment."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and not listened on: every connection is refused
        address = f"http://user:{SECRET}@127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setenv("MONITOR_URL", address)
        run = train(workplace, "${env:MONITOR_URL}")
    assert len(run.history) == 2
    (notice,) = run.notices("RemoteMonitor")
    assert notice.startswith("${env:MONITOR_URL} cannot be reached")
    assert_nowhere(SECRET, workplace, run)


def assert_nowhere(secret: str, workplace: Workplace, run: Trained) -> None:
    """Neither on the screen nor in any file."""
    assert secret not in run.stdout + run.stderr
    files = [path for path in Path(workplace.folder).rglob("*") if path.is_file()]
    assert run.directory / "resolved.yaml" in files
    assert [path for path in files if secret.encode() in path.read_bytes()] == []
