"""Variables that nothing reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainctl.config.load import load

REST = """
data: {source: Iris}
model: {layers: [Dense: {units: %s, activation: softmax}]}
compile: {loss: sparse_categorical_crossentropy}
fit: {epochs: "${vars.epochs}"}
"""


def unread(folder: Path, variables: str, units: str = "3", base: str | None = None) -> list[str]:
    head = "" if base is None else "extends: base.yaml"
    if base is not None:
        (folder / "base.yaml").write_text(base)
    quoted = units if units == "3" else repr(units)
    (folder / "experiment.yaml").write_text(f"{head}\nvars: {variables}\n{REST % quoted}")
    found = load(str(folder / "experiment.yaml")).warnings
    return [each.message for each in found if each.code == "unused-variable"]


@pytest.mark.parametrize(
    ("variables", "units"),
    [
        ("{epochs: 2}", "3"),
        ("{epochs: 2, width: 3}", "${vars.width}"),
        ("{epochs: 2, width: 2}", "${vars.width + 1}"),
        ("{epochs: 2, sizes: [3]}", "${vars.sizes.0}"),
        ("{epochs: 2, a: {b: 3}}", "${vars.a.b}"),
        ("{epochs: 2, half: 1.5, width: '${vars.half * 2}'}", "${vars.width}"),
        ("{epochs: &a 2, width: &b 3}", "3"),
        ("{epochs: 2, my-width: 3}", "${vars.my-width}"),
        ("{epochs: 2, k: 1}", "${data.num_classes * vars.k}"),
    ],
)
def test_what_is_read_is_not_told(tmp_path: Path, variables: str, units: str) -> None:
    assert unread(tmp_path, variables, units) == []


def test_what_nothing_reads_is_told_at_its_key(tmp_path: Path) -> None:
    assert unread(tmp_path, "{epochs: 2, width: 3, widths: 4}", "${vars.width}") == ["nothing reads vars.widths"]


def test_a_base_may_offer_more_than_is_used(tmp_path: Path) -> None:
    assert unread(tmp_path, "{epochs: 2}", base="vars: {width: 5, depth: 2}\n") == []
