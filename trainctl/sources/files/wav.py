"""WAV files, read without any package: PCM of 8, 16, 24 and 32 bits, and floating-point numbers of 32 and 64."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from trainctl.aliases import Array

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_KINDS = {6: "A-law", 7: "mu-law", 2: "ADPCM", 17: "ADPCM", 85: "MP3"}
_FORMAT_BYTES, _SUBFORMAT = 16, 24  # of a format chunk; where an extensible one says what it is


class UnsuitableAudioError(ValueError):
    """A file is no audio that can be read; the text says why, to follow the file's name."""


@dataclass(frozen=True, slots=True)
class AudioHead:
    """What the head of an audio file says.

    Args:
        rate: Samples per second.
        channels: Channels.
        frames: Samples of each channel.
        is_float: Of a WAV file, whether they are floating-point numbers.
        width: Its bytes per sample and channel.
        begin: Where they begin, in bytes.
    """

    rate: int
    channels: int
    frames: int
    is_float: bool = False
    width: int = 0
    begin: int = 0


def is_wav(start: bytes) -> bool:
    """Return whether the first 12 bytes of a file are those of a WAV file."""
    return start[:4] == b"RIFF" and start[8:12] == b"WAVE"


def read_wav_head(path: Path) -> AudioHead:
    """Return what the head of a WAV file says.

    Raises:
        UnsuitableAudioError: It is not a WAV file, is cut short, or is compressed.
        OSError: It cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        if not is_wav(file.read(12)):
            raise UnsuitableAudioError("is not a WAV file" if size else "is empty")
        form = b""
        for name, length in _chunks(file):
            if name == b"fmt ":
                form = file.read(length)
            elif name == b"data":
                return _head(form, file.tell(), length, size)
    raise UnsuitableAudioError("is incomplete: it holds no samples")


def _chunks(file: IO[bytes]) -> Iterator[tuple[bytes, int]]:
    """Yield the name and the length of each chunk; the file is then where its content begins."""
    while True:
        head = file.read(8)
        if len(head) < 8:
            return
        name, length = struct.unpack("<4sI", head)
        begin = file.tell()
        yield name, length
        file.seek(begin + length + length % 2)


def _head(form: bytes, begin: int, length: int, size: int) -> AudioHead:
    if len(form) < _FORMAT_BYTES:
        raise UnsuitableAudioError("is incomplete: it does not say how its samples are written")
    kind, channels, rate, _, frame, bits = struct.unpack("<HHIIHH", form[:_FORMAT_BYTES])
    if kind == _EXTENSIBLE and len(form) >= _SUBFORMAT + 2:
        (kind,) = struct.unpack("<H", form[_SUBFORMAT : _SUBFORMAT + 2])
    width = bits // 8
    if kind not in {_PCM, _FLOAT} or (width not in {4, 8} if kind == _FLOAT else width not in {1, 2, 3, 4}):
        raise UnsuitableAudioError(f"holds {_KINDS.get(kind, f'format {kind}')} of {bits} bits, expected PCM or floats")
    if not channels or not rate or frame != channels * width:
        raise UnsuitableAudioError(f"is damaged: {channels} channels of {width} bytes in frames of {frame}")
    if begin + length > size and length < _UNKNOWN_LENGTH:
        raise UnsuitableAudioError(f"is incomplete: {length:,} bytes of samples announced, {size - begin:,} there")
    frames = min(length, size - begin) // frame
    if not frames:
        raise UnsuitableAudioError("holds no samples")
    return AudioHead(rate, channels, frames, kind == _FLOAT, width, begin)


_UNKNOWN_LENGTH = 0x7FFF0000  # what programs write that do not know how long the sound will be


def read_wav(path: Path, head: AudioHead, frames: int) -> Array:
    """Return the first samples of a WAV file, float32 (frames, channels), in -1 to 1.

    Args:
        path: The file.
        head: Its head.
        frames: How many samples of each channel, at most.

    Raises:
        UnsuitableAudioError: It has become shorter.
    """
    import numpy as np

    count = min(frames, head.frames) * head.channels
    with path.open("rb") as file:
        file.seek(head.begin)
        raw = file.read(count * head.width)
    if len(raw) < count * head.width:
        raise UnsuitableAudioError("is incomplete")
    samples: Array
    if head.is_float:
        samples = np.frombuffer(raw, f"<f{head.width}").astype(np.float32)
    elif head.width == 1:
        samples = (np.frombuffer(raw, np.uint8).astype(np.float32) - 128) / 128
    elif head.width == 3:
        wide = np.zeros((count, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(raw, np.uint8).reshape(-1, 3)
        samples = (wide.view("<i4")[:, 0] / 2**31).astype(np.float32)
    else:
        samples = (np.frombuffer(raw, f"<i{head.width}") / 2.0 ** (8 * head.width - 1)).astype(np.float32)
    return samples.reshape(-1, head.channels)
