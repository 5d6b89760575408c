import io
import json
import re
from pathlib import Path

import pytest

from trainctl.diagnostics import Diagnostic, Location, Related, Severity, Source
from trainctl.ui.report import report


def file(name: str, text: str) -> Source:
    return Source(name, text, Path(), Path(name))


MNIST = file("configs/mnist.yaml", "\n" * 33 + "  - EarlyStopping: {patince: 3}\n")
BASE = file("configs/base.yaml", "a: 1\nb: 2\n")
UNKNOWN = Diagnostic(
    "unknown-argument",
    "EarlyStopping has no argument 'patince'",
    Location(MNIST, 34, 21, 7),
    expected="patience",
    hint="did you mean 'patience'? See: trainctl describe EarlyStopping",
    related=(Related("extended from here", Location(BASE, 2, 3)),),
)


def reported(*diagnostics: Diagnostic, form: str = "auto", color: bool = False, width: int = 80) -> tuple[str, str]:
    stdout, stderr = io.StringIO(), io.StringIO()
    report(diagnostics, format=form, stdout=stdout, stderr=stderr, color=color, width=width)
    return stdout.getvalue(), stderr.getvalue()


def at(source: Source, line: int, column: int, message: str = "m", **more) -> Diagnostic:
    return Diagnostic("code", message, Location(source, line, column), **more)


TEXT = """\
configs/mnist.yaml:34:21: error[unknown-argument]: EarlyStopping has no argument 'patince'
    34 |   - EarlyStopping: {patince: 3}
       |                     ^^^^^^^
  expected: patience
  help: did you mean 'patience'? See: trainctl describe EarlyStopping
  note: configs/base.yaml:2:3: extended from here
1 error in configs/mnist.yaml
"""


@pytest.mark.parametrize("form", ["auto", "rich", "lines", "quiet"])
def test_text_goes_to_stderr(form):
    assert reported(UNKNOWN, form=form) == ("", TEXT)


def test_color_adds_nothing_but_color():
    _, text = reported(UNKNOWN, color=True)
    assert "\x1b[" in text
    assert re.sub(r"\x1b\[[\d;]*m", "", text) == TEXT


def test_the_first_line_is_never_wrapped():
    _, text = reported(at(BASE, 1, 1, "word " * 100), width=40)
    assert text.splitlines()[0] == f"configs/base.yaml:1:1: error[code]: {'word ' * 100}"


def test_control_characters_of_a_file_are_escaped():
    source = file("a\x1b.yaml", "k: \x1b[2J\n")
    _, text = reported(at(source, 1, 4, "got \x1b[2J", received="\x1b", hint="\x07"))
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "a\\x1b.yaml:1:4: error[code]: got \\x1b[2J" in text


def test_without_a_place():
    assert reported(Diagnostic("missing", "nothing here"))[1] == "error[missing]: nothing here\n"


def test_a_hint_of_several_lines_is_indented():
    assert "  help: one\n        two\n" in reported(Diagnostic("c", "m", hint="one\ntwo"))[1]


def test_a_place_outside_the_text_has_no_excerpt():
    assert reported(at(BASE, 99, 1))[1] == "configs/base.yaml:99:1: error[code]: m\n1 error in configs/base.yaml\n"


def test_order_is_source_line_column():
    _, text = reported(at(MNIST, 34, 9), at(BASE, 2, 1), at(MNIST, 34, 3), at(MNIST, 1, 1), at(BASE, 1, 1))
    heads = [line.split(": ")[0] for line in text.splitlines() if "error[" in line]
    assert heads == [
        "configs/mnist.yaml:1:1",
        "configs/mnist.yaml:34:3",
        "configs/mnist.yaml:34:9",
        "configs/base.yaml:1:1",
        "configs/base.yaml:2:1",
    ]


def test_the_count():
    warning = at(BASE, 1, 1, severity=Severity.WARNING)
    assert reported(warning)[1].endswith("\n1 warning in configs/base.yaml\n")
    assert reported(warning, at(BASE, 1, 2), at(BASE, 1, 3))[1].endswith("\n2 errors, 1 warning in configs/base.yaml\n")
    assert reported(warning, UNKNOWN)[1].endswith("\n1 error, 1 warning in 2 files\n")


def test_nothing_to_report():
    for form in ("auto", "jsonl", "github"):
        assert reported(form=form) == ("", "")


def test_jsonl_goes_to_stdout():
    stdout, stderr = reported(UNKNOWN, Diagnostic("missing", "nothing"), form="jsonl")
    assert stderr == ""
    assert [json.loads(line) for line in stdout.splitlines()] == [
        UNKNOWN.as_dict(),
        Diagnostic("missing", "nothing").as_dict(),
    ]


def test_github_annotates_and_still_says_it_in_words():
    stdout, stderr = reported(UNKNOWN, form="github")
    assert stderr == TEXT
    assert stdout == (
        "::error file=configs/mnist.yaml,line=34,col=21,endColumn=28,title=unknown-argument::"
        "EarlyStopping has no argument 'patince'%0Aexpected: patience%0A"
        "help: did you mean 'patience'? See: trainctl describe EarlyStopping\n"
    )


def test_github_names_no_file_where_there_is_none():
    override = Source("--set #1", "a=1", Path())
    warning = at(override, 1, 1, severity=Severity.WARNING)
    assert reported(warning, form="github")[0] == "::warning title=code::m\n"


def test_a_stream_of_another_encoding():
    stderr = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    report([Diagnostic("c", "größe ≥ 1")], format="auto", stdout=io.StringIO(), stderr=stderr, color=False, width=80)
    assert stderr.buffer.getvalue() == b"error[c]: gr??e ? 1\n"
