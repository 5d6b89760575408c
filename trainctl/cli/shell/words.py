"""What may come next on the command line, found without importing a command, a library or a person's code.

The commands are read from commands.json, which a test compares with them. What the shell gets is a first line that says
what the rest is: `words`, or `files` or `folders` for it to complete itself; then a line for each word, with a tab before
its description. No name from a disk is run: what a shell would not read as plain text is quoted, or left out.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice, pairwise
from pathlib import Path
from typing import TypeAlias, TypedDict

from trainctl.aliases import Value
from trainctl.runs.layout import RECORD

VARIABLE = "_TRAINCTL_COMPLETE"
"""The environment variable with which a shell's script asks; its value is the shell."""

_MOST_PATHS = 2000
_DEEPEST = 12
_LARGEST_FILE = 1_000_000  # bytes
_PLAIN = re.compile(r"[\w@%+,./=:~-]", re.ASCII)
_OPENING = ("'", '"')

Words: TypeAlias = Mapping[str, str]
"""Words with their descriptions."""
Kind: TypeAlias = str | list[str]
"""What help shows for a value, such as `CONFIG`, or a list of all that it may be; empty where there is none."""


class Command(TypedDict):
    """A command in commands.json: what it does, the kinds of its values, and its options, each with kind and text."""

    text: str
    takes: list[Kind]
    options: dict[str, tuple[Kind, str]]


class Known(TypedDict):
    """The content of commands.json: the commands by name, components of ours, and the keys of an experiment."""

    commands: dict[str, Command]
    components: dict[str, str]
    keys: dict[str, str]


def answer(shell: str, words: Sequence[str]) -> None:
    """Print what may be in place of the last of the `words`, which follow the program's name.

    Nothing is printed where that cannot be told: a person who presses the Tab key is not to be interrupted.
    """
    lines: list[str] = []
    with suppress(Exception):
        lines = _answer_bash(words) if shell == "bash" else _format(find_words(words))
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def find_words(words: Sequence[str]) -> Words | str:
    """Return the words that the last of `words` may become, or `files` or `folders` for any such path."""
    *earlier, current = words or [""]
    before = [part for word in earlier for part in (word.split("=", 1) if word.startswith("--") else [word])]
    known: Known = json.loads(Path(__file__).with_name("commands.json").read_text(encoding="utf-8"))
    command, given, expected = _follow(known["commands"], before)
    takes = known["commands"][command]
    if not expected and current.startswith("-"):
        option, is_long, value = current.partition("=")
        if not is_long:
            return _starting({name: text for name, (_, text) in takes["options"].items()}, current)
        found = _find_values(takes["options"].get(option, ("", ""))[0], known, given, value, before)
        return found if isinstance(found, str) else {f"{option}={word}": text for word, text in found.items()}
    if not expected:
        expected = _find_place(takes["takes"], len(given))
        below = _starting(_find_below(known["commands"], command), current) if not given else {}
        if below or not expected:
            return below
    return _find_values(expected, known, given, current, before)


def _follow(commands: Mapping[str, Command], before: Sequence[str]) -> tuple[str, list[str], Kind]:
    """Return the command that `before` calls, the values it has been given, and what its last option waits for."""
    command, given = "", list[str]()
    expected: Kind = ""
    for word in before:
        below = f"{command} {word}".strip()
        if expected:
            expected = ""
        elif word.startswith("-"):
            expected, _ = commands[command]["options"].get(word, ("", ""))
        elif not given and below in commands:
            command = below
        else:
            given.append(word)
    return command, given, expected


def _find_below(commands: Mapping[str, Command], command: str) -> Words:
    parent = command.split()
    return {name.split()[-1]: each["text"] for name, each in commands.items() if name and name.split()[:-1] == parent}


def _find_place(takes: Sequence[Kind], number: int) -> Kind:
    if number < len(takes):
        return takes[number]
    last = takes[-1] if takes else ""
    return last if isinstance(last, str) and last.endswith("...") else ""


def _find_values(kind: Kind, known: Known, given: Sequence[str], current: str, before: Sequence[str]) -> Words | str:
    """Return what a value may be: all that any of its alternatives may be.

    Args:
        kind: What help shows for it, such as `CONFIG|RUN`, or a list of all that it may be.
        known: The content of commands.json.
        given: The values before it.
        current: What has been typed of it.
        before: All words before it.
    """
    if isinstance(kind, list):
        return _starting(dict.fromkeys(kind, ""), current)
    found: dict[str, str] = {}
    for each in kind.strip("[].").split("|"):
        values = _find_values_of(each, known, given, current, before)
        if isinstance(values, str):
            return values
        found |= values
    return found


def _find_values_of(kind: str, known: Known, given: Sequence[str], current: str, before: Sequence[str]) -> Words | str:
    match kind:
        case "CONFIG":
            return _find_files(current, (".yaml", ".yml"))
        case "RUN":
            return "files" if os.sep in current else _starting(_find_runs(before), current)
        case "DESCRIBED":
            return _starting({**_find_components(), **known["components"], **known["keys"]}, current)
        case "PATH=VALUE" | "EXPLAINED":
            ending = "=" if kind == "PATH=VALUE" else ""
            paths = {**known["keys"], **(_find_paths(given[0]) if given else {})}
            return _starting({f"{path}{ending}": text for path, text in paths.items()}, current)
        case "FOLDER" | "DIR":
            return "folders"
        case "FILE" | "PATH" | "INPUT":
            return "files"
        case word:  # help writes words as they are, and what is to be replaced in capitals
            return _starting({word: ""} if word.islower() else {}, current)


def _starting(words: Words, current: str) -> Words:
    return {word: text for word, text in words.items() if word.startswith(current)}


def _find_files(current: str, endings: tuple[str, ...]) -> Words:
    """Return the files with these endings, and the folders, which end in a slash."""
    folder, _, start = current.rpartition("/")
    written = f"{folder}/" if "/" in current else ""
    with os.scandir(Path(written).expanduser()) as entries:
        named = sorted(entries, key=lambda entry: entry.name)
    shown = [each for each in named if each.name.startswith(start) and (start or not each.name.startswith("."))]
    files = {f"{written}{each.name}": "" for each in shown if each.name.endswith(endings) and each.is_file()}
    return {**files, **{f"{written}{each.name}/": "" for each in shown if each.is_dir()}}


def _find_runs(before: Sequence[str]) -> Words:
    """Return the names and ids of the runs, and `latest`."""
    folder = next((value for option, value in pairwise(before) if option == "--runs-dir"), "runs")
    found = (record.parent for record in Path(folder).expanduser().glob(f"*/*/{RECORD}"))
    paths = [path for path in found if not path.is_symlink()]
    names = {path.parent.name: "the newest run of this name" for path in paths}
    ids = {path.name: path.parent.name for path in sorted(paths, key=lambda path: path.name, reverse=True)}
    return {**({"latest": "the newest run"} if paths else {}), **names, **ids}


def _find_components() -> Words:
    """Return the components of the installed Keras."""
    from trainctl import catalog  # most of what a Tab key may cost

    return {name: kind for kind in catalog.KINDS for name in catalog.names(kind)}


def _find_paths(file: str) -> Words:
    """Return the paths of the values that an experiment file holds, in `--set` spelling."""
    import yaml

    path = Path(file).expanduser()
    if not path.is_file() or path.stat().st_size > _LARGEST_FILE:
        return {}
    with suppress(yaml.YAMLError, ValueError, OSError):
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
        return dict(islice(_walk(tree, ""), _MOST_PATHS))
    return {}


def _walk(tree: Value, path: str) -> Iterator[tuple[str, str]]:
    """Yield the path of each value below, with the value; a component's name may be left out."""
    if path.count(".") > _DEEPEST:
        return
    if isinstance(tree, dict) and tree:
        for key, value in tree.items():
            inner = _is_component(tree) and "." in path
            yield from _walk(value, path if inner else f"{path}.{key}".removeprefix("."))
    elif isinstance(tree, list) and any(isinstance(each, dict) for each in tree):
        called = [_call(each) for each in tree]
        for number, (name, each) in enumerate(zip(called, tree, strict=True)):
            if isinstance(each, dict):
                unique = name if called.count(name) == 1 else str(number)
                yield from _walk(each[name] if _is_component(each) else each, f"{path}.{unique}")
    else:
        yield path, " ".join(str(tree).split())[:60]


def _call(item: Value) -> str:
    return next(iter(item), "") if isinstance(item, dict) else str(item)


def _is_component(tree: Mapping[Value, Value]) -> bool:
    return len(tree) == 1 and str(next(iter(tree)))[:1].isupper()


def _format(found: Words | str) -> list[str]:
    if isinstance(found, str):
        return [found]
    shown = {word: " ".join(text.split()) for word, text in found.items() if word.isprintable()}
    return ["words", *(f"{word}\t{text}" for word, text in shown.items())]


def _answer_bash(words: Sequence[str]) -> list[str]:
    """Return the lines for bash, which passes words with their quotes, split at `=` and `:`, and inserts what it gets."""
    whole: list[str] = []
    for word in words:
        joins = bool(whole) and (word[:1] in {"=", ":"} or whole[-1][-1:] in {"=", ":"})
        whole[-1:] = [whole[-1] + word] if joins else [*whole[-1:], word]
    *before, current = whole or [""]
    quote = current[0] if current.startswith(_OPENING) else ""
    text = _unquote(current)
    found = find_words([*map(_unquote, before), text])
    if isinstance(found, str):
        return [found]
    kept = max(text.rfind("="), text.rfind(":")) + 1
    quoted = [_quote(word[kept:], quote) for word in found if word.isprintable()]
    return ["words", *(word for word in quoted if word is not None)]


def _unquote(word: str) -> str:
    """Return what bash would read, also while a quote is open."""
    pattern = r"""'([^']*)'?|"((?:\\.|[^"\\])*)"?|\\(.?)|([^'"\\]+)"""
    parts = re.findall(pattern, word, re.DOTALL)
    return "".join(
        single or re.sub(r"\\(.)", r"\1", double) or escaped or plain for single, double, escaped, plain in parts
    )


def _quote(word: str, quote: str) -> str | None:
    """Return `word` as bash reads it back, within the `quote` that is open; `None` if that cannot be written."""
    if quote:
        return None if set(word) & ({"'"} if quote == "'" else set('"$`\\!')) else word
    return "".join(each if _PLAIN.match(each) or each.isalpha() else f"\\{each}" for each in word)
