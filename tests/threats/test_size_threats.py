"""What is far too large is refused within the memory of a small program, in a few lines, and the rest is counted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from typing import Any

import pytest
from workplace import SMALL, Workplace

from trainctl import limits, text

MOST_MEMORY = 200 * 1024  # kilobytes
MOST_LINES = 7 * limits.DIAGNOSTICS

SECTIONS = "".join(f"{key}: {json.dumps(value)}\n" for key, value in SMALL.items() if key != "model")
MODEL = f"model: {json.dumps(SMALL['model'])}\n"
WHOLE = SECTIONS + MODEL


def in_list(items: Iterable[str], key: str) -> str:
    return f"{key}:\n" + "".join(f"    - {item}\n" for item in items)


def doubled(first: str, form: str, names: int = 40) -> str:
    """Variables, each of which holds the one before it twice."""
    return f"vars:\n  a0: {first}\n" + "".join(
        f"  a{index}: {form.format(index=index, before=index - 1)}\n" for index in range(1, names)
    )


BOMBS: dict[str, tuple[str, str]] = {
    "a scalar of 1 MB": (f"{WHOLE}description: {'x' * 1_000_000}\n", "too-large"),
    "a key of 1 MB": (f"{WHOLE}{'x' * 1_000_000}: 1\n", "not-yaml"),
    "a text of 1 MB in quotes": (f'{WHOLE}description: "{"x y " * 250_000}"\n', "too-large"),
    "a misspelled value": (WHOLE.replace("relu", "x" * 90_000), "wrong-type"),
    "NULs": ("\0" * 9_000_000, "too-large"),
    "NULs, not too many": ("\0" * 7_000_000, "not-yaml"),
    "layers with a typo each": (SECTIONS + in_list(["Dense: {unitz: 3}"] * 20_000, "model:\n  layers"), "too-large"),
    "keys": (WHOLE + "".join(f"key{number}: 1\n" for number in range(90_000)), "unknown-key"),
    "arguments": (
        f"{SECTIONS}model:\n  layers:\n  - Dense:\n" + "".join(f"      unit{number}: 1\n" for number in range(90_000)),
        "unknown-argument",
    ),
    "one key": (WHOLE + "key: 1\n" * 90_000, "duplicate-key"),
    "interpolations": (f"vars: {{a: 1}}\n{WHOLE}description: '{'${vars.a}' * 11_000}'\nx: 1\n", "unknown-key"),
    "interpolations of nothing": (
        WHOLE + in_list((f"${{vars.b{number}}}" for number in range(50_000)), "vars:\n  a"),
        "unknown-reference",
    ),
    "a list that doubles": (
        WHOLE + doubled("[1, 1]", "['${{vars.a{before}}}', '${{vars.a{before}}}']"),
        "too-large",
    ),
    "a text that doubles": (WHOLE + doubled("xxxxxxxxxx", "'${{vars.a{before}}}${{vars.a{before}}}'"), "too-large"),
    "an alias that doubles": (WHOLE + doubled("&a0 [1, 1]", "&a{index} [*a{before}, *a{before}]"), "too-large"),
    "an alias that deepens": (WHOLE + doubled("&a0 [1]", "&a{index} [[[*a{before}]]]", 50), "too-deep"),
    "a reference that deepens": (WHOLE + doubled("[1]", "[[['${{vars.a{before}}}']]]", 50), "too-deep"),
    "a long text, often": (f"{WHOLE}vars:\n  a: &a {'x' * 10_000}\n  b: [{'*a, ' * 50_000}]\n", "too-large"),
    "brackets": (f"{WHOLE}vars: {'[' * 1_000_000}\n", "too-deep"),
    "dashes": (f"{WHOLE}vars:\n  {'- ' * 100_000}a\n", "too-deep"),
    "a comment": (f"#{' x' * 5_000_000}\n{WHOLE}", "too-large"),
    "a list of numbers": (f"{WHOLE}vars: {{a: [{'1, ' * 1_000_000}]}}\n", "too-large"),
    "callbacks": (WHOLE + in_list(["EarlyStoping"] * 50_000, "callbacks"), "too-large"),
    "metrics": (WHOLE.replace('["accuracy"]', f"[{'acuracy, ' * 50_000}]"), "too-large"),
    "expectations": (WHOLE + in_list([], "expect") + "".join(f"  a{n}: '> 0'\n" for n in range(30_000)), "too-large"),
    "columns": (
        f"{SECTIONS}model:\n  inputs: {{{', '.join(f'A{number}: {{}}' for number in range(20_000))}}}\n  layers: [Flatten]\n",
        "wrong-value",
    ),
    "characters that must be escaped": (f"{WHOLE}name2: {chr(0x202E) * 90_000}\n", "unknown-key"),
}


def validated(workplace: Workplace, name: str, *args: str) -> tuple[subprocess.CompletedProcess[str], int]:
    """How `trainctl validate` ended, and how many kilobytes it took at most."""
    measure = (
        # Not ru_maxrss: it begins with what the process had that started this one.
        "from trainctl.__main__ import main\n"
        "try:\n    main()\nfinally:\n    peak = open('/proc/self/status').read().split('VmHWM:')[1].split()[0]\n"
        "    open('peak', 'w').write(peak)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", measure, "validate", name, *args],
        cwd=workplace.folder,
        env={**os.environ, **workplace.environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return ended, int((workplace.folder / "peak").read_text())


@pytest.mark.claim("D5")
@pytest.mark.parametrize("name", BOMBS)
def test_a_file_that_is_far_too_large(workplace: Workplace, name: str) -> None:
    written, code = BOMBS[name]
    (workplace.folder / "a.yaml").write_text(written)
    ended, peak = validated(workplace, "a.yaml")
    assert ended.returncode == 3
    assert f"error[{code}]" in ended.stderr
    assert len(ended.stderr.splitlines()) <= MOST_LINES
    assert len(ended.stderr) <= 300 * MOST_LINES
    assert peak <= MOST_MEMORY


@pytest.mark.claim("D5")
def test_a_device_is_no_file(workplace: Workplace) -> None:
    ended, peak = validated(workplace, "/dev/zero")
    assert (ended.returncode, peak <= MOST_MEMORY) == (2, True)
    assert "not a regular file" in ended.stderr


WRONG = 3 * limits.DIAGNOSTICS


@pytest.fixture
def many(workplace: Workplace) -> Workplace:
    """A file with three times as many mistakes as are shown."""
    (workplace.folder / "a.yaml").write_text(WHOLE + "".join(f"epoch{number}: 1\n" for number in range(WRONG)))
    return workplace


def test_what_is_not_shown_is_counted(many: Workplace) -> None:
    ended = many.call("validate", "a.yaml")
    assert ended.exit_code == 3
    assert ended.stderr.count("error[unknown-key]") == limits.DIAGNOSTICS
    assert f"error[more-problems]: and {WRONG - limits.DIAGNOSTICS} more errors" in ended.stderr
    assert ended.stderr.splitlines()[-1] == f"{WRONG} errors in a.yaml"


def test_what_is_not_shown_is_counted_for_programs(many: Workplace) -> None:
    ended = many.call("validate", "a.yaml", "--format", "jsonl")
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [each["code"] for each in lines] == ["unknown-key"] * limits.DIAGNOSTICS + ["more-problems"]
    whole: dict[str, Any] = json.loads(many.call("validate", "a.yaml", "--json").stdout)[0]
    assert len(whole["diagnostics"]) == limits.DIAGNOSTICS + 1
    ended = many.call("validate", "a.yaml", "--format", "github")
    assert ended.exit_code == 3
    assert ended.stdout.count("::error") == limits.DIAGNOSTICS + 1
    assert f"and {WRONG - limits.DIAGNOSTICS} more errors" in ended.stdout


def test_the_nearest_name_is_looked_for_only_where_it_is_shown(
    many: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To look for it takes a thousand times as long as to see that a name is wrong."""
    words = []
    find = text.difflib.get_close_matches
    monkeypatch.setattr(text.difflib, "get_close_matches", lambda *args, **more: words.append(1) or find(*args, **more))
    many.call("validate", "a.yaml")
    assert limits.DIAGNOSTICS <= len(words) <= 2 * limits.DIAGNOSTICS


def test_errors_are_shown_before_warnings(workplace: Workplace) -> None:
    callbacks: list[Any] = [{"BaseLogger": {}}] * (2 * limits.DIAGNOSTICS) + [{"EarlyStopping": {"monitor": "val_los"}}]
    ended = workplace.call("validate", str(workplace.write(callbacks=callbacks)))
    assert "error[unknown-metric]" in ended.stderr
    assert "more warnings" in ended.stderr
