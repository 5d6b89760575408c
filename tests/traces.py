"""Where a secret was left, in whatever form: a search that shares nothing with what masks secrets."""

from __future__ import annotations

import base64
import html
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

from workplace import Ended


def traces(secret: str, folder: Path, *ended: Ended) -> list[str]:
    """The files below `folder`, members of archives too, and the streams of commands that hold `secret`."""
    forms = list(_forms(secret))
    contents = [*_files(folder), *((f"stream {number}", text) for number, text in enumerate(_streams(*ended)))]
    return [name for name, content in contents if any(form in content for form in forms)]


def _streams(*ended: Ended) -> Iterator[bytes]:
    for each in ended:
        yield each.stdout.encode()
        yield each.stderr.encode()


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        yield f"the name {name}", name.encode()
        if not path.is_file():
            continue
        yield name, path.read_bytes()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield from ((f"{name}: {member}", archive.read(member)) for member in archive.namelist())


def _forms(secret: str) -> Iterator[bytes]:
    texts = [secret, quote(secret, safe=""), quote(secret), quote_plus(secret), html.escape(secret), repr(secret)[1:-1]]
    texts += [json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], secret.encode().hex()]
    yield from {text.encode() for text in texts}
    for before in (b"", b"u", b"us"):  # any three bytes make four characters, wherever they stand
        whole = base64.b64encode(before + secret.encode() + b"\0\0")
        yield whole[4 : len(whole) - 8]
        yield whole[4 : len(whole) - 8].replace(b"+", b"-").replace(b"/", b"_")
