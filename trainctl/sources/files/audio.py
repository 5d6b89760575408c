"""Audio files: read, brought to one sampling rate, number of channels and length, on demand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import gcd
from pathlib import Path
from typing import TYPE_CHECKING

from trainctl.aliases import Array
from trainctl.components.dataset import Rows
from trainctl.components.extras import Extra
from trainctl.errors import DataError, MissingExtraError
from trainctl.sources.files.wav import AudioHead, UnsuitableAudioError, is_wav, read_wav, read_wav_head
from trainctl.sources.reading.inputs import shown
from trainctl.text import plural

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WAV = frozenset({".wav", ".wave"})
SUFFIXES = WAV | {".flac", ".ogg", ".oga", ".opus", ".mp3", ".aiff", ".aif", ".au"}
SOUNDFILE = Extra("audio", "soundfile")
"""What reads all but WAV files."""

_STARTS = (b"fLaC", b"OggS", b"ID3", b"FORM", b".snd")


class AudioFiles(Rows):
    """Waveforms read from files, float32 (n, frames, channels), in -1 to 1; silence fills up the end of short ones.

    Args:
        files: The files.
        rate: Samples per second, to which files of another rate are resampled.
        frames: Samples of each channel to keep, from the beginning.
        channels: Channels: 1 mixes all of them.
    """

    def __init__(self, files: Sequence[Path], rate: int, frames: int, channels: int) -> None:
        super().__init__((len(files), frames, channels), "float32")
        self._files, self._rate = files, rate

    @property
    def is_decoded(self) -> bool:
        """Each is a file."""
        return True

    def __getitem__(self, indices: NDArray[np.int64]) -> Array:
        import numpy as np

        result = np.zeros((len(indices), *self.shape[1:]), np.float32)
        for place, index in enumerate(indices):
            wave = self._read(self._files[int(index)])
            result[place, : len(wave)] = wave
        return result

    def _read(self, file: Path) -> Array:
        frames, channels = self.shape[1:]
        try:
            head = read_head(file)
            wanted = -(-frames * head.rate // self._rate)
            wave = with_channels(_samples(file, head, wanted), channels)
        except UnsuitableAudioError as error:
            raise DataError(f"{shown(file)} {error}", hint="repair or remove the file") from error
        except OSError as error:
            raise DataError(f"{shown(file)} cannot be read: {error.strerror or error}") from error
        return resampled(wave, head.rate, self._rate)[:frames]


def is_audio(file: Path) -> bool:
    """Return whether the first bytes of a file are those of an audio file."""
    try:
        with file.open("rb") as content:
            start = content.read(12)
    except OSError:
        return False
    return is_wav(start) or start.startswith(_STARTS)


def read_head(file: Path) -> AudioHead:
    """Return what the head of a file says.

    Raises:
        UnsuitableAudioError: It is no audio that can be read.
        MissingExtraError: It is no WAV file, and the package that reads others is not installed.
    """
    with file.open("rb") as content:
        start = content.read(12)
    if is_wav(start) or file.suffix.lower() in WAV:
        return read_wav_head(file)
    require_soundfile([file])
    import soundfile

    try:
        found = soundfile.info(file)
    except (soundfile.SoundFileError, OSError) as error:
        raise UnsuitableAudioError(f"is not audio that can be read: {error}") from error
    if not found.frames:
        raise UnsuitableAudioError("holds no samples")
    return AudioHead(found.samplerate, found.channels, found.frames)


def require_soundfile(files: Sequence[Path]) -> None:
    """See that the package is installed that reads these files.

    Raises:
        MissingExtraError: It is not.
    """
    if files and not SOUNDFILE.is_installed:
        more = f" and {plural(len(files) - 1, 'other file')}" if len(files) > 1 else ""
        needs = "needs" if len(files) == 1 else "need"
        raise MissingExtraError(
            f"{shown(files[0])}{more} {needs} the package {SOUNDFILE.module}, which is not installed; WAV files do not",
            hint=SOUNDFILE.command,
        )


def heads_of(files: Sequence[Path]) -> tuple[dict[Path, AudioHead], dict[Path, str]]:
    """Return the head of each file, and what is wrong with each that cannot be read.

    Raises:
        MissingExtraError: Some are no WAV files, and the package that reads others is not installed.
    """
    require_soundfile([file for file in files if file.suffix.lower() in SUFFIXES - WAV])
    heads, unreadable = dict[Path, AudioHead](), dict[Path, str]()
    for file in files:
        try:
            heads[file] = read_head(file)
        except UnsuitableAudioError as error:
            unreadable[file] = str(error)
        except OSError as error:
            unreadable[file] = f"cannot be read: {error.strerror or error}"
    return heads, unreadable


def _samples(file: Path, head: AudioHead, frames: int) -> Array:
    if head.width:
        return read_wav(file, head, frames)
    import soundfile

    try:
        wave: Array = soundfile.read(file, frames=frames, dtype="float32", always_2d=True)[0]
    except (soundfile.SoundFileError, OSError) as error:
        raise UnsuitableAudioError(f"is incomplete: {error}") from error
    return wave


def with_channels(wave: Array, channels: int) -> Array:
    """Return the wave (frames, …) with so many channels: one is repeated, and all are mixed to one.

    Raises:
        UnsuitableAudioError: It has several channels, and several others are wanted.
    """
    import numpy as np

    own = wave.shape[1]
    if own == channels:
        return wave
    if channels == 1:
        mixed: Array = wave.mean(axis=1, keepdims=True, dtype=np.float32)
        return mixed
    if own == 1:
        return wave.repeat(channels, axis=1)
    raise UnsuitableAudioError(f"has {own} channels, expected {channels}")


def resampled(wave: Array, rate: int, wanted: int) -> Array:
    """Return the wave (frames, channels) at another sampling rate, low-pass filtered so that nothing is aliased."""
    if rate == wanted:
        return wave
    import numpy as np
    from scipy.signal import resample_poly

    common = gcd(rate, wanted)
    result: Array = resample_poly(wave, wanted // common, rate // common, axis=0)
    return np.asarray(result, np.float32)


def lengths(heads: Mapping[Path, AudioHead], rate: int) -> list[int]:
    """Return the samples of each channel that each file has at a sampling rate."""
    return [-(-head.frames * rate // head.rate) for head in heads.values()]
