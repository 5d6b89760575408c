import io
import re

import pytest

from trainctl.ui.tables import print_fields, print_table, print_whole_cells

ROWS = [["20260101-120000-a1b2c3", "0.5", "short"], ["b", "12.25", "x" * 100]]


def test_a_pipe_gets_whole_aligned_lines():
    stdout = io.StringIO()
    print_table(["run", "loss", "note"], ROWS, stdout=stdout, width=40)
    assert stdout.getvalue().splitlines() == [
        "run                      loss  note",
        "20260101-120000-a1b2c3    0.5  short",
        f"b                       12.25  {'x' * 100}",
    ]


def test_a_row_is_one_line_in_a_pipe():
    stdout = io.StringIO()
    print_table(["a"], [["one\ntwo\x1b[2J"]], stdout=stdout, width=40)
    assert stdout.getvalue() == "a\none two\\x1b[2J\n"


def test_wide_characters_align():
    stdout = io.StringIO()
    print_fields([("日本", "1"), ("abcd", "2"), ("e", "3")], stdout=stdout, width=40)
    assert stdout.getvalue() == "日本  1\nabcd  2\ne     3\n"


def test_no_rows():
    stdout = io.StringIO()
    print_table(["run", "loss"], [], stdout=stdout, width=40)
    print_fields([], stdout=stdout, width=40)
    assert stdout.getvalue() == "run  loss\n"


def test_a_terminal_wraps_and_loses_nothing(terminal):
    print_table(["run", "loss", "note"], ROWS, stdout=terminal, width=60)
    text = terminal.getvalue()
    assert text.count("x") == 100
    assert "…" not in text
    assert "[red]" not in text


RUNS = ("run", "name", "status", "metrics")
RUN = ("20260101-120000-a1b2c3", "mnist", "interrupted", "val_loss 0.2500  val_accuracy 0.9384")
DROPPABLE = ("metrics", "name", "status")


@pytest.mark.parametrize(
    ("width", "shown"),
    [(120, RUNS), (80, RUNS), (62, RUNS), (50, RUNS[:3]), (40, ("run", "status")), (30, ("run",)), (22, ("run",))],
)
def test_a_narrow_terminal_keeps_the_first_column_whole(terminal, width, shown):
    print_table(RUNS, [RUN], stdout=terminal, width=width, droppable=DROPPABLE)
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in terminal.getvalue().splitlines()]
    assert tuple(lines[0].split()) == shown
    assert lines[2].split()[0] == RUN[0]
    assert max(map(len, lines)) <= width


def test_a_pipe_gets_every_column():
    stdout = io.StringIO()
    print_table(RUNS, [RUN], stdout=stdout, width=40, droppable=DROPPABLE)
    assert stdout.getvalue().splitlines()[0].split() == list(RUNS)


def test_a_terminal_shows_markup_as_text(terminal):
    print_fields([("[red]label", "[bold]value")], stdout=terminal, width=60)
    assert "[red]label" in terminal.getvalue()
    assert "[bold]value" in terminal.getvalue()


def test_a_stream_of_another_encoding():
    stdout = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    print_fields([("größe", "1")], stdout=stdout, width=60)
    stdout.flush()
    assert stdout.buffer.getvalue() == b"gr??e  1\n"


def test_whole_cells_never_wrap_and_what_has_no_room_is_returned():
    stdout = io.StringIO()
    rows = [("20260101-120000-a1b2c3", "größer 漢字", "0.2500"), ("b", "x\ty", "1")]
    dropped = print_whole_cells(
        ("run", "name", "loss"), rows, stdout=stdout, width=34, color=False, droppable=("name", "loss")
    )
    assert dropped == ["name"]
    assert stdout.getvalue().splitlines()[1] == "20260101-120000-a1b2c3  0.2500"
    stdout = io.StringIO()
    assert print_whole_cells(("run", "name", "loss"), rows, stdout=stdout, width=None, color=True) == []
    assert stdout.getvalue().splitlines()[2] == "\x1b[36mb                     \x1b[0m  x\\ty              1"
