"""A report tells what a run directory holds, which may be a stranger's: nothing in it becomes markup, and nothing is run."""

from __future__ import annotations

import base64
import io
import json
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from workplace import Workplace

from trainctl.errors import RunDirError, UsageError
from trainctl.jobs.report import report
from trainctl.runs.store import read_run

BAD = "</script></title><img src=https://x/y onerror=alert(1)>\x00\x1b[31m\u202e'\""
TEXTS = re.compile(r"^(run_id|schema|status|time|started|ended|event)$")
EVALUATED = {
    "time": "2026-01-02T00:00:00Z",
    "split": BAD,
    "checkpoint": BAD,
    "data": BAD,
    "samples": 2,
    "metrics": {BAD: 0.5},
    "baseline": {BAD: {BAD: 0.1}},
    "confusion_matrix": {"labels": [BAD, BAD], "counts": [[1, 0], [0, 1]]},
    "per_class": [{BAD: BAD}],
    "mistakes": [{"row": 1, "label": BAD, "prediction": BAD, "probability": 0.9, "values": {BAD: BAD}}],
    "importance": {"score": BAD, "columns": [{"column": BAD, "mean": 0.1, "deviation": 0.0}]},
}
DETAILS = {
    "columns": {BAD: {"kind": BAD, "frequent": [[BAD, 1]], "use": BAD}},
    "inputs": {BAD: {"dtype": BAD, "shape": [2]}},
    "labels": {BAD: {"classes": {BAD: 1}}},
    "warnings": [{"code": BAD, "column": BAD, "text": BAD}],
}
RECORD = {
    "schema": 1,
    "run_id": "20260101-000000-abcdef",
    "name": BAD,
    "config": BAD,
    "status": "failed",
    "started": "2026-01-01T00:00:00Z",
    "ended": "2026-01-01T00:01:00Z",
    "host": BAD,
    "device": BAD,
    "platform": BAD,
    "majority": BAD,
    "seed": 1,
    "seconds": 1.0,
    "parameters": 3,
    "metrics": {BAD: 0.5, "val_loss": 0.4},
    "baseline": {BAD: {BAD: 0.1}, "val_loss": {BAD: 0.1}},
    "directions": {BAD: "min", "loss": "min"},
    "overrides": [BAD],
    "expectations": [{"metric": BAD, "op": BAD, "bound": 1.0, "value": 0.5, "met": False}],
    "data": {"source": BAD, "stand_in_for": BAD, "train_samples": BAD, "fingerprint": BAD, "details": DETAILS},
    "error": {"message": BAD, "hint": BAD},
    "sessions": [{"started": BAD, "resumed": BAD}, {"started": BAD, "resumed": BAD}],
    "stages": [{"number": 1, "first_epoch": 1, "name": BAD}, {"number": 2, "first_epoch": 2, "name": BAD}],
    "timing": {BAD: 1.0},
    "callback_seconds": {BAD: 1.0},
    "versions": {BAD: BAD},
    "switches": {BAD: BAD},
    "git": {BAD: BAD},
    "execution": {BAD: {"value": BAD, "reason": BAD}},
    "imports": [{"name": BAD}],
    "forked_from": {"run_id": BAD, "directory": BAD, "place": BAD},
    "model": {"name": BAD, "nodes": [{"name": BAD, "layer": BAD, "within": [BAD], "shape": [BAD]}], "node_count": 1},
}


def small_image() -> str:
    written = io.BytesIO()
    Image.new("L", (4, 4)).save(written, "PNG")
    return base64.b64encode(written.getvalue()).decode()


def made(folder: Path, record: Mapping[str, Any] = RECORD, evaluated: Mapping[str, Any] = EVALUATED) -> Path:
    """A run directory in which every text is a stranger's."""
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps(record))
    (folder / "metrics.jsonl").write_text(
        "".join(
            json.dumps({"epoch": epoch, BAD: 1.0, "val_loss": BAD if epoch == 2 else 0.5}) + "\n" for epoch in (1, 2, 3)
        )
    )
    (folder / "events.jsonl").write_text(json.dumps({"event": "Notice", "message": BAD}) + "\n")
    (folder / "notes.json").write_text(json.dumps({"tags": ["paper"], "note": BAD}))
    yaml = f"name: {json.dumps(BAD)}\nfit: {{epochs: 3}}\n"
    (folder / "experiment.yaml").write_text(yaml)
    (folder / "resolved.yaml").write_text(yaml)
    (folder / "evaluations").mkdir()
    (folder / "evaluations" / "20260102-000000-a.json").write_text(json.dumps(evaluated))
    return folder


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def require_harmless(page: str) -> None:
    tags = Tags(page).found
    assert [tag for tag, _ in tags if tag in {"script", "style", "title"}] == ["title", "style", "script"] or [
        tag for tag, attributes in tags if tag in {"script", "style", "link", "iframe", "object", "base"}
    ] == ["style", "script"]
    for tag, attributes in tags:
        assert not [name for name in attributes if name.startswith("on") or name == "style"], tag
        assert (attributes.get("src") or "data:image/png;base64,").startswith("data:image/png;base64,")
        assert (attributes.get("href") or "#").startswith("#")
    assert not any(ord(character) < 32 and character != "\n" for character in page)
    assert "\u202e" not in page


@pytest.mark.claim("R11")
def test_nothing_of_a_stranger_is_markup(tmp_path: Path) -> None:
    images = [small_image()]
    run = read_run(made(tmp_path / "runs" / "x" / "20260101-000000-abcdef", evaluated={**EVALUATED, "images": images}))
    result = report([run])
    page = result.path.read_text()
    require_harmless(page)
    assert page.count("<img ") == 1
    assert "damaged" not in page
    assert result.evaluations == ("from evaluations/20260102-000000-a.json, made 2026-01-02T00:00:00Z",)
    require_harmless(report([run, run], tmp_path / "both.html").path.read_text())


@pytest.mark.claim("R11")
@pytest.mark.parametrize("image", ["data:text/html,x", "PHN2Zz48L3N2Zz4=", "A" * 100_000])
def test_no_file_of_a_stranger_is_embedded_unchecked(tmp_path: Path, image: str) -> None:
    run = read_run(made(tmp_path / "runs" / "x" / "1", evaluated={**EVALUATED, "images": [image]}))
    assert "<img " not in report([run]).path.read_text()


@pytest.mark.parametrize("wrong", [5, "text", [1], {"a": {"a": [1]}}, None, float("inf"), True])
def test_records_of_another_shape_hide_no_other_part(tmp_path: Path, wrong: Any) -> None:
    """What `run.json` may hold without being refused as a whole."""
    free = {key: wrong for key in ("git", "versions", "switches", "model") if isinstance(wrong, dict) or key == "git"}
    record = {**RECORD, **free, "data": {**RECORD["data"], "details": wrong if isinstance(wrong, dict) else {}}}
    run = read_run(made(tmp_path / "runs" / "x" / "1", record, {"metrics": wrong}))
    (run.directory.metrics).write_text(json.dumps({"epoch": wrong, "loss": wrong}) + "\n")
    (run.directory.resolved).write_text("a: [")
    page = report([run], evaluates=False).path.read_text()
    require_harmless(page)
    assert "no evaluation: trainctl evaluate" in page
    assert "resolved.yaml cannot be read" in page


def test_files_elsewhere_are_not_replaced_unasked(tmp_path: Path) -> None:
    run = read_run(made(tmp_path / "runs" / "x" / "1"))
    output = tmp_path / "mine.html"
    output.write_text("mine")
    with pytest.raises(UsageError, match="exists already"):
        report([run], output)
    assert output.read_text() == "mine"
    assert report([run], output, overwrites=True).path == output
    with pytest.raises(UsageError, match="needs a file"):
        report([run, run])
    with pytest.raises(UsageError, match="is a folder"):
        report([run], tmp_path)
    outside = tmp_path / "outside"
    run.directory.report.symlink_to(outside)
    report([run])
    assert not outside.exists()
    assert not run.directory.report.is_symlink()


def test_a_place_that_cannot_be_written_is_told_before_the_evaluation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trainctl.jobs.report.evaluate", None)  # a call would fail
    run = read_run(made(tmp_path / "runs" / "x" / "1", evaluated={}))
    run.directory.model.touch()
    with pytest.raises(RunDirError, match=r"cannot write the report .*missing"):
        report([run], tmp_path / "missing" / "report.html")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(RunDirError, match="not a regular file"):
        report([run], tmp_path / "pipe", overwrites=True)


def test_an_older_evaluation_says_so(tmp_path: Path) -> None:
    old = {**EVALUATED, "time": "2025-01-01T00:00:00Z"}
    run = read_run(made(tmp_path / "runs" / "x" / "1", evaluated=old))
    (told,) = report([run], evaluates=False).evaluations
    assert "the run went on since" in told
    (told,) = report([run]).evaluations
    assert told == "no evaluation: the run has no final model"


def test_what_the_evaluation_is_of_stays_told(tmp_path: Path) -> None:
    """Also by the reports after the one that made it; and no other model's is shown for the one that is named."""
    made_of = {**EVALUATED, "checkpoint": "model.keras", "data_changed": True}
    run = read_run(made(tmp_path / "runs" / "x" / "1", evaluated=made_of))
    run.directory.model.touch()
    (told,) = report([run]).evaluations
    assert "the data had changed since the run" in told
    assert report([replace(run, checkpoint="last")]).evaluations == (told,)
    (run.directory.path / "best.keras").touch()
    checkpoints = {"best": {"file": "best.keras"}, "last": {"file": "model.keras"}}
    best = replace(run, checkpoint="best", record={**run.record, "checkpoints": checkpoints})
    (told,) = report([best], evaluates=False).evaluations
    assert told.startswith("no evaluation: trainctl evaluate")


def test_origins_of_a_run_that_extends_a_file(tmp_path: Path) -> None:
    folder = made(tmp_path / "runs" / "x" / "1", {**RECORD, "overrides": ["fit.epochs=9"]})
    (folder / "inputs").mkdir()
    (folder / "inputs" / "1-base.yaml").write_text(
        "fit:\n  epochs: 3\nvars: {loss: mse}\ncompile:\n  loss: ${vars.loss}\n"
    )
    (folder / "experiment.yaml").write_text("extends: ../base.yaml\ndata: {batch_size: 4, x: '${env:KEY}'}\n")
    (folder / "resolved.yaml").write_text(
        "seed: 5\nfit:\n  epochs: 9\ncompile: {loss: mse}\ndata: {batch_size: 4, shuffle: true, x: '${env:KEY}'}\n"
    )
    page = report([read_run(folder)]).path.read_text()
    rows = dict(re.findall(r'<th scope="row"> *(\w+: [^<]*)</th><td>([^<]*)</td>', page))
    assert rows["seed: 5"] == "drawn for this run"
    assert rows["epochs: 9"].startswith("--set #1")
    assert rows["loss: mse"] == "inputs/1-base.yaml:5:9, from ${vars.loss}, extended from experiment.yaml:1:10"
    assert rows["batch_size: 4"] == "experiment.yaml:2:20"
    assert rows["shuffle: true"] == "default"
    assert rows["x: ${env:KEY}"].startswith("experiment.yaml:2:")
    assert "3 from inputs/1-base.yaml:2:11" in page
    (folder / "inputs" / "1-base.yaml").unlink()
    assert "where the values come from is not known" in report([read_run(folder)]).path.read_text()


@pytest.mark.tf
def test_a_run_that_was_not_evaluated_is_evaluated_once(workplace: Workplace) -> None:
    trained = workplace.train(
        data={"source": "Digits", "limit": 60, "validation_split": 0.2}, model=DIGITS, fit={"epochs": 1}
    )
    run = read_run(trained.directory)
    first = report([run])
    page = first.path.read_text()
    require_harmless(page)
    assert "damaged" not in page
    assert first.evaluations == ("evaluated for this report",)
    assert page.count("<img ") == 10
    for text in (
        "Confusion matrix",
        "Worst mistakes",
        "flatten",
        "experiment.yaml:",
        "baseline",
        "importing TensorFlow",
    ):
        assert text in page
    (evaluation,) = trained.directory.glob("evaluations/*.json")
    assert report([run]).evaluations[0].startswith(f"from evaluations/{evaluation.name}")
    assert len(page) < 300_000


DIGITS = {"layers": ["Flatten", {"Dense": {"units": 10, "activation": "softmax"}}]}
