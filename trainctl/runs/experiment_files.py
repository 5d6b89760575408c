"""What a run was asked to do, kept in its directory: the experiment as it was written, and as it was understood."""

from __future__ import annotations

import errno
import hashlib
import itertools
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from trainctl.aliases import Value
from trainctl.config.compose.extends import load_tree
from trainctl.config.compose.overrides import apply_overrides
from trainctl.config.load import Loaded
from trainctl.config.render import resolved_yaml
from trainctl.config.text.nodes import Node
from trainctl.config.text.source import read_source
from trainctl.diagnostics import Source
from trainctl.errors import RunDirError
from trainctl.files import is_own_file, own_folder, write_whole
from trainctl.runs.failure import in_directory
from trainctl.runs.layout import RunDirectory

_DIGEST = b"# sha256 of what follows: "


def write_inputs(directory: RunDirectory, loaded: Loaded, seed: int) -> dict[str, str]:
    """Write the experiment byte for byte, each file it extends, and the resolved experiment.

    Returns:
        The SHA-256 of each file as it was written by the user, by its path in the run directory.

    Raises:
        RunDirError: They cannot be written.
    """
    own, *bases = loaded.sources
    written = {directory.experiment: own.data} if own.path is not None else {}
    for number, base in enumerate(bases, start=1):
        if base.path is not None:
            written[directory.inputs / f"{number}-{base.path.name}"] = base.data
    with in_directory(directory.path):
        for path, data in written.items():
            if path != directory.experiment:
                own_folder(directory.inputs)
            write_whole(path, data)
        write_resolved(directory, loaded, seed)
    return {str(path.relative_to(directory.path)): _digest(data) for path, data in written.items()}


def write_resolved(directory: RunDirectory, loaded: Loaded, seed: int) -> None:
    """Write the experiment with everything filled in.

    Raises:
        OSError: It cannot be written.
    """
    content = resolved_yaml(loaded, seed).encode()
    write_whole(directory.resolved, _DIGEST + _digest(content).encode() + b"\n" + content)


def read_composed(directory: RunDirectory, overrides: Sequence[str]) -> Node | None:
    """Return the experiment as it was written, with what it extends and the overrides, before interpolation.

    Nothing outside of the run directory is read, and nothing of the user's is imported.

    Args:
        directory: The run directory.
        overrides: The `--set` arguments, as run.json has them.

    Returns:
        `None` where the experiment was given in Python.

    Raises:
        OSError: One of its files cannot be read.
        ConfigError, UsageError: One of its files, or an override, is not as it was written.
    """
    if not is_own_file(directory.experiment):
        return None
    numbers = itertools.count(1)

    def read_base(_source: Source, name: Node) -> Source:
        path = directory.inputs / f"{next(numbers)}-{Path(name.value).name}"
        if not is_own_file(path):
            raise OSError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        return read_source(str(path.relative_to(directory.path)), path, name.location)

    own = read_source(directory.experiment.name, directory.experiment)
    tree, _ = load_tree(own, read_base)
    return apply_overrides(tree, overrides)


def is_resolved_edited(directory: RunDirectory) -> bool:
    """Return whether resolved.yaml is not what trainctl wrote; the first versions did not say what they wrote.

    Raises:
        RunDirError: It cannot be read.
    """
    with in_directory(directory.path, "read"):
        first, _, content = directory.resolved.read_bytes().partition(b"\n")
    return first.startswith(_DIGEST) and first.removeprefix(_DIGEST).decode(errors="replace") != _digest(content)


def require_unedited(directory: RunDirectory) -> None:
    """Require that resolved.yaml is what trainctl wrote: no check has seen what an edit changes.

    Raises:
        RunDirError: It was edited.
    """
    if is_resolved_edited(directory):
        raise RunDirError(
            f"{directory.resolved} was edited, and may no longer be what the run was trained with",
            hint="undo the edit, and pass changes with --set; or continue in a new run with --fork NAME",
        )


def describe_edits(directory: RunDirectory, record: Mapping[str, Value]) -> Iterator[str]:
    """Yield what to say of the user's files in the run directory that were edited since, for nothing.

    Args:
        directory: The run directory.
        record: What run.json says; `inputs` as `write_inputs` returned it.
    """
    for name, digest in (record.get("inputs") or {}).items():
        path = directory.path / name
        if path.parent in {directory.path, directory.inputs} and is_own_file(path):
            with suppress(OSError):
                if _digest(path.read_bytes()) != digest:
                    yield (
                        f"{name} in the run directory was edited, which has no effect: the run continues with "
                        f"{directory.resolved.name}; pass changes with --set, or --fork NAME"
                    )


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
