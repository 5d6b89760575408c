"""AudioFolder: one rate and one length, those of the training data for all further data, and what was done is told."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from workplace import Workplace

from trainctl.components.context import DataContext
from trainctl.components.data_schema import DataSchema
from trainctl.components.dataset import Dataset
from trainctl.components.new_inputs import ModelInput, NewFiles
from trainctl.errors import DataError
from trainctl.events import Event
from trainctl.sources.audio_folder import AudioFolder


def sound(path: Path, seconds: float = 0.1, rate: int = 4000, channels: int = 1, level: float = 0.5) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        values = (
            np.full(round(seconds * rate) * channels, level) * np.tile([1, -1], round(seconds * rate) * channels)[::2]
        )
        file.writeframes((values * 32767).astype("<i2").tobytes())


def load(
    folder: Path, events: list[Event] | None = None, learned: dict[str, float] | None = None, **given: Any
) -> Dataset:
    told: list[Event] = [] if events is None else events
    spec = AudioFolder.model_validate({"path": str(folder), **given})
    return spec.load(DataContext(told.append, learned=learned or {}))


def test_the_files_tell_rate_and_length(tmp_path: Path) -> None:
    sound(tmp_path / "loud" / "1.wav")
    sound(tmp_path / "quiet" / "1.wav", 0.05, channels=2)
    events: list[Event] = []
    data = load(tmp_path, events)
    assert (data.train.x.shape, data.train.y.tolist(), data.class_names) == ((2, 400, 1), [0, 1], ("loud", "quiet"))
    assert data.learned == {"sampling_rate": 4000, "seconds": 0.1}
    assert (
        "2 audio files of 0.05 to 0.1 s at 4,000 Hz; waveforms of 0.1 s: 1 file mixed to one channel and 1 file"
        in str(events)
    )
    assert load(tmp_path, seconds=0.5, channels=2).train.x.shape == (2, 2000, 2)


def test_another_rate_is_refused_unless_resampling_is_asked_for(tmp_path: Path) -> None:
    for number in range(3):
        sound(tmp_path / "a" / f"{number}.wav")
    sound(tmp_path / "a" / "other.wav", rate=8000)
    with pytest.raises(DataError, match=r"the sampling rate is 4,000 Hz, but .*other\.wav has 8,000 Hz$") as caught:
        load(tmp_path)
    assert "set sampling_rate: 4000" in str(caught.value.hint)
    data = load(tmp_path, sampling_rate=2000)
    assert data.train.x.shape == (4, 200, 1)
    assert data.train.x[np.array([3])].shape == (1, 200, 1)


def test_further_data_is_of_the_rate_and_the_length_of_the_training_data(tmp_path: Path) -> None:
    sound(tmp_path / "a" / "1.wav")
    assert load(tmp_path, learned={"sampling_rate": 4000, "seconds": 0.2}).train.x.shape == (1, 800, 1)
    with pytest.raises(DataError, match="the sampling rate is 16,000 Hz, but"):
        load(tmp_path, learned={"sampling_rate": 16_000, "seconds": 0.2})


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    sound(tmp_path / "a" / "1.wav", channels=3)
    sound(tmp_path / "a" / "2.wav")
    (tmp_path / "a" / "3.wav").write_text("no audio")
    with pytest.raises(DataError, match=r"2 files cannot be read: .*3\.wav is not a WAV file; .*1\.wav has 3 channels"):
        load(tmp_path, channels=2)
    assert len(load(tmp_path, channels=2, on_error="skip").train) == 1


def test_new_files_are_read_as_in_training(tmp_path: Path) -> None:
    sound(tmp_path / "1.wav", 0.3)
    sound(tmp_path / "2.wav", rate=8000)
    schema = DataSchema(learned={"sampling_rate": 4000, "seconds": 0.1})
    one, other = (
        NewFiles((tmp_path / name,), (ModelInput("x", (400, 1), "float32"),), schema) for name in ("1.wav", "2.wav")
    )
    assert AudioFolder(path="gone").read_new(one).values.shape == (1, 400, 1)
    with pytest.raises(DataError, match=r"2\.wav has 8,000 Hz"):
        AudioFolder(path="gone").read_new(other)
    asked = AudioFolder(path="gone", sampling_rate=4000).read_new(other)
    assert asked.values[np.array([0])].shape == (1, 400, 1)


@pytest.mark.tf
def test_a_run_and_its_predictions(workplace: Workplace) -> None:
    for number in range(6):
        sound(workplace.folder / "sounds" / "loud" / f"{number}.wav", level=0.6 + number / 100)
        sound(workplace.folder / "sounds" / "quiet" / f"{number}.wav", level=0.1 + number / 100)
    run = workplace.train(
        data={"source": {"AudioFolder": {"path": "sounds"}}, "validation_split": 0.25, "batch_size": 4},
        model={
            "layers": [
                "Flatten",
                {
                    "MelSpectrogram": {
                        "fft_length": 64,
                        "sequence_stride": 64,
                        "sampling_rate": "${data.sampling_rate}",
                        "num_mel_bins": 4,
                    }
                },
                "Flatten",
                {"Dense": {"units": 2, "activation": "softmax"}},
            ]
        },
    )
    assert run.record["data"]["schema"]["learned"] == {"sampling_rate": 4000, "seconds": 0.1}
    ended = workplace.call("predict", str(run.directory), "sounds/loud")
    assert (ended.exit_code, len(ended.stdout.splitlines())) == (0, 7)
    sound(workplace.folder / "new.wav", rate=8000)
    ended = workplace.call("predict", str(run.directory), "new.wav")
    assert ended.exit_code == 4
    assert "the sampling rate is 4,000 Hz, but new.wav has 8,000 Hz" in ended.stderr
