"""Secrets are replaced by the names of their variables, in whatever form and however they come."""

from __future__ import annotations

import base64
import html
import io
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from trainctl import masking
from trainctl.masking import MaskedStream, Masker, conceal, forms, mask

SECRET = 'pa55:w/rd+&"é\\ $x'
PLAIN = "tok-4711-abcdef"


def encodings(secret: str) -> dict[str, str]:
    data = secret.encode()
    return {
        "text": secret,
        "url": quote(secret, safe=""),
        "url, slashes kept": quote(secret),
        "url, in a query": quote_plus(secret),
        "url, lower case": re.sub("%..", lambda match: match[0].lower(), quote(secret, safe="")),
        "json": json.dumps(secret),
        "json, not ascii": json.dumps(secret, ensure_ascii=False),
        "json in json": json.dumps(json.dumps({"key": secret})),
        "python": repr(secret),
        "html": html.escape(secret),
        "shell": shlex.quote(secret),
        "base64": base64.b64encode(data).decode(),
        "base64 of a user and it": base64.b64encode(b"user:" + data).decode(),
        "base64 of it within": base64.b64encode(b"me:" + data + b"@host").decode(),
        "base64 for URLs": base64.urlsafe_b64encode(b"u:" + data).decode(),
        "hexadecimal": data.hex(),
        "HEXADECIMAL": data.hex().upper(),
    }


@pytest.mark.claim("S1")
@pytest.mark.parametrize("secret", [SECRET, PLAIN])
@pytest.mark.parametrize("form", encodings(SECRET))
def test_every_form_is_masked(form: str, secret: str) -> None:
    conceal("MY_TOKEN", secret)
    text = encodings(secret)[form]
    masked = mask(f"before {text} after")
    assert "${env:MY_TOKEN}" in masked
    assert masked.startswith("before ")
    assert masked.endswith(" after")
    core = text if "base64" not in form else text[4:-6]
    assert core.strip("'\"") not in masked


@pytest.mark.claim("S2")
@pytest.mark.parametrize("form", encodings(SECRET))
def test_a_secret_may_come_in_pieces(form: str) -> None:
    """Of any size, down to single bytes."""
    conceal("MY_TOKEN", SECRET)
    text = f"before {encodings(SECRET)[form]} after {SECRET[:3]}"
    wholes = set()
    for size in (1, 2, 3, 7, 1000):
        masker = Masker(masking.shown_forms())
        pieces = [masker.feed(text[start : start + size]) for start in range(0, len(text), size)]
        wholes.add("".join(pieces) + (masker.rest() or ""))
    (whole,) = wholes
    assert whole == mask(text)
    assert "${env:MY_TOKEN}" in whole


@pytest.mark.claim("S2")
def test_a_stream_holds_back_what_may_be_the_beginning_of_a_secret() -> None:
    target = io.StringIO()
    stream = MaskedStream(target)
    stream.write("nothing to hide: tok-4711-abcdef\n")
    conceal("MY_TOKEN", PLAIN)
    for piece in ("a tok-4", "711-", "abcdef b tok", "en ", "tok-4711"):
        stream.write(piece)
    assert target.getvalue() == "nothing to hide: tok-4711-abcdef\na ${env:MY_TOKEN} b token "
    stream.settle()
    assert target.getvalue().endswith("token tok-4711")
    assert stream.isatty() is False  # as the stream itself


@pytest.mark.parametrize(
    ("name", "value", "is_secret"),
    [
        ("DATA_DIR", "/data/private", True),
        ("ANY", "hunter2", True),
        ("ANY", "correct horse", True),
        ("PASSWORD", "horse", True),
        ("API_KEY", "12345", True),
        ("EPOCHS", "10", False),
        ("RATE", "1e-3", False),
        ("OPTIMIZER", "adam", False),
        ("MONITOR", "val_loss", False),
        ("HOME", "/home/me/x", False),
        ("EMPTY_TOKEN", "", False),
        ("ANY", str(Path.cwd()), False),
        ("ANY", "/", False),
        ("PIN", "471147114711", True),
    ],
)
def test_what_is_a_secret(name: str, value: str, is_secret: bool) -> None:
    conceal(name, value)
    assert (mask(f"<{value}>") != f"<{value}>") is is_secret


def test_a_key_of_several_lines_is_masked_line_by_line() -> None:
    lines = ["-----BEGIN KEY-----", "QUJDREVGR0hJSktMTU5PUA", "-----END KEY-----"]
    conceal("KEY", "\n".join(lines))
    assert mask(f"{lines[1]}\n") == "${env:KEY}\n"
    assert mask("\n".join(lines)) == "${env:KEY}"


def test_no_form_is_so_short_that_it_masks_everything() -> None:
    assert min(map(len, forms("abcd"))) >= 4
    assert min(map(len, forms("abc"))) >= 3


def test_what_is_revealed_is_shown() -> None:
    conceal("NAME", "exp-2026-x")
    masking.reveal("exp-2026-x")
    assert mask("exp-2026-x") == "exp-2026-x"


@pytest.mark.claim("S2")
def test_as_a_program_it_masks_what_another_process_prints() -> None:
    conceal("MY_TOKEN", SECRET)
    reader, writer = os.pipe()
    command = [sys.executable, "-I", "-S", masking.__file__, str(reader)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[reader])
    os.close(reader)
    with os.fdopen(writer, "wb") as file:
        file.write(json.dumps(masking.shown_forms()).encode())
    out, _ = process.communicate(f"a {SECRET} b".encode() + b"\xff\x00")
    assert out == b"a ${env:MY_TOKEN} b\xff\x00"
    assert process.returncode == 0
