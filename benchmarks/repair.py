"""Mistakes that `validate --fix` should repair: seeds one into a shipped experiment, repairs it, and compares.

    python benchmarks/repair.py [COUNT] [--seed N] [--keep FOLDER]

Prints, for each kind of mistake, how many came back as they were. Every result must parse, hold all comments, and have no
error that the file with the mistake did not have.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from trainctl import catalog
from trainctl.components.spec import REGISTRIES
from trainctl.config.experiment import SECTIONS, Experiment
from trainctl.config.load import Loaded, load
from trainctl.config.messages.phrases import RENAMED
from trainctl.config.repair import Repair, repair
from trainctl.config.text.document import parse
from trainctl.config.text.source import read_source
from trainctl.diagnostics import Source
from trainctl.errors import ConfigError

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "configs").rglob("*.yaml"))
_WORD = re.compile(r"(?<![\w./$#{'\"-])[A-Za-z]\w{3,}(?![\w./}'\"-])")
_OPEN = re.compile(r"^(vars|inputs|outputs|expect|blocks|name|description):")
_OLD_KEYS = {"val_accuracy": "val_acc"}


@dataclass(frozen=True, slots=True)
class Seeded:
    """A file with one mistake.

    Args:
        kind: What kind of mistake it is.
        before: The file as it should be.
        source: The file with the mistake.
    """

    kind: str
    before: Source
    source: Source


@cache
def known_words() -> frozenset[str]:
    """Every name of a component, an argument or a key."""
    words = {*Experiment.model_fields}
    words.update(name for section in SECTIONS.values() for name in section.model_fields)
    for registry in REGISTRIES.values():
        for name, spec in registry:
            words.update({name, *spec.model_fields})
    for kind in catalog.KINDS:
        for name in catalog.names(kind):
            entry = catalog.find(kind, name)
            words.update({name, *(entry.parameter_names if entry is not None else ())})
        words.update(catalog.identifiers(kind))
    return frozenset(words)


def seeded(dice: random.Random) -> Seeded | None:
    """Seed a mistake into a file; `None` where it came to none."""
    path = dice.choice(FILES)
    before = read_source(path.name, path)
    kind = dice.choice(list(KINDS))
    changed = [text for text in KINDS[kind](before.text, dice) if text != before.text]
    if not changed:
        return None
    text = dice.choice(changed)
    source = replace(before, text=text, data=text.encode())
    try:
        parse(source)
    except ConfigError:
        return None
    return Seeded(kind, before, source) if errors(before) == set() and errors(source) else None


def errors(source: Source) -> set[str]:
    """The messages of all errors of a file."""
    try:
        loaded_from(source)
    except ConfigError as error:
        return {each.message for each in error.diagnostics if each.is_error}
    return set()


def loaded_from(source: Source) -> Loaded:
    """Load an experiment from a text."""
    return load(source.name, source=source)


def comments(text: str) -> Counter[str]:
    """The comments of a text."""
    return Counter(line.partition("# ")[2].strip() for line in text.splitlines() if "# " in line)


def _words(text: str) -> Iterator[re.Match[str]]:
    """The words of a file that are names of ours or of Keras, outside of comments and of what people name."""
    indent = None
    for line in re.finditer(r".*\n?", text):
        plain = line[0].partition("#")[0]
        depth = len(plain) - len(plain.lstrip())
        if indent is not None and plain.strip() and depth <= indent:
            indent = None
        if _OPEN.match(plain.strip()):
            indent = depth
        if indent is None and "${" not in plain:
            for match in _WORD.finditer(text, line.start(), line.start() + len(plain)):
                if match[0] in known_words():
                    yield match


def _with_typo(text: str, dice: random.Random) -> Iterator[str]:
    words = [match for match in _words(text) if len(match[0]) > 4]
    if words:
        match = dice.choice(words)
        place = dice.randrange(1, len(match[0]) - 1)
        word = dice.choice([_dropped, _swapped, _doubled, _replaced])(match[0], place)
        yield text[: match.start()] + word + text[match.end() :]


def _dropped(word: str, place: int) -> str:
    return word[:place] + word[place + 1 :]


def _swapped(word: str, place: int) -> str:
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _doubled(word: str, place: int) -> str:
    return word[:place] + word[place] + word[place:]


def _replaced(word: str, place: int) -> str:
    return word[:place] + ("e" if word[place] != "e" else "a") + word[place + 1 :]


def _with_old_name(text: str, _dice: random.Random) -> Iterator[str]:
    new = {now: old for old, now in RENAMED.items()} | _OLD_KEYS
    for match in _words(text):
        if match[0] in new and text[match.end() : match.end() + 1] in {":", "}", ",", "\n", ""}:
            yield text[: match.start()] + new[match[0]] + text[match.end() :]
    for match in re.finditer(r"\bval_accuracy\b", text):
        yield text[: match.start()] + "val_acc" + text[match.end() :]


def _with_case(text: str, dice: random.Random) -> Iterator[str]:
    words = [match for match in _words(text) if match[0][0].isupper()]
    if words:
        match = dice.choice(words)
        yield text[: match.start()] + match[0].lower() + text[match.end() :]


def _moved(text: str, _dice: random.Random) -> Iterator[str]:
    """A line of a section, at the top level or in another section."""
    sections = {key: section for key, section in SECTIONS.items() if re.search(rf"^{key}:$", text, re.MULTILINE)}
    for line in re.finditer(r"^  (\w+): [^\n{\[]*\n", text, re.MULTILINE):
        home = re.findall(r"^(\w+):", text[: line.start()], re.MULTILINE)[-1]
        if home not in SECTIONS or line[1] not in SECTIONS[home].model_fields:
            continue
        rest = text[: line.start()] + text[line.end() :]
        if re.search(rf"^{home}:\n  \w", rest, re.MULTILINE):
            yield rest + line[0].lstrip()
            for other in sections:
                if line[1] not in SECTIONS[other].model_fields:
                    yield re.sub(rf"^{other}:\n", lambda match, line=line: match[0] + line[0], rest, flags=re.MULTILINE)


def _outdented(text: str, _dice: random.Random) -> Iterator[str]:
    """The last argument of a component, beside it."""
    for item in re.finditer(r"^( *)- [A-Z]\w+:\n((?:\1    \w+: [^\n]*\n)+)", text, re.MULTILINE):
        last = item[0].splitlines(keepends=True)[-1]
        if text[item.end() :][: len(item[1]) + 5].strip() or not text[item.end() :]:
            yield text[: item.end() - len(last)] + last[2:] + text[item.end() :]


def _requoted(text: str, dice: random.Random) -> Iterator[str]:
    numbers = list(re.finditer(r"(?<=: )(\d+|true|false)(?=[,}\n])", text))
    if numbers:
        match = dice.choice(numbers)
        written = {"true": "yes", "false": "no"}.get(match[0], f'"{match[0]}"')
        yield text[: match.start()] + written + text[match.end() :]


KINDS = {
    "typo": _with_typo,
    "old name": _with_old_name,
    "lower case": _with_case,
    "wrong section": _moved,
    "not indented": _outdented,
    "quoted": _requoted,
}


def is_as_it_was(mistake: Seeded, result: Repair) -> bool:
    """Whether the repaired file means what it did before the mistake."""
    return parse(result.after).plain() == parse(mistake.before).plain()


def faults(mistake: Seeded, result: Repair) -> Sequence[str]:
    """What must never happen: a text that is not YAML, a comment that is gone, an error that was not there."""
    found = []
    try:
        parse(result.after)
    except ConfigError:
        found.append("not YAML")
    if comments(result.after.text) != comments(mistake.before.text):
        found.append("comments")
    if errors(result.after) - errors(mistake.source):
        found.append("new error")
    return found


def main() -> None:
    """Seed, repair, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", type=int, nargs="?", default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=None, help="write those that did not come back there")
    options = parser.parse_args()
    dice, all_of, back, bad = random.Random(options.seed), Counter[str](), Counter[str](), Counter[str]()
    while all_of.total() < options.count:
        mistake = seeded(dice)
        if mistake is None:
            continue
        result = repair(mistake.source, loaded_from)
        all_of[mistake.kind] += 1
        found = faults(mistake, result)
        bad.update(found)
        if not found and is_as_it_was(mistake, result):
            back[mistake.kind] += 1
        elif options.keep is not None:
            options.keep.mkdir(parents=True, exist_ok=True)
            name = f"{all_of.total()}-{mistake.kind}{'-' if found else ''}{'-'.join(found)}"
            (options.keep / f"{name}.yaml").write_text(mistake.source.text)
            (options.keep / f"{name}.txt").write_text("\n".join([*sorted(errors(mistake.source)), result.diff]))
    for kind, count in sorted(all_of.items()):
        print(f"{kind:<14} {back[kind]:>5} of {count:>5} as they were")
    print(
        f"{'all':<14} {back.total():>5} of {all_of.total():>5}: {back.total() / all_of.total():.1%}; faults: {dict(bad)}"
    )
    sys.exit(bool(bad) or back.total() < 0.8 * all_of.total())


if __name__ == "__main__":
    main()
