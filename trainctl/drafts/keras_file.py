"""A .keras file as data: what it says of its model. Nothing of it is run, and no weights are read."""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from trainctl import limits
from trainctl.aliases import Value
from trainctl.config.compose.interpolate import escaped
from trainctl.errors import DataError
from trainctl.files import hint_for_missing

_CONFIG, _METADATA = "config.json", "metadata.json"
_HDF5 = b"\x89HDF\r\n\x1a\n"
_RESAVE = "load it in Python with the Keras that wrote it, and save it again: model.save('model.keras')"


@dataclass(frozen=True, slots=True)
class KerasFile:
    """What a .keras file says of its model.

    Args:
        model: The model as Keras writes it: `module`, `class_name`, `config` …
        version: The Keras that wrote it.
        vocabularies: The terms that its preprocessing layers have learned, by their place in the file:
            `layers/string_lookup`.
    """

    model: Mapping[str, Value]
    version: str
    vocabularies: Mapping[str, tuple[str, ...]]


def read_keras_file(path: Path) -> KerasFile:
    """Return what the file says of its model.

    Args:
        path: A file that Keras 3 has saved with `model.save("….keras")`.

    Raises:
        DataError: There is no such file, it is of another format, damaged, or far too large.
    """
    _require_format(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = {each.filename: each for each in archive.infolist()}
            if _CONFIG not in members:
                raise DataError(
                    f"{path} has no {_CONFIG}, so it is not a Keras model", hint=f"{path} is another kind of zip file"
                )
            model = _parsed(path, _CONFIG, _content(path, archive, members[_CONFIG], limits.MODEL_CONFIG_BYTES))
            metadata = members.get(_METADATA)
            about = _parsed(path, _METADATA, _content(path, archive, metadata, 1 << 16)) if metadata else {}
            version = str(about.get("keras_version", ""))
            vocabularies = dict(_vocabularies(path, archive, members))
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, zlib.error) as error:
        raise DataError(f"{path} is damaged: {error}", hint="save the model again, or copy the file again") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from error
    if version.split(".", maxsplit=1)[0] not in {"", "3"}:
        raise DataError(f"{path} was written by Keras {version}; only files of Keras 3 can be read", hint=_RESAVE)
    return KerasFile(model, version, vocabularies)


def _require_format(path: Path) -> None:
    """Refuse everything but a zip file, by name of what it is."""
    if path.is_dir():
        is_saved_model = (path / "saved_model.pb").is_file()
        what = "a TensorFlow SavedModel, which does not say what layers it has" if is_saved_model else "a folder"
        raise DataError(f"{path} is {what}; expected a .keras file", hint=_RESAVE if is_saved_model else None)
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except FileNotFoundError:
        raise DataError(f"{path} does not exist", hint=hint_for_missing(path)) from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {os.strerror(error.errno or 0)}") from error
    if start == _HDF5 and path.name.endswith(".weights.h5"):
        raise DataError(f"{path} holds weights only, not the model", hint="name the .keras file of the whole model")
    if start == _HDF5:
        raise DataError(f"{path} is an HDF5 file, the old format of Keras; expected a .keras file", hint=_RESAVE)
    if not start.startswith(b"PK"):
        raise DataError(f"{path} is not a .keras file", hint="a .keras file is written by model.save('model.keras')")


def _vocabularies(
    path: Path, archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the place of each vocabulary and its terms; of all together, only so much is unpacked."""
    used = 0
    for name, each in members.items():
        if name.startswith("assets/") and name.endswith("/vocabulary.txt"):
            content = _content(path, archive, each, limits.VOCABULARY_BYTES, used)
            used += len(content)
            yield name.removeprefix("assets/").rsplit("/", 1)[0], _terms(content)


def _content(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int, used: int = 0) -> bytes:
    """Return the content of a member, whatever size it claims; with the `used` before, never more than `most` is unpacked."""
    with archive.open(member) as file:
        content = file.read(most - used + 1)
    if used + len(content) > most:
        together = " with those before it" if used else ""
        raise DataError(
            f"{member.filename} in {path} is larger than {most // (1 << 20) or 1} MB{together}", hint="not read further"
        )
    return content


def _parsed(path: Path, name: str, content: bytes) -> Mapping[str, Value]:
    try:
        value = escaped(json.loads(content))  # a stranger's text is not to read the environment
    except (ValueError, RecursionError) as error:
        raise DataError(f"{name} in {path} is not JSON: {error}", hint="save the model again") from error
    if not isinstance(value, dict):
        raise DataError(f"{name} in {path} is not a JSON object", hint="save the model again")
    return value


def _terms(content: bytes) -> tuple[str, ...]:
    return tuple(content.decode("utf-8", "replace").removesuffix("\n").split("\n"))
