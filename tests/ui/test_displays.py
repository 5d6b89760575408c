import io
import subprocess
import sys

import pytest

from trainctl.errors import UsageError
from trainctl.ui.displays import FORMATS, make_display
from trainctl.ui.github import GithubDisplay
from trainctl.ui.jsonl import JsonlDisplay
from trainctl.ui.lines import LinesDisplay
from trainctl.ui.live import LiveDisplay
from trainctl.ui.quiet import QuietDisplay


def chosen(name, stderr, **environ):
    with make_display(name, stdout=io.StringIO(), stderr=stderr, environ=environ) as sink:
        return type(sink)


@pytest.mark.parametrize(
    ("environ", "display"),
    [({}, LiveDisplay), ({"CI": ""}, LiveDisplay), ({"CI": "true"}, LinesDisplay), ({"TERM": "dumb"}, LinesDisplay)],
)
def test_auto_on_a_terminal(terminal, environ, display):
    assert chosen("auto", terminal, **environ) is display


def test_auto_elsewhere():
    assert chosen("auto", io.StringIO()) is LinesDisplay


def test_rich_is_kept_where_nobody_looks_but_not_where_it_cannot_be_shown():
    assert chosen("rich", io.StringIO(), CI="true") is LiveDisplay
    assert chosen("rich", io.StringIO(), TERM="dumb") is LinesDisplay
    assert chosen("rich", io.TextIOWrapper(io.BytesIO(), encoding="latin-1")) is LinesDisplay


@pytest.mark.parametrize(
    ("name", "display"),
    [("lines", LinesDisplay), ("jsonl", JsonlDisplay), ("github", GithubDisplay), ("quiet", QuietDisplay)],
)
def test_the_others_do_not_look_at_the_terminal(terminal, name, display):
    assert chosen(name, terminal) is display


def test_every_format_runs_from_start_to_end(terminal, started, finished):
    for name in FORMATS:
        with make_display(name, stdout=io.StringIO(), stderr=terminal, environ={"NO_COLOR": "1"}) as sink:
            sink(started)
            sink(finished)


def test_an_unknown_format_is_wrong_usage():
    with pytest.raises(UsageError, match="unknown format 'xml': expected auto, rich, lines"):
        chosen("xml", io.StringIO())


def test_rich_is_imported_only_for_the_live_display():
    code = "import sys, trainctl.ui.displays, trainctl.ui.plot, trainctl.ui.tables; print('rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
