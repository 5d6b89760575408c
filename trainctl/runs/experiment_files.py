"""What a run was asked to do, kept in its directory: the experiment as it was written, and as it was understood."""

from __future__ import annotations

from trainctl.config.load import Loaded
from trainctl.config.render import resolved_yaml
from trainctl.files import own_folder, write_whole
from trainctl.runs.failure import in_directory
from trainctl.runs.layout import RunDirectory


def write_inputs(directory: RunDirectory, loaded: Loaded, seed: int) -> None:
    """Write the experiment byte for byte, each file it extends, and the resolved experiment.

    Raises:
        RunDirError: They cannot be written.
    """
    own, *bases = loaded.sources
    with in_directory(directory.path):
        if own.path is not None:
            write_whole(directory.experiment, own.data)
        for number, base in enumerate(bases, start=1):
            own_folder(directory.inputs)
            if base.path is not None:
                write_whole(directory.inputs / f"{number}-{base.path.name}", base.data)
        write_resolved(directory, loaded, seed)


def write_resolved(directory: RunDirectory, loaded: Loaded, seed: int) -> None:
    """Write the experiment with everything filled in.

    Raises:
        OSError: It cannot be written.
    """
    write_whole(directory.resolved, resolved_yaml(loaded, seed).encode())
