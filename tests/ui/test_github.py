import dataclasses
import io

from trainctl import events
from trainctl.ui.github import GithubDisplay


def annotations(*facts: events.Event) -> tuple[list[str], str]:
    stdout, stderr = io.StringIO(), io.StringIO()
    sink = GithubDisplay(stdout, stderr)
    for fact in facts:
        sink(fact)
    return stdout.getvalue().splitlines(), stderr.getvalue()


def test_a_loud_notice_is_a_warning(started):
    lines, text = annotations(
        started, events.Notice(message="stand-in\ndata", loud=True), events.Notice(message="quiet")
    )
    assert lines == ["::warning title=mnist::stand-in%0Adata"]
    assert "note: quiet" in text


def test_a_good_end_is_a_notice(started, finished):
    lines, text = annotations(started, finished)
    assert lines == [
        "::notice title=mnist::done in 1 min 5 s: 3 epochs, weights of epoch 2 kept%0Aloss 0.2500  val_loss 0.3000"
    ]
    assert "val_loss 0.3000" in text


def test_a_failure_is_an_error(started, finished):
    failed = dataclasses.replace(finished, status="failed", exit_code=6, message="NaN", hint="lower", expectations=())
    lines, _ = annotations(started, failed)
    assert lines == ["::error title=mnist%3A failed::NaN%0Ahelp: lower"]
