"""The environment variables behind an experiment: kept as salted hashes, so that a resumed run notices a change."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Iterator, Mapping

from trainctl.config.text.nodes import Node

_NAME = re.compile(r"\$\{env:(\w+)")
_ROUNDS = 100_000  # a hash on disk is not a secret, but guessing the value behind it should cost something


def hashed(tree: Node, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Each variable that the interpolated `tree` took from the environment, with the salted hash of its value."""
    written = {name for node in tree.walk() if node.secret for name in _NAME.findall(node.raw or "")}
    return {name: _hash(environ[name], os.urandom(8)) for name in sorted(written) if name in environ}


def changed(kept: Mapping[str, str], environ: Mapping[str, str] = os.environ) -> Iterator[str]:
    """Yield the names among `kept`, as `hashed` gives them, whose value is another now."""
    for name, hash_ in kept.items():
        salt, _, _ = hash_.partition("$")
        try:
            is_same = hmac.compare_digest(hash_, _hash(environ.get(name, ""), bytes.fromhex(salt)))
        except (ValueError, TypeError):  # someone has edited run.json
            is_same = False
        if not is_same:
            yield name


def _hash(value: str, salt: bytes) -> str:
    return f"{salt.hex()}${hashlib.pbkdf2_hmac('sha256', value.encode(), salt, _ROUNDS).hex()}"
