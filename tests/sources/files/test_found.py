"""Samples leave a split with any of their files, and every file and label is in the fingerprint."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from trainctl.sources.files.found import ONLY, FoundFiles, FoundSplits, fingerprint_of


def files(*names: str) -> tuple[Path, ...]:
    return tuple(map(Path, names))


def test_samples_leave_with_any_of_their_files() -> None:
    found = FoundFiles(
        {"left": files("a", "b", "c"), "right": files("d", "e", "f")},
        np.array([0, 1, 2]),
        weight=np.array([1.0, 2.0, 3.0]),
        extra={"group": np.array(["x", "y", "z"], object)},
    )
    left = found.without({Path("b"), Path("f")})
    assert list(left.every()) == [*files("a", "d")]
    assert np.asarray(left.labels).tolist() == [0]
    assert (left.weight.tolist(), left.extra["group"].tolist()) == ([1.0], ["x"])
    assert found.without({Path("q")}) is found


def test_an_answer_is_one_of_the_files() -> None:
    found = FoundFiles({ONLY: files("a", "b")}, None, files("ma", "mb"))
    left = found.without({Path("ma")})
    assert (left.files, left.answers) == (files("b"), files("mb"))
    gone = FoundSplits(found, validation=FoundFiles({ONLY: files("a")}, None, files("ma"))).without({Path("ma")})
    assert (len(gone.train), gone.validation) == (1, None)


def test_the_fingerprint_is_of_files_answers_and_labels(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    (tmp_path / "m").write_text("m")

    def print_of(label: int = 0) -> str:
        answered = FoundFiles({ONLY: (tmp_path / "a",)}, np.array([label]), (tmp_path / "m",))
        return fingerprint_of(FoundSplits(answered))

    before = print_of()
    assert print_of() == before
    assert print_of(label=1) != before
    (tmp_path / "m").write_text("n")
    assert print_of() != before
