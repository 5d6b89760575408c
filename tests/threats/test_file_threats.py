"""A stranger's files hang nothing, fill no memory, drive no terminal, and hide no mistake in the files beside them."""

from __future__ import annotations

import io
import json
import os
import random
import resource
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from workplace import Workplace

from trainctl.components.context import DataContext
from trainctl.config.load import load
from trainctl.errors import DataError
from trainctl.jobs.data_errors import look

ESCAPES = "\x1b]0;owned\x07\x1b[2J\u202e"
CLASSES = {"model": {"layers": ["Flatten", {"Dense": {"units": 3, "activation": "softmax"}}]}}
RECORD = {"features": {"x": {"dtype": "float32", "shape": [2]}, "y": {"dtype": "int64", "shape": []}}, "label": "y"}
SOURCES: dict[str, dict[str, Any]] = {
    "CSV": {"path": "{}", "label": "y"},
    "Parquet": {"path": "{}", "label": "y"},
    "NPZ": {"path": "{}"},
    "NPY": {"x": "{}", "y": "y.npy"},
    "TFRecord": {"path": "{}", **RECORD},
}


def refused(workplace: Workplace, source: str, path: str) -> DataError:
    """The error with which the data is refused, before TensorFlow is waited for or as it is read."""
    arguments = {
        key: value.replace("{}", path) if isinstance(value, str) else value for key, value in SOURCES[source].items()
    }
    config = workplace.write(**CLASSES, data={"source": {source: arguments}})
    np.save(workplace.folder / "y.npy", np.zeros(4, np.int64))
    loaded = load(str(config))
    try:
        look(loaded)
        loaded.experiment.data.source.load(DataContext(lambda _event: None))
    except DataError as error:
        return error
    pytest.fail("the data was read")


@pytest.mark.claim("D1")
@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("kind", ["pipe", "/dev/zero", "/proc/self/environ", "link to /dev/zero"])
def test_what_never_ends_is_not_read(workplace: Workplace, source: str, kind: str) -> None:
    path = workplace.folder / "data"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind.startswith("link"):
        path.symlink_to("/dev/zero")
    named = kind if kind.startswith("/") else str(path)
    assert "is not a regular file" in str(refused(workplace, source, named))


@pytest.mark.claim("D1")
@pytest.mark.parametrize("name", ["a.png", "a.txt"])
def test_a_pipe_in_a_folder_is_no_sample(workplace: Workplace, name: str) -> None:
    for letter in "ab":
        (workplace.folder / "data" / letter).mkdir(parents=True)
        os.mkfifo(workplace.folder / "data" / letter / name)
    source = (
        {"ImageFolder": {"path": "data", "image_size": [8, 8]}}
        if name.endswith("png")
        else {"TextFolder": {"path": "data"}}
    )
    loaded = load(str(workplace.write(**CLASSES, data={"source": source})))
    with pytest.raises(DataError):
        loaded.experiment.data.source.load(DataContext(lambda _event: None))


def header(count: int) -> bytes:
    text = io.BytesIO()
    np.lib.format.write_array_header_1_0(text, {"descr": "<f8", "fortran_order": False, "shape": (count,)})
    return text.getvalue()


@pytest.mark.claim("D2")
@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("count", [25_000_000_000, 10**15])
def test_an_array_that_claims_186_gib(workplace: Workplace, count: int, compression: int) -> None:
    with zipfile.ZipFile(workplace.folder / "big.npz", "w", compression) as archive:
        for name in ("x.npy", "y.npy"):
            archive.writestr(name, header(count) + b"\0" * 800)
    (workplace.folder / "big.npy").write_bytes(header(count) + b"\0" * 800)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for source in ("NPZ", "NPY"):
        assert "its header announces" in str(refused(workplace, source, f"big.{source.lower()}"))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500 * 1024  # kilobytes


@pytest.mark.claim("D3")
def test_a_table_of_200_000_columns(workplace: Workplace) -> None:
    """Names are looked up in a set: nothing grows with the square of their number."""
    from trainctl.sources.table.delimited import read_header

    path = workplace.folder / "wide.csv"
    path.write_text(",".join(f"c{number}" for number in range(200_000)) + "\n")
    assert len(read_header(path)) == 200_000
    path.write_text(",".join(f"c{number}" for number in range(200_000)) + ",c7\n")
    with pytest.raises(DataError, match="the column 'c7' appears twice"):
        read_header(path)


def damaged(name: str, draw: random.Random) -> bytes:
    garbage = draw.randbytes(draw.choice([0, 1, 7, 100, 5000]))
    return {
        "Parquet": b"PAR1" + garbage + struct.pack("<I", draw.choice([0, 8, 2000, 2**31 - 1])) + b"PAR1",
        "TFRecord": struct.pack("<Q", draw.choice([0, 16, 2**40, 2**63])) + garbage,
        "NPZ": b"PK\x03\x04" + garbage,
        "NPY": b"\x93NUMPY\x01\x00" + garbage,
        "CSV": b"y,x\n" + garbage,
    }[name]


@pytest.mark.claim("D4")
@pytest.mark.parametrize("source", ["Parquet", "TFRecord", "NPZ", "NPY"])
@pytest.mark.parametrize("seed", range(12))
def test_garbage_is_an_error_of_the_data(workplace: Workplace, source: str, seed: int) -> None:
    (workplace.folder / "data").write_bytes(damaged(source, random.Random(seed)))
    assert refused(workplace, source, "data").exit_code == 4


@pytest.mark.claim("C6")
@pytest.mark.parametrize("kind", ["pipe", "device", "environ", "large", "NUL", "link to a device"])
def test_a_bad_config_does_not_hide_the_others(workplace: Workplace, kind: str) -> None:
    bad, good = workplace.folder / "bad.yaml", workplace.write("good.yaml")
    makes: dict[str, Callable[[], object]] = {
        "pipe": lambda: os.mkfifo(bad),
        "link to a device": lambda: bad.symlink_to("/dev/zero"),
        "large": lambda: bad.write_bytes(b"\0" * 9 * 2**20),
        "NUL": lambda: bad.write_bytes(b"a: \0"),
    }
    makes.get(kind, lambda: None)()
    named = {"device": "/dev/zero", "environ": "/proc/self/environ"}.get(kind, str(bad))
    ended = workplace.call("validate", named, str(good))
    assert ended.exit_code in {2, 3}
    assert f"{good}: ok" in ended.stdout
    assert len(ended.stderr) < 2000


@pytest.mark.claim("C7")
@pytest.mark.parametrize("path", ["/proc/self/environ", "/proc/self/cwd/../environ", "link"])
@pytest.mark.parametrize("key", ["extends", "data"])
def test_the_environment_of_the_process_is_not_quoted(workplace: Workplace, path: str, key: str) -> None:
    workplace.environ["HUSH_TOKEN"] = "hush-4711"
    (workplace.folder / "link").symlink_to("/proc/self/environ")
    sections = {"extends": path} if key == "extends" else {"data": {"source": {"CSV": {"path": path, "label": "y"}}}}
    config = workplace.write(**sections)
    for command in ("validate", "run"):
        ended = workplace.call(command, str(config))
        assert "hush" not in ended.stderr + ended.stdout
    assert ended.exit_code in {3, 4}


@pytest.mark.claim("C8")
@pytest.mark.parametrize("name", ["a\0b.csv", "/tmp/a\0b.csv", ".reserve", "run.json", "./.reserve", "snapshots/x.csv"])
def test_an_output_of_a_name_that_is_not_its_own(workplace: Workplace, name: str) -> None:
    ended = workplace.call("validate", str(workplace.write(callbacks=[{"CSVLogger": {"filename": name}}])))
    assert ended.exit_code == 3
    assert "error[output-path]" in ended.stderr


@pytest.mark.claim("R10")
@pytest.mark.parametrize("command", [("runs",), ("runs", "show", "{run}"), ("resume", "{run}"), ("evaluate", "{run}")])
def test_a_run_drives_no_terminal(workplace: Workplace, command: tuple[str, ...]) -> None:
    directory = workplace.folder / "runs" / "small" / "20260101-000000-abcdef"
    directory.mkdir(parents=True)
    evil: dict[str, Any] = {
        key: f"{key}{ESCAPES}" for key in ("run_id", "name", "config", "device", "started", "status", "host")
    }
    evil |= {"overrides": [ESCAPES], "metrics": {ESCAPES: 1.0}, "error": {"message": ESCAPES}, "seed": 1}
    evil |= {
        "sessions": [{}, {"started": ESCAPES, "resumed": ESCAPES}],
        "forked_from": {"place": ESCAPES, "run_id": ESCAPES},
    }
    evil |= {"callback_seconds": {ESCAPES: 1.0}, "imports": [{"name": ESCAPES, "file": f"/x{ESCAPES}", "sha256": ""}]}
    (directory / "run.json").write_text(json.dumps(evil))
    (directory / "metrics.jsonl").write_text(json.dumps({"epoch": 1, ESCAPES: ESCAPES}) + "\n")
    (directory / "resolved.yaml").write_text("x: 1\n")
    ended = workplace.call(*(each.format(run=directory) for each in command))
    assert ended.exit_code in {0, 7}, ended.stderr
    for character in ("\x1b", "\x07", "\u202e"):
        assert character not in ended.stdout + ended.stderr


@pytest.mark.claim("C9")
def test_no_text_of_a_file_is_a_workflow_command(workplace: Workplace) -> None:
    from trainctl import events
    from trainctl.ui.github import GithubDisplay

    out, err = io.StringIO(), io.StringIO()
    display = GithubDisplay(out, err)
    command = "::warning file=x::owned"
    finished = events.RunFinished(
        status="done", exit_code=0, epochs=1, seconds=1, directory="runs/x", metrics={command: 1.0}
    )
    display(events.CallbackNotice(callback=command, message=command))
    display(finished)
    commands = [line for line in (err.getvalue() + out.getvalue()).splitlines() if line.lstrip().startswith("::")]
    assert [line[:9] for line in commands] == ["::notice "]
    path = workplace.folder / f"{command}.yaml"
    path.write_text("x: 1\n")
    ended = workplace.call("validate", path.name, "--format", "github")
    assert not [line for line in ended.stderr.splitlines() if line.lstrip().startswith("::")]
