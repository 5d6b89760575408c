"""AudioFolder: audio files, in a folder for each class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import Field

from trainctl.aliases import Data
from trainctl.components.dataset import Dataset
from trainctl.components.fields import Number, Positive
from trainctl.components.new_inputs import NewFiles, NewInputs
from trainctl.components.spec import source
from trainctl.errors import DataError
from trainctl.notices import Notice
from trainctl.sources.files.audio import SUFFIXES, AudioFiles, heads_of, is_audio, lengths
from trainctl.sources.files.folder_spec import FolderSpec
from trainctl.sources.files.walk import Examined, FileTest, first_of
from trainctl.sources.files.wav import AudioHead
from trainctl.sources.reading.inputs import shown
from trainctl.text import one_of, plural

if TYPE_CHECKING:
    from collections.abc import Callable

    from trainctl.components.context import DataContext
    from trainctl.sources.files.found import FoundFiles, FoundSplits

_RATE, _SECONDS = "sampling_rate", "seconds"
"""What is learned of the data to train on."""


@source("AudioFolder")
class AudioFolder(FolderSpec):
    """Audio in one folder per class, read on demand: WAV; with `pip install "trainctl[audio]"` also FLAC, OGG, MP3, AIFF.

    Where the folder holds folders for splits under their usual names (`train`, `Training`, `training_set` …; `val`, `valid`,
    `validation`, `dev`; `test`, `Testing` …), these are the splits. Hidden files are left out; other unused files are
    reported. WAV files may hold 8, 16, 24 or 32 bits, or floating-point numbers.

    Every waveform is as long as `seconds`: longer ones are cut at their end, shorter ones are filled up with silence. All files
    must have one sampling rate, unless `sampling_rate` says to which to resample; `${data.sampling_rate}` names it. A spectrogram
    is a layer: `STFTSpectrogram: {expand_dims: true}`, or Flatten and then `MelSpectrogram` with one channel.

    Shapes:
        x: float32 (n, seconds × sampling rate, channels), values in -1 to 1; a mapping of several columns to such.
        y: int64 (n,), the index of the class among the sorted names of the folders, or in `classes`; with `files`, its
            label column as CSV reads it.
    """

    reads = SUFFIXES
    noun: ClassVar[str] = "audio file"

    seconds: Annotated[Number, Field(gt=0)] | None = Field(
        default=None, description="The length of every waveform in seconds; null = that of the longest file."
    )
    sampling_rate: Positive | None = Field(
        default=None,
        description="Samples per second; files of another rate are resampled. null = the rate of the files, which must have one.",
    )
    channels: Positive = Field(default=1, description="Channels; 1 mixes those of a file, others must be as many.")

    @property
    def file_test(self) -> FileTest:
        """Tells which files are audio."""
        return FileTest(self.noun, SUFFIXES, is_audio)

    def rows(self, files: Sequence[Path]) -> Data:
        """Return the waveforms, read on demand; the rate and the length must be settled."""
        rate = self.sampling_rate or 0
        return AudioFiles(files, rate, round((self.seconds or 0) * rate), self.channels)

    def examined(self, files: Sequence[Path]) -> Examined:
        """Return what is wrong with each file that is no audio, or has other channels."""
        heads, unreadable = heads_of(files)
        if self.channels > 1:
            other = {file: head.channels for file, head in heads.items() if head.channels not in {1, self.channels}}
            unreadable |= {file: f"has {own} channels, expected {self.channels}" for file, own in other.items()}
        return Examined(unreadable)

    def settled(self, splits: FoundSplits, context: DataContext) -> Self:
        """Return the source with the rate and the length that the files have, or those of the data to train on.

        Raises:
            DataError: Files have different rates, and it is not said to which to resample them.
        """
        heads, _ = heads_of(list(dict.fromkeys(file for each in splits for file in each.every())))
        rate = self.sampling_rate or int(context.learned.get(_RATE, 0)) or _only_rate(heads)
        if self.sampling_rate is None:
            _require_rate(heads, rate)
        every = lengths(heads, rate)
        seconds = self.seconds or context.learned.get(_SECONDS) or max(every) / rate
        context.emit(Notice(message=_told(heads, every, rate, seconds, self.channels)))
        return self.model_copy(update={_RATE: rate, _SECONDS: seconds})

    def dataset(self, splits: FoundSplits, labels: Callable[[FoundFiles], Data] | None = None) -> Dataset:
        """Return the samples in files that can be read."""
        found = super().dataset(splits) if labels is None else super().dataset(splits, labels)
        return replace(found, learned={_RATE: self.sampling_rate or 0, _SECONDS: self.seconds or 0})

    def read_new(self, new: NewFiles) -> NewInputs:
        """Return the waveforms in files, of the rate and the length of the training data.

        Raises:
            DataError: A file cannot be read, or is of another rate.
        """
        known = {name: new.schema.learned.get(name) or getattr(self, name) for name in (_RATE, _SECONDS)}
        found = super(AudioFolder, self.model_copy(update=known)).read_new(new)
        if self.sampling_rate is None:
            _require_rate(heads_of(found.files)[0], int(known[_RATE]))
        return found


def _only_rate(heads: Mapping[Path, AudioHead]) -> int:
    """Return the sampling rate that most files have."""
    return Counter(head.rate for head in heads.values()).most_common(1)[0][0]


def _require_rate(heads: Mapping[Path, AudioHead], rate: int) -> None:
    others = {file: head.rate for file, head in heads.items() if head.rate != rate}
    if not others:
        return
    listed = first_of((f"{shown(file)} has {own:,} Hz" for file, own in others.items()), len(others))
    raise DataError(
        f"the sampling rate is {rate:,} Hz, but {listed}",
        hint="resample the files" if len(others) == len(heads) else "resample these files",
        setting=f"set sampling_rate: {rate} to resample them while they are read",
    )


def _told(heads: Mapping[Path, AudioHead], every: Sequence[int], rate: int, seconds: float, channels: int) -> str:
    """Return what the files are like and what is done with them."""
    frames = round(seconds * rate)
    longer, shorter = sum(each > frames for each in every), sum(each < frames for each in every)
    rates = sum(head.rate != rate for head in heads.values())
    mixed = sum(head.channels > channels for head in heads.values())
    changes = [
        f"{plural(rates, 'file')} resampled" if rates else "",
        f"{plural(mixed, 'file')} mixed to one channel" if mixed else "",
        f"{plural(longer, 'file')} cut" if longer else "",
        f"{plural(shorter, 'file')} filled up with silence" if shorter else "",
    ]
    told = one_of(filter(None, changes), "and")
    least, most = f"{min(every) / rate:.3g}", f"{max(every) / rate:.3g}"
    length = least if least == most else f"{least} to {most}"
    said = f"{plural(len(heads), 'audio file')} of {length} s at {rate:,} Hz"
    return f"{said}; waveforms of {seconds:.3g} s" + (f": {told}" if told else "")
