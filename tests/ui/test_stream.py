import io
import subprocess
import sys

from trainctl.ui.stream import Outlet, can_encode, encodable


def ascii_stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="ascii")


class Broken(io.StringIO):
    writes = 0

    def write(self, text: str) -> int:
        self.writes += 1
        raise BrokenPipeError


def test_what_an_encoding_lacks_becomes_a_question_mark():
    assert encodable("loss ▁▂ é", ascii_stream()) == "loss ?? ?"
    assert not can_encode("▁", ascii_stream())
    assert can_encode("▁", io.StringIO())


def test_lone_surrogates_do_not_stop_a_write():
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    Outlet(stream).line("a\udcff")
    assert stream.buffer.getvalue() == b"a?\n"


def test_an_outlet_falls_silent_when_its_reader_is_gone():
    stream = Broken()
    outlet = Outlet(stream)
    outlet.line("one")
    outlet.line("two")
    assert stream.writes == 1
    assert not outlet.isatty()


def test_an_outlet_survives_a_closed_stream():
    stream = io.StringIO()
    stream.close()
    assert Outlet(stream).write("text") == 4


def test_a_closed_pipe_does_not_change_the_exit_code():
    code = (
        "import sys\nfrom trainctl.ui.stream import Outlet\n"
        "outlet = Outlet(sys.stdout)\nsys.stdin.readline()\nfor _ in range(3): outlet.line('x' * 70000)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.close()
    process.stdin.write(b"go\n")
    process.stdin.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert (process.wait(), errors) == (0, b"")
