"""Waveforms have one rate, one number of channels and one length; other files than WAV need a package, which is named."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from trainctl.components.extras import Extra
from trainctl.errors import DataError, MissingExtraError
from trainctl.sources.files import audio
from trainctl.sources.files.audio import AudioFiles, heads_of, is_audio, lengths, read_head, resampled, with_channels
from trainctl.sources.files.wav import UnsuitableAudioError


def tone(path: Path, seconds: float = 0.5, rate: int = 8000, hertz: float = 400.0, channels: int = 1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    sound = np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate) * 0.5
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.stack([sound] * channels, 1) * 32767).astype("<i2").tobytes())
    return path


def test_short_ones_are_filled_up_and_long_ones_cut(tmp_path: Path) -> None:
    files = [tone(tmp_path / "a.wav", 0.25), tone(tmp_path / "b.wav", 1.0)]
    rows = AudioFiles(files, 8000, 4000, 1)
    found = rows[np.array([1, 0])]
    assert (rows.shape, found.shape, found.dtype) == ((2, 4000, 1), (2, 4000, 1), np.float32)
    assert np.abs(found[0, 3000:]).max() > 0.4
    assert not found[1, 2000:].any()


def test_a_resampled_tone_is_the_same_tone(tmp_path: Path) -> None:
    rows = AudioFiles([tone(tmp_path / "a.wav", rate=44_100)], 16_000, 8000, 1)
    spectrum = np.abs(np.fft.rfft(rows[np.array([0])][0, :, 0]))
    assert np.fft.rfftfreq(8000, 1 / 16_000)[spectrum.argmax()] == 400.0
    assert lengths(heads_of([tmp_path / "a.wav"])[0], 16_000) == [8000]
    same = np.ones((4, 1), np.float32)
    assert resampled(same, 8000, 8000) is same


def test_channels() -> None:
    stereo = np.array([[1.0, 0.0], [0.5, 0.5]], np.float32)
    assert with_channels(stereo, 1).tolist() == [[0.5], [0.5]]
    assert with_channels(stereo[:, :1], 2).tolist() == [[1, 1], [0.5, 0.5]]
    assert with_channels(stereo, 2) is stereo
    with pytest.raises(UnsuitableAudioError, match="has 2 channels, expected 3"):
        with_channels(stereo, 3)


def test_every_file_that_is_no_audio_is_told(tmp_path: Path) -> None:
    (tmp_path / "b.wav").write_text("no audio")
    heads, unreadable = heads_of([tone(tmp_path / "a.wav"), tmp_path / "b.wav"])
    assert [head.rate for head in heads.values()] == [8000]
    assert unreadable == {tmp_path / "b.wav": "is not a WAV file"}
    assert [is_audio(tmp_path / name) for name in ("a.wav", "b.wav", "c.wav")] == [True, False, False]
    with pytest.raises(DataError, match=r"b\.wav is not a WAV file"):
        AudioFiles([tmp_path / "b.wav"], 8000, 10, 1)[np.array([0])]


def test_other_files_need_a_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio, "SOUNDFILE", Extra("audio", "no_such_package"))
    (tmp_path / "a.flac").write_bytes(b"fLaC")
    with pytest.raises(MissingExtraError, match=r"a\.flac and 1 other file need the package") as caught:
        heads_of([tmp_path / "a.flac", tmp_path / "a.flac"])
    assert (caught.value.hint, caught.value.exit_code) == ('pip install "trainctl[audio]"', 3)
    with pytest.raises(MissingExtraError, match=r"a\.flac needs the package"):
        read_head(tmp_path / "a.flac")
