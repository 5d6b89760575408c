"""The value of an environment variable reaches neither disk nor screen, whatever prints or fails."""

from __future__ import annotations

import json
from typing import Any

import pytest
from traces import traces
from workplace import Ended, Workplace

SECRET = 'mArk3d/s3cret+of "mine"'
OWN = """
import base64, os, sys, urllib.parse, json
import keras
import trainctl

@trainctl.callback
class Leaky(keras.callbacks.Callback):
    def __init__(self, token: str, fail: bool = False) -> None:
        super().__init__()
        self.token, self.fail = token, fail

    def on_epoch_end(self, epoch, logs=None):
        print("python", self.token)
        print("in pieces: " + self.token[:7], end="", flush=True)
        print(self.token[7:], flush=True)
        sys.stderr.write("url " + urllib.parse.quote(self.token) + "\\n")
        os.write(2, b"C++ " + self.token[:3].encode())
        os.write(2, self.token[3:].encode() + b"\\n")
        os.write(1, b"base64 " + base64.b64encode(b"user:" + self.token.encode()) + b"\\n")
        os.system("echo child $LEAKY_TOKEN")
        print(json.dumps({"json": self.token}))
        if self.fail:
            raise RuntimeError(f"no access with {self.token}")
"""


@pytest.fixture
def marked(workplace: Workplace) -> Workplace:
    workplace.environ["LEAKY_TOKEN"] = SECRET
    return workplace


def left(workplace: Workplace, *ended: Ended) -> list[str]:
    """The traces, but for what the test itself wrote."""
    return traces(SECRET, workplace.folder, *ended)


@pytest.mark.tf
@pytest.mark.claim("S3")
@pytest.mark.parametrize("fail", [False, True])
def test_nothing_that_code_prints_or_raises(marked: Workplace, fail: bool) -> None:
    (marked.folder / "own.py").write_text(OWN)
    callbacks: list[dict[str, Any]] = [
        {"Leaky": {"token": "${env:LEAKY_TOKEN}", "fail": fail}},
        {"LambdaCallback": {"on_epoch_end": "print('with ${vars.shown}')"}},
        {
            "RemoteMonitor": {
                "root": "http://user:${env:LEAKY_TOKEN}@127.0.0.1:9",
                "headers": {"X": "${env:LEAKY_TOKEN}"},
            }
        },
    ]
    variables = {"shown": "${env:LEAKY_TOKEN}"}
    config = marked.write(callbacks=callbacks, vars=variables, description="uses ${env:LEAKY_TOKEN}")
    options = ("--import", "own.py", "--debug", "--json", "-s", "fit.epochs=1")
    ended = marked.call("run", str(config), *options)
    assert ended.exit_code == (6 if fail else 0), ended.stderr
    (directory,) = marked.runs()
    log = (directory / "console.log").read_text()
    for word in ("python ", "in pieces: ", "url ", "C++ ", "child "):
        assert f"{word}${{env:LEAKY_TOKEN}}" in log
    assert left(marked, ended) == []
    shown = marked.call("runs", "show", str(directory))
    assert (
        left(marked, shown, marked.call("runs", "--json"), marked.call("explain", str(config), "--import", "own.py"))
        == []
    )
    if not fail:
        evaluated = marked.call("evaluate", str(directory), "--json")
        assert evaluated.exit_code == 0, evaluated.stderr
        assert left(marked, evaluated) == []


PLACES: dict[str, dict[str, Any]] = {
    "a missing data file": {"data": {"source": {"CSV": {"path": "${env:LEAKY_TOKEN}/x.csv", "label": "y"}}}},
    "a missing folder": {
        "data": {"source": {"ImageFolder": {"path": "data/${env:LEAKY_TOKEN}", "image_size": [8, 8]}}}
    },
    "a missing array": {"data": {"source": {"NPZ": {"path": "${env:LEAKY_TOKEN}.npz"}}}},
    "a name that is unknown": {"callbacks": ["${env:LEAKY_TOKEN}"]},
    "a number": {"fit": {"epochs": "${env:LEAKY_TOKEN}"}},
    "a choice": {"execution": {"precision": "${env:LEAKY_TOKEN}"}},
    "a layer's argument": {"model": {"layers": [{"Dense": {"units": "${env:LEAKY_TOKEN}"}}]}},
    "an activation": {"model": {"layers": [{"Dense": {"units": 3, "activation": "${env:LEAKY_TOKEN}"}}]}},
    "an expression": {"callbacks": [{"LearningRateScheduler": {"schedule": "lr * ${env:LEAKY_TOKEN}"}}]},
    "a monitor": {"callbacks": [{"EarlyStopping": {"monitor": "${env:LEAKY_TOKEN}"}}]},
    "an output": {"callbacks": [{"CSVLogger": {"filename": "../${env:LEAKY_TOKEN}"}}]},
    "a key": {"callbacks": [{"LambdaCallback": {"${env:LEAKY_TOKEN}": "print(1)"}}]},
    "another run": {"model": {"layers": [{"Saved": {"run": "${env:LEAKY_TOKEN}"}}]}},
}


@pytest.mark.claim("S4")
@pytest.mark.parametrize("format_", ["lines", "jsonl", "github", "rich"])
@pytest.mark.parametrize("place", PLACES)
def test_no_error_shows_it(marked: Workplace, place: str, format_: str) -> None:
    config = marked.write(**PLACES[place])
    ended = [marked.call(command, str(config), "--format", format_, "--debug") for command in ("validate", "run")]
    assert ended[1].exit_code not in {0, 1}, ended[1].stderr
    assert left(marked, *ended) == []


@pytest.mark.claim("S4")
def test_a_long_secret_is_not_shown_in_part(marked: Workplace) -> None:
    marked.environ["LEAKY_TOKEN"] = "".join(f"x{number}" for number in range(100))
    ended = marked.call("validate", str(marked.write(fit={"epochs": "${env:LEAKY_TOKEN}"})))
    assert ended.exit_code == 3
    assert "x1x2x3" not in ended.stderr + ended.stdout


@pytest.mark.claim("S5")
@pytest.mark.parametrize(
    "override",
    [
        "vars.api_key={}",
        "vars.credentials={{user: {}}}",
        "callbacks.RemoteMonitor.headers.Authorization={}",
        "callbacks.RemoteMonitor.headers={{X-Token: {}}}",
    ],
)
def test_a_secret_given_on_the_command_line(marked: Workplace, override: str) -> None:
    value = json.dumps(SECRET)
    source = {"CSV": {"path": "missing.csv", "label": "y"}}  # the run ends before TensorFlow is waited for
    monitor = {"RemoteMonitor": {"root": "http://127.0.0.1:9"}}
    config = marked.write(
        callbacks=[monitor], data={"source": source}, description="for ${vars.api_key}", vars={"api_key": "x"}
    )
    ended = marked.call("run", str(config), "-s", override.format(value), "--json")
    assert ended.exit_code == 4, ended.stderr
    assert len(marked.runs()) == 1
    assert left(marked, ended) == []


@pytest.mark.claim("S6")
def test_the_report_of_a_bug(marked: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    from trainctl.jobs import run as job

    def broken(*_: Any, **__: Any) -> None:
        raise KeyError(f"oh: {SECRET}")

    monkeypatch.setattr(job, "run", broken)
    config = marked.write(description="${env:LEAKY_TOKEN}")
    ended = marked.call("run", str(config), "--debug", "--json")
    assert ended.exit_code == 1
    reports = list(marked.folder.glob("cache/trainctl/bug-*.md"))
    assert len(reports) == 1
    assert "${env:LEAKY_TOKEN}" in reports[0].read_text()
    assert left(marked, ended) == []
