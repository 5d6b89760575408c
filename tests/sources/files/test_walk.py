"""Files at any depth, and the words for many of them."""

from __future__ import annotations

from pathlib import Path

from trainctl.sources.files.walk import FileTest, endings, first_of, is_broken, is_no, listed, unused_folders, walk


def test_hidden_files_are_left_out(tmp_path: Path) -> None:
    for name in ("b/2.txt", "a/1.txt", ".git/x", "a/.DS_Store", "__MACOSX/a/1.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert [file.relative_to(tmp_path).as_posix() for file in walk(tmp_path)] == ["a/1.txt", "b/2.txt"]
    assert list(unused_folders(tmp_path, {"train": tmp_path / "a"})) == [f"{tmp_path}: b is not used"]


def test_an_ending_is_believed_and_others_are_looked_into() -> None:
    test = FileTest("text", frozenset({".txt"}), lambda file: file.name == "README")
    assert [test(Path(name)) for name in ("a.TXT", "README", "b.bin")] == [True, True, False]


def test_words_for_many() -> None:
    assert first_of(["a", "b"], 2) == "a; b"
    assert first_of(map(str, range(25)), 25).endswith("; 19; and 5 more")
    assert endings([Path("a.md"), Path("b.MD"), Path("c")]) == ".md 2, no ending 1"
    assert listed([str(each) for each in range(12)]) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more"
    assert (is_no(1, "image"), is_no(2, "text")) == ("is not an image and is", "are not texts and are")


def test_links_that_lead_back_or_nowhere(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.txt").touch()
    (tmp_path / "a" / "back").symlink_to(tmp_path)
    (tmp_path / "a" / "gone.txt").symlink_to(tmp_path / "nothing")
    assert [file.name for file in walk(tmp_path)] == ["1.txt", "gone.txt"]
    assert [is_broken(file) for file in walk(tmp_path)] == [False, True]
