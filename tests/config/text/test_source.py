"""Reading experiment files."""

import os
from pathlib import Path

import pytest

from trainctl import limits
from trainctl.config.text.source import read_config
from trainctl.errors import ConfigError, UsageError


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_source_knows_its_name_and_its_folder(here: Path) -> None:
    (here / "sub").mkdir()
    (here / "sub" / "a.yaml").write_text("a: 1\n")
    source = read_config("sub/a.yaml")
    assert (source.name, source.directory, source.path) == ("sub/a.yaml", here / "sub", here / "sub" / "a.yaml")


def test_the_byte_order_mark_is_no_character(here: Path) -> None:
    (here / "a.yaml").write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_config("a.yaml").text == "a: 1\n"


def test_utf8_is_read_whatever_the_locale(here: Path) -> None:
    (here / "a.yaml").write_bytes("a: größer 数\n".encode())
    assert read_config("a.yaml").text == "a: größer 数\n"


def test_a_missing_file_names_its_neighbour(here: Path) -> None:
    (here / "mnist.yaml").touch()
    with pytest.raises(UsageError) as caught:
        read_config("minst.yaml")
    assert caught.value.hint == "did you mean 'mnist.yaml'?"


def test_a_file_in_no_folder() -> None:
    with pytest.raises(UsageError) as caught:
        read_config("nowhere/a.yaml")
    assert caught.value.hint is not None
    assert "the directory 'nowhere' does not exist" in caught.value.hint


def test_a_directory_names_a_file_in_it(here: Path) -> None:
    (here / "configs").mkdir()
    (here / "configs" / "b.yml").touch()
    with pytest.raises(UsageError, match="is a directory") as caught:
        read_config("configs")
    assert caught.value.hint == "name a file in it, such as configs/b.yml"


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read everything")
def test_an_unreadable_file(here: Path) -> None:
    (here / "a.yaml").touch(mode=0)
    with pytest.raises(UsageError, match="Permission denied"):
        read_config("a.yaml")


@pytest.mark.parametrize("name", ["a" * 300 + ".yaml", "a.yaml/b.yaml", "\0"])
def test_a_name_that_no_file_can_have(here: Path, name: str) -> None:
    (here / "a.yaml").touch()
    with pytest.raises(UsageError):
        read_config(name)


def test_a_file_as_large_as_allowed_is_read_and_a_larger_one_is_not(here: Path) -> None:
    path = here / "a.yaml"
    path.write_bytes(b"#" * limits.CONFIG_BYTES)
    assert len(read_config("a.yaml").text) == limits.CONFIG_BYTES
    path.write_bytes(b"#" * (limits.CONFIG_BYTES + 1))
    with pytest.raises(ConfigError, match="larger than 8 MiB"):
        read_config("a.yaml")


def test_a_large_file_in_a_multibyte_script_is_called_large_not_broken(here: Path) -> None:
    (here / "a.yaml").write_bytes("é".encode() * limits.CONFIG_BYTES)
    with pytest.raises(ConfigError, match="larger than"):
        read_config("a.yaml")


def test_the_byte_that_is_not_utf8_is_found(here: Path) -> None:
    (here / "a.yaml").write_bytes("ä: 1\nb: ö".encode() + b"\xff\n")
    with pytest.raises(ConfigError) as caught:
        read_config("a.yaml")
    [problem] = caught.value.diagnostics
    assert (str(problem.location), problem.message) == (
        "a.yaml:2:5",
        "the file is not UTF-8 text: invalid byte 0xff",
    )
