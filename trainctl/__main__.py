"""The program: `trainctl`, and `python -m trainctl`, which is the same."""

import gc
import os
import signal
import sys
from types import FrameType

from trainctl.cli.shell.words import VARIABLE, answer
from trainctl.cli.standard_streams import open_standard_streams, tell_lost_result
from trainctl.search_path import leave_out_working_directory


class _Terminated(BaseException):
    """SIGTERM came while no run was listening; no one on the way up takes it for an error of theirs."""


def main() -> None:
    """Run the program; ends the process with its exit code."""
    try:
        # First of all: to the first process of a container the kernel gives no signal that it has no handler for.
        if signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
            signal.signal(signal.SIGTERM, _terminate)
        open_standard_streams()
        leave_out_working_directory()  # it may be a stranger's, with a keras.py in it
        shell = os.environ.get(VARIABLE)
        if shell:
            answer(shell, sys.argv[1:])
            return
        gc.disable()  # until a command begins: what is imported is no garbage, and to look takes a twelfth of the time
        from trainctl.cli.app import app  # Ctrl-C may come while Python still reads it

        app()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(130)
    except OSError as error:  # of --help and --version, which are no commands
        sys.exit(tell_lost_result(error))
    except _Terminated:
        sys.stderr.write("terminated by SIGTERM\n")
        sys.exit(143)
    finally:
        # Python notes an interrupt that passed through code made from text, such as a named tuple's, and would end by
        # SIGINT after all, also where it was caught since. Running such code again is what makes it forget.
        exec("")  # noqa: S102


def _terminate(_number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a second one ends it immediately
    raise _Terminated


if __name__ == "__main__":
    main()
