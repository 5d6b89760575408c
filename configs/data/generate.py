"""Write the made-up data sets of this folder: `python configs/data/generate.py`. A test repeats it and compares the files.

Each set follows a rule that a model of the gallery can find, with noise from a fixed seed. Penguins are real (Horst, Hill and
Gorman, palmerpenguins, CC0); reviews and tones are older than this script.
"""

from __future__ import annotations

import csv
import sys
import wave
from pathlib import Path

import numpy as np
from PIL import Image

SPEAKERS = {"anna": (210, (700, 1500)), "ben": (120, (450, 1100)), "chloe": (190, (500, 1700))}
"""The pitch of each voice in Hz, and the frequencies that its throat makes louder."""
RATE = 4000  # samples per second
NAMES = ("Anna", "Bea", "Carl", "Dora", "Emil", "Fay", "Gus", "Hana")
SURNAMES = ("Berg", "Costa", "Dahl", "Evans")
TOWNS = ("Berlin", "Lima", "Oslo", "Paris", "Quito", "Turin")
SENTENCES = (
    "P lives in T",
    "P moved from T to T",
    "the train to T is late",
    "P met P in T",
    "P has a cat",
    "in T it rains",
)
"""P becomes a person of one or two names, T a town, which may be new."""
TAGS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
MEANINGS = {
    "praise": "adored beautiful brilliant clever enjoyed funny loved moving",
    "blame": "clumsy dull endless hated noisy regretted shallow slept",
    "film": "acting ending evening film half music plot scene second whole",
    "other": "and before end every for forget left money never not stop the through watching will",
}
"""Words of reviews.csv that mean something similar: their vectors point in similar directions."""
LONGEST = 8


def sums(folder: Path) -> None:
    """Every sum of two numbers below 50, its digits in columns of their own: `17+25`, 4, 2."""
    rows = [(f"{a}+{b}", *f"{a + b:02}") for a in range(50) for b in range(50)]
    _write_table(folder / "sums.csv", ("question", "tens", "ones"), rows)


def temperatures(folder: Path) -> None:
    """Sixty days of hourly temperatures: a wave of a day, one of two weeks, and a rest that fades by a tenth an hour."""
    draws = np.random.default_rng(3)
    rest, rows = 0.0, []
    for hour in range(60 * 24):
        rest = 0.9 * rest + draws.normal(0, 0.5)
        value = 12 + 6 * np.sin(2 * np.pi * (hour % 24 - 9) / 24) + 4 * np.sin(2 * np.pi * hour / (14 * 24)) + rest
        moment = np.datetime64("2026-03-01T00:00") + np.timedelta64(hour, "h")
        rows.append((str(moment).replace("T", " "), hour % 24, f"{value:.1f}"))
    _write_table(folder / "temperatures.csv", ("time", "hour", "temperature"), rows)


def sentences(folder: Path) -> None:
    """Sentences with a tag for each word, filled up with 0: who is a person, what is a town."""
    draws = np.random.default_rng(4)
    texts, tags = [], []
    for _ in range(400):
        words: list[str] = []
        tagged: list[str] = []
        for word in str(draws.choice(SENTENCES)).split():
            person = [*draws.choice(NAMES, 1), *draws.choice(SURNAMES, draws.integers(2))]
            town = [*(["New"] if draws.integers(4) == 0 else []), *draws.choice(TOWNS, 1)]
            parts, kind = {"P": (person, "PER"), "T": (town, "LOC")}.get(word, ([word], ""))
            words += parts
            tagged += [f"{'I' if index else 'B'}-{kind}" if kind else "O" for index in range(len(parts))]
        texts.append(" ".join(words))
        tags.append([TAGS.index(tag) for tag in tagged] + [0] * (LONGEST - len(tagged)))
    np.savez_compressed(folder / "sentences.npz", x=np.array(texts), y=np.array(tags, "int8"))


def shapes(folder: Path) -> None:
    """Grey images of 32×32 with a disc and a square, and their masks: 0 background, 1 disc, 2 square."""
    draws = np.random.default_rng(5)
    rows, columns = np.mgrid[:32, :32]
    for number in range(48):
        (top, left), (y, x) = draws.integers(2, 20, 2), draws.integers(8, 24, 2)
        side, radius = draws.integers(7, 11), draws.integers(4, 8)
        mask = np.zeros((32, 32), np.uint8)
        mask[top : top + side, left : left + side] = 2
        mask[(rows - y) ** 2 + (columns - x) ** 2 <= radius**2] = 1
        image = 40 + (rows + columns) // 2 + np.array([0, 60, 100])[mask] + 2 * draws.integers(-1, 2, (32, 32))
        for kind, pixels in (("images", image), ("masks", mask)):
            (folder / "shapes" / kind).mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels.astype(np.uint8)).save(folder / "shapes" / kind / f"{number:02}.png")


def speakers(folder: Path) -> None:
    """Twelve vowels of each of three voices, a quarter of a second each, 8 bits a sample."""
    draws = np.random.default_rng(6)
    moments = np.arange(RATE // 4) / RATE
    for name, (pitch, formants) in SPEAKERS.items():
        (folder / "speakers" / name).mkdir(parents=True, exist_ok=True)
        for number in range(12):
            base = pitch * draws.uniform(0.9, 1.1)
            tones = np.arange(1, int(RATE / 2 / base))
            loud = sum(np.exp(-(((tones * base - formant) / 150) ** 2)) for formant in formants) + 0.1
            parts = loud[:, None] * np.sin(
                2 * np.pi * tones[:, None] * base * moments + draws.uniform(0, 6, (len(tones), 1))
            )
            sound = parts.sum(0) / np.abs(parts.sum(0)).max() + draws.normal(0, 0.05, len(moments))
            with wave.open(str(folder / "speakers" / name / f"{number:02}.wav"), "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(1)
                file.setframerate(RATE)
                file.writeframes(np.clip(128 + 100 * sound, 0, 255).astype(np.uint8).tobytes())


def word_vectors(folder: Path) -> None:
    """A vector of 8 numbers for each word, in a line as GloVe writes it: that of its meaning, and a little of its own."""
    draws = np.random.default_rng(7)
    lines = []
    for words in MEANINGS.values():
        meaning = draws.normal(0, 1, 8)
        lines += [
            " ".join([word, *(f"{number:.3f}" for number in meaning + draws.normal(0, 0.3, 8))])
            for word in words.split()
        ]
    (folder / "word_vectors.txt").write_text("\n".join(sorted(lines)) + "\n")


def _write_table(path: Path, header: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([header, *rows])


def main(folder: Path) -> None:
    """Write every set."""
    for write in (sums, temperatures, sentences, shapes, speakers, word_vectors):
        write(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
