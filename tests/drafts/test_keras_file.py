"""A .keras file as data: other formats, damage and bombs are refused in words, and nothing of it is run."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from trainctl import limits
from trainctl.drafts.keras_file import read_keras_file
from trainctl.errors import DataError


def keras_file(folder: Path, **members: Any) -> Path:
    path = folder / "model.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_json", ".json").replace("_txt", ".txt"), content)
    return path


def test_model_version_and_vocabularies(tmp_path: Path) -> None:
    path = keras_file(
        tmp_path,
        config_json='{"class_name": "Sequential"}',
        metadata_json='{"keras_version": "3.15.1"}',
        assets__layers__lookup__vocabulary_txt="[UNK]\na\nb\n",
    )
    found = read_keras_file(path)
    assert (found.model, found.version) == ({"class_name": "Sequential"}, "3.15.1")
    assert found.vocabularies == {"layers/lookup": ("[UNK]", "a", "b")}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("model.keras", b"no zip at all", "is not a .keras file"),
        ("model.h5", b"\x89HDF\r\n\x1a\n...", "old format of Keras"),
        ("model.weights.h5", b"\x89HDF\r\n\x1a\n...", "holds weights only"),
        ("model.keras", b"PK\x03\x04 and no more", "is damaged"),
        ("model.keras", None, "does not exist"),
    ],
)
def test_other_files(tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=said):
        read_keras_file(tmp_path / name)


def test_a_saved_model_is_named(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").touch()
    with pytest.raises(DataError, match="SavedModel"):
        read_keras_file(tmp_path)


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"other_txt": "x"}, "has no config.json"),
        ({"config_json": "{"}, "is not JSON"),
        ({"config_json": "[" * 100_000}, "is not JSON"),
        ({"config_json": "[]"}, "is not a JSON object"),
        ({"config_json": "{}", "metadata_json": '{"keras_version": "2.15.0"}'}, "written by Keras 2.15.0"),
    ],
)
def test_other_zip_files(tmp_path: Path, members: dict[str, str], said: str) -> None:
    with pytest.raises(DataError, match=said):
        read_keras_file(keras_file(tmp_path, **members))


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    huge = json.dumps({"class_name": "x" * (limits.MODEL_CONFIG_BYTES + 1)})
    path = keras_file(tmp_path, config_json=huge)
    assert path.stat().st_size < 100_000
    with pytest.raises(DataError, match="larger than 8 MB"):
        read_keras_file(path)


def test_many_vocabularies_are_a_bomb_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "VOCABULARY_BYTES", 1 << 20)
    terms = {f"assets__layers__lookup_{number}__vocabulary_txt": "a\n" * 300_000 for number in range(2)}
    with pytest.raises(DataError, match=r"lookup_1/vocabulary\.txt .* is larger than 1 MB with those before it"):
        read_keras_file(keras_file(tmp_path, config_json="{}", **terms))


def test_a_text_does_not_read_the_environment(tmp_path: Path) -> None:
    found = read_keras_file(keras_file(tmp_path, config_json='{"a": ["\\u0024{env:TOKEN}"]}'))
    assert found.model == {"a": ["$${env:TOKEN}"]}
