"""WAV files of any depth become numbers from -1 to 1; what is cut short, empty or compressed is refused."""

from __future__ import annotations

import struct
import wave
from pathlib import Path

import numpy as np
import pytest

from trainctl.sources.files.wav import AudioHead, UnsuitableAudioError, is_wav, read_wav, read_wav_head

WAVE = np.array([[0.0, 0.5], [-1.0, 0.25], [0.75, -0.5]])
"""Three samples of two channels."""


def raw(kind: str) -> bytes:
    if kind == "8":
        return (WAVE * 128 + 128).clip(0, 255).astype(np.uint8).tobytes()
    if kind == "24":
        whole = (WAVE * 2**31).clip(-(2**31), 2**31 - 1).astype("<i4")
        return whole.reshape(-1, 1).view(np.uint8)[:, 1:].tobytes()
    if kind.startswith("f"):
        return WAVE.astype(f"<f{int(kind[1:]) // 8}").tobytes()
    bits = int(kind)
    return (
        (WAVE * 2.0 ** (bits - 1)).clip(-(2.0 ** (bits - 1)), 2.0 ** (bits - 1) - 1).astype(f"<i{bits // 8}").tobytes()
    )


def wav(path: Path, kind: str = "16", *, code: int | None = None, extensible: bool = False, cut: int = 0) -> Path:
    content, bits = raw(kind), int(kind.lstrip("f"))
    code = code or (3 if kind.startswith("f") else 1)
    form = struct.pack("<HHIIHH", 0xFFFE if extensible else code, 2, 8000, 8000 * bits // 4, bits // 4, bits)
    form += struct.pack("<HHIH14s", 22, bits, 3, code, b"\0" * 14) if extensible else b""
    chunks = b"LIST" + struct.pack("<I", 3) + b"abc\0"  # one of an odd length
    chunks += b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(content)) + content
    path.write_bytes((b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WAVE" + chunks)[: -cut or None])
    return path


@pytest.mark.parametrize("extensible", [False, True])
@pytest.mark.parametrize("kind", ["8", "16", "24", "32", "f32", "f64"])
def test_depths(tmp_path: Path, kind: str, extensible: bool) -> None:
    file = wav(tmp_path / "a.wav", kind, extensible=extensible)
    head = read_wav_head(file)
    assert (head.rate, head.channels, head.frames) == (8000, 2, 3)
    found = read_wav(file, head, 10)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, WAVE, atol=1 / 127)
    assert read_wav(file, head, 2).shape == (2, 2)


def test_files_that_python_writes(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(np.array([0, 16384, -32768], "<i2").tobytes())
    head = read_wav_head(tmp_path / "a.wav")
    assert head == AudioHead(16_000, 1, 3, False, 2, 44)
    assert read_wav(tmp_path / "a.wav", head, 3)[:, 0].tolist() == [0, 0.5, -1]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"no audio at all", "is not a WAV file"),
        (b"RIFF\x04\0\0\0WAVE", "is incomplete: it holds no samples"),
        (b"RIFF\x04\0\0\0WAVEdata\x00\0\0\0", "it does not say how its samples are written"),
    ],
)
def test_what_is_no_wav_file(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(UnsuitableAudioError, match=told):
        read_wav_head(tmp_path / "a.wav")


def test_a_file_that_is_cut_short_or_compressed(tmp_path: Path) -> None:
    with pytest.raises(UnsuitableAudioError, match="is incomplete: 12 bytes of samples announced, 7 there"):
        read_wav_head(wav(tmp_path / "a.wav", cut=5))
    with pytest.raises(UnsuitableAudioError, match="holds A-law of 8 bits, expected PCM or floats"):
        read_wav_head(wav(tmp_path / "a.wav", "8", code=6))
    head = read_wav_head(wav(tmp_path / "a.wav"))
    with pytest.raises(UnsuitableAudioError, match="is incomplete"):
        read_wav(wav(tmp_path / "a.wav", cut=5), head, 3)


def test_a_length_that_was_not_known_when_it_was_written(tmp_path: Path) -> None:
    content = wav(tmp_path / "a.wav").read_bytes()
    place = content.index(b"data") + 4
    (tmp_path / "a.wav").write_bytes(content[:place] + b"\xff\xff\xff\xff" + content[place + 4 :])
    assert read_wav_head(tmp_path / "a.wav").frames == 3
    assert is_wav(content[:12])
