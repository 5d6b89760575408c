"""Every way in which trainctl fails, and its exit code.

    TrainctlError                       never raised itself
    ├── UsageError              exit 2  wrong options; a CONFIG that is missing, unreadable or a directory
    ├── ConfigError             exit 3  invalid experiment, a missing extra
    ├── DataError               exit 4  missing file or column, empty, pickled NPZ, download
    │   └── MissingExtraError   exit 3  a file that only an optional package reads
    ├── BuildError              exit 5  Keras rejected a valid spec; the model does not fit the data
    ├── TrainingError           exit 6  a callback raised, out of memory
    │   └── DivergedError               the loss became NaN or infinite
    ├── RunDirError             exit 7  disk full, unwritable, locked, not a run
    └── ExpectationError        exit 8  an `expect:` was not met

Ctrl-C ends with 130 and SIGTERM with 143. Anything else is a bug in trainctl: exit 1, with a report file. Nothing below `cli/` prints or exits: it raises one of these.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trainctl.diagnostics import Diagnostic

BUG = 1


class TrainctlError(Exception):
    """The base of all errors that the user can understand and fix.

    Args:
        message: What happened, what was received, what was expected.
        hint: What to do.
        diagnostics: The problems in the experiment file behind it, if there are any.
    """

    exit_code: ClassVar[int] = BUG

    def __init__(self, message: str = "", *, hint: str | None = None, diagnostics: Sequence[Diagnostic] = ()) -> None:
        super().__init__(message or (diagnostics[0].message if diagnostics else ""))
        self.message = str(self)
        self.hint = hint
        self.diagnostics = tuple(diagnostics)


class UsageError(TrainctlError):
    """The command line is wrong: an option, a `--set` without `=`, a CONFIG that cannot be read."""

    exit_code = 2


class ConfigStep(IntEnum):
    """How far a file came on its way to an experiment; what is wrong in a later step shows once the earlier ones pass."""

    READ = 1
    SECTIONS = 2
    CHECKS = 3


class ConfigError(TrainctlError):
    """The experiment is invalid. Carries every diagnostic, not only the first."""

    exit_code = 3
    reached: ConfigStep = ConfigStep.READ
    """The step that found them."""


class DataError(TrainctlError):
    """The data is missing, unreadable, empty or of the wrong kind.

    Args:
        message: What happened, what was received, what was expected.
        hint: What to do about the data.
        field: The argument of the data source that is wrong.
        setting: What to change in the experiment instead, which is of no use for new inputs.
        path: The setting that is wrong, such as `data.labels`.
        others: What else is wrong, found in the same look.
    """

    exit_code = 4

    def __init__(
        self,
        message: str = "",
        *,
        hint: str | None = None,
        field: str = "path",
        setting: str | None = None,
        path: str | None = None,
    ) -> None:
        super().__init__(message, hint=", or ".join(filter(None, (hint, setting))) or None)
        self.field = field
        self.hint_for_new = hint
        self.path = path
        self.others: tuple[DataError, ...] = ()

    @classmethod
    def of(cls, errors: Sequence[DataError]) -> DataError:
        """Return the first of several errors, which then names the others."""
        first, *others = errors
        first.others = (*first.others, *others)
        return first


class MissingExtraError(DataError):
    """The data needs a package that is not installed."""

    exit_code = 3


class BuildError(TrainctlError):
    """Keras rejected a valid spec, or the model does not fit the data.

    Args:
        message: What happened, what was received, what was expected.
        hint: What to do.
        diagnostics: The problems in the experiment file behind it.
        setting: In their place, the setting that is wrong, such as `fit.class_weight`.
    """

    exit_code = 5

    def __init__(
        self,
        message: str = "",
        *,
        hint: str | None = None,
        diagnostics: Sequence[Diagnostic] = (),
        setting: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint, diagnostics=diagnostics)
        self.setting = setting


class TrainingError(TrainctlError):
    """Training failed: a callback raised, memory ran out."""

    exit_code = 6


class DivergedError(TrainingError):
    """The loss became NaN or infinite."""


class RunDirError(TrainctlError):
    """The run directory or a file in it cannot be made, written or read."""

    exit_code = 7


class ExpectationError(TrainctlError):
    """An `expect:` was not met."""

    exit_code = 8


EXIT_CODES: dict[int, str] = {
    0: "done",
    1: "a bug in trainctl (a report was written)",
    2: "wrong usage: options, --set syntax, a CONFIG that is missing, unreadable or a directory",
    3: "invalid experiment: content, extends, a --set path, a missing extra",
    4: "data: missing file or label column, empty, pickled NPZ, download",
    5: "building the model or the callbacks",
    6: "training failed: NaN, out of memory, a callback raised",
    7: "run directory: disk full, unwritable, locked",
    8: "an expectation was not met, or a run was not reproduced",
    130: "interrupted (Ctrl-C)",
    143: "terminated (SIGTERM)",
}


def exit_code_of(error: BaseException) -> int:
    """Return the exit code for `error`; anything that is not a `TrainctlError` is a bug."""
    if isinstance(error, KeyboardInterrupt):
        return 130
    return error.exit_code if isinstance(error, TrainctlError) else BUG
