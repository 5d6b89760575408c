"""AudioFolder, against soundfile itself: files that it wrote are read as the WAV file of the same sound."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from trainctl.components.context import DataContext
from trainctl.errors import DataError
from trainctl.sources.audio_folder import AudioFolder

soundfile = pytest.importorskip(
    "soundfile", reason='soundfile is an extra: make test-extras, or pip install "trainctl[audio]"'
)
SOUND = (np.sin(np.arange(4000) / 5) / 2).astype(np.float32)


@pytest.mark.parametrize("ending", ["flac", "ogg", "aiff", "mp3", "wav"])
def test_a_sound_in_every_kind_of_file(tmp_path: Path, ending: str) -> None:
    (tmp_path / "a").mkdir()
    soundfile.write(tmp_path / "a" / f"1.{ending}", SOUND, 8000)
    data = AudioFolder(path=str(tmp_path), seconds=0.5).load(DataContext(emit=print))
    assert data.learned["sampling_rate"] == 8000
    found = data.train.x[np.array([0])][0, :, 0]
    assert np.abs(found[500:3000]).max() == pytest.approx(0.5, abs=0.05)


def test_files_that_are_cut_short(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    soundfile.write(tmp_path / "a" / "1.flac", SOUND, 8000)
    soundfile.write(tmp_path / "a" / "2.flac", SOUND, 8000)
    (tmp_path / "a" / "2.flac").write_bytes(b"fLaC")
    with pytest.raises(DataError, match=r"2\.flac is not audio that can be read"):
        AudioFolder(path=str(tmp_path)).load(DataContext(emit=print))
