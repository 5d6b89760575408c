"""Secrets kept off disk and screen: values from the environment are replaced by their names in all that is written.

The values are known to this process alone. It also runs as a program of its own (`python masking.py`), between the process
and console.log, so that what C++ prints is masked too: it then reads what to mask from a descriptor, and the text from
stdin. It imports nothing of ours, and starts in 10 ms.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shlex
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TextIO
from urllib.parse import quote, quote_plus

SECRET_NAME = re.compile(r"(?i)password|passwd|passphrase|secret|token|api_?key|authorization|credential")
"""Names of what holds a secret, usually."""
_PUBLIC = frozenset(
    {"HOME", "HOSTNAME", "LANG", "LOGNAME", "PATH", "PWD", "SHELL", "TERM", "TMPDIR", "TZ", "USER", "VIRTUAL_ENV"}
)
_NUMBER = re.compile(r"[-+]?[\d._]{1,7}(?:[eE][-+]?\d{1,3})?")
_WORD = re.compile(r"[a-z][a-z_]*|[A-Z][a-z]+")
_SHORTEST, _SHORTEST_LINE = 4, 8

_concealed: dict[str, str] = {}  # value → how it is shown
_maskers: list[tuple[re.Pattern[str], Mapping[str, str]]] = []  # one, made when it is needed


def conceal(name: str, value: str) -> None:
    """Mask `value`, of the environment variable `name`, in all that this process writes from now on.

    Numbers, plain words and the folder that the process works in are no secrets, unless the name says so: masking them
    would make nonsense of everything else.
    """
    if _is_secret(name, value) and value not in _concealed:
        _concealed[value] = f"${{env:{name}}}"
        _maskers.clear()


def reveal(value: str) -> None:
    """Mask `value` no longer: it is what the person needs to see, such as the experiment's name."""
    if _concealed.pop(value, None) is not None:
        _maskers.clear()


def forget_all() -> None:
    """Mask nothing any longer."""
    _concealed.clear()
    _maskers.clear()


def is_active() -> bool:
    """Tell whether there is anything to mask."""
    return bool(_concealed)


def mask(text: str) -> str:
    """Return `text` with each secret in it, in whatever form, replaced by the name of its variable."""
    if not _concealed:
        return text
    if not _maskers:
        _maskers.append(_compiled(shown_forms()))
    pattern, shown = _maskers[0]
    return pattern.sub(lambda match: shown[match[0]], text)


def shown_forms() -> dict[str, str]:
    """Return each form of each secret with how it is shown."""
    return {form: shown for value, shown in _concealed.items() for form in forms(value)}


def forms(value: str) -> set[str]:
    """Return how a value may be written: as it is, URL-encoded, escaped for JSON, Python, HTML or a shell, in base64, in hexadecimal."""
    import html  # its table of entities takes 2 ms, and most files hold no secret

    found = {value, *(line for line in value.splitlines() if len(line) >= _SHORTEST_LINE)}
    for each in tuple(found):
        escaped = json.dumps(each)[1:-1]
        found |= {escaped, json.dumps(each, ensure_ascii=False)[1:-1], json.dumps(escaped)[1:-1], repr(each)[1:-1]}
        found |= {html.escape(each), shlex.quote(f"{each} ")[1:-2]}
        encoded = {quote(each, safe=""), quote(each), quote_plus(each)}
        found |= encoded | {re.sub("%..", lambda match: match[0].lower(), text) for text in encoded}
        data = each.encode("utf-8", "surrogateescape")
        found |= {data.hex(), data.hex().upper()}
        found |= set(_in_base64(data))
    return {form for form in found if len(form) >= min(_SHORTEST, len(value))}


def _in_base64(data: bytes) -> Iterator[str]:
    """Yield the characters of `data` in base64 that do not depend on what is before and after it."""
    for before in range(3):
        text = base64.b64encode(b"\0" * before + data).decode().rstrip("=")
        core = text[(0, 2, 3)[before] : len(text) - bool((before + len(data)) % 3)]
        yield from (core, core.replace("+", "-").replace("/", "_"), quote(core, safe=""))


def _is_secret(name: str, value: str) -> bool:
    if SECRET_NAME.search(name):
        return len(value) >= _SHORTEST - 1
    if len(value) < _SHORTEST or name in _PUBLIC or name.startswith("XDG_"):
        return False
    if _NUMBER.fullmatch(value) or _WORD.fullmatch(value):
        return False
    with suppress(OSError):
        return not f"{Path.cwd()}/".startswith(f"{value.rstrip('/')}/")
    return True


class Masker:
    """Masks a text that comes in pieces: a secret may be split over two of them.

    Args:
        shown: Each form of each secret, with how it is shown.
    """

    def __init__(self, shown: Mapping[str, str]) -> None:
        self._pattern, self._shown = _compiled(shown)
        self._begun = {form[:length] for form in shown for length in range(1, len(form))}
        self._longest = max(map(len, shown), default=1)
        self._held: str | None = None

    def feed(self, piece: str) -> str:
        """Take the next piece, and return what may be written by now."""
        text = piece if self._held is None else self._held + piece
        end = max((match.end() for match in self._pattern.finditer(text)), default=0)
        length = min(self._longest - 1, len(text) - end)
        while length and text[len(text) - length :] not in self._begun:
            length -= 1
        self._held = text[len(text) - length :]
        return self._pattern.sub(lambda match: self._shown[match[0]], text[: len(text) - length])

    def rest(self) -> str | None:
        """Return what was held back, which turned out to be no secret."""
        held, self._held = self._held, None
        return held or None


def _compiled(shown: Mapping[str, str]) -> tuple[re.Pattern[str], Mapping[str, str]]:
    longest_first = sorted(shown, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))), shown


class MaskedStream:
    """A text stream that masks what is written to it; for everything else it is the stream.

    Args:
        stream: Where to write.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._masker: Masker | None = None
        self._known = 0

    def write(self, text: str) -> int:
        """Write `text` without secrets."""
        if _concealed:
            if self._masker is None or self._known != len(_concealed):
                self.settle()
                self._masker, self._known = Masker(shown_forms()), len(_concealed)
            self._stream.write(self._masker.feed(text))
        else:
            self.settle()
            self._stream.write(text)
        return len(text)

    def writelines(self, lines: Iterator[str]) -> None:
        """Write several texts."""
        for line in lines:
            self.write(line)

    def settle(self) -> None:
        """Write what was held back."""
        held = self._masker.rest() if self._masker is not None else None
        if held:
            self._stream.write(held)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


def pump(secrets: int, source: int, target: int) -> None:
    """Copy `source` to `target` without secrets until it ends, as a program of its own.

    Args:
        secrets: The descriptor to read the forms from, as JSON.
        source: The descriptor to read from.
        target: The descriptor to write to.
    """
    with os.fdopen(secrets, "rb") as file:
        shown = json.loads(file.read())
    masker = Masker({_as_bytes(form): _as_bytes(name) for form, name in shown.items()})
    while piece := os.read(source, 1 << 16):
        _write(target, masker.feed(piece.decode("latin-1")).encode("latin-1"))
    _write(target, (masker.rest() or "").encode("latin-1"))


def _as_bytes(text: str) -> str:
    """Return the bytes of `text`, one character each: what another process prints may be no text at all."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def _write(target: int, data: bytes) -> None:
    while data:
        data = data[os.write(target, data) :]


if __name__ == "__main__":
    import signal

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, signal.SIG_IGN)  # it ends when the process does, whose last words it takes
    pump(int(sys.argv[1]), 0, 1)
