import dataclasses
import io

from trainctl.ui.quiet import QuietDisplay


def test_only_a_failure_is_heard(started, finished):
    stream = io.StringIO()
    sink = QuietDisplay(stream)
    sink(started)
    sink(finished)
    assert stream.getvalue() == ""
    sink(dataclasses.replace(finished, exit_code=6, status="failed", message="the loss is NaN", hint="lower it"))
    assert stream.getvalue() == "error: the loss is NaN\n  help: lower it\n"
