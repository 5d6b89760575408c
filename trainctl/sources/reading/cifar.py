"""CIFAR-10 and CIFAR-100: small photographs, in one archive each."""

from __future__ import annotations

import tarfile
from typing import TYPE_CHECKING

from trainctl.aliases import Value
from trainctl.components.dataset import Samples
from trainctl.errors import DataError
from trainctl.sources.reading.download import RemoteFile, fetch
from trainctl.sources.reading.pickles import read_pickle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trainctl.components.context import DataContext


def read_members(file: RemoteFile, members: Sequence[str], context: DataContext) -> list[dict[bytes, Value]]:
    """Return what the members of the archive hold, nothing unpacked to disk.

    Raises:
        DownloadError: The archive is not cached and the network does not bring it.
        DataError: A member is not in it.
    """
    found = {}
    with tarfile.open(fetch(file, context)) as archive:
        for each in archive:  # in their order, since going back means decompressing again
            content = archive.extractfile(each) if each.name in members else None
            if content is not None:
                found[each.name] = read_pickle(content)
    absent = [member for member in members if member not in found]
    if absent:
        raise DataError(f"{file.name} holds no {absent[0]}", hint="delete it from the Keras cache")
    return [found[member] for member in members]


def photographs(batches: Sequence[dict[bytes, Value]], label: bytes) -> Samples:
    """Return the images of all batches, uint8 (n, 32, 32, 3), and their labels, int64 (n,)."""
    import numpy as np

    x = np.concatenate([batch[b"data"].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1) for batch in batches])
    return Samples(np.ascontiguousarray(x), np.concatenate([batch[label] for batch in batches]).astype(np.int64))


def names(batch: dict[bytes, Value], key: bytes) -> tuple[str, ...]:
    """Return the names of the classes."""
    return tuple(name.decode() for name in batch[key])
