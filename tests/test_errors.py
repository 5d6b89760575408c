"""Every error has an exit code that the table explains."""

from __future__ import annotations

import pytest

from trainctl import errors
from trainctl.diagnostics import Diagnostic
from trainctl.errors import EXIT_CODES, BuildError, DivergedError, TrainctlError, TrainingError, exit_code_of


def every_error() -> list[type[TrainctlError]]:
    kinds = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, TrainctlError)]
    return [each for each in kinds if each is not TrainctlError]


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__name__)
def test_every_error_has_a_code_of_the_table_that_is_no_success(kind: type[TrainctlError]) -> None:
    assert exit_code_of(kind("m")) == kind.exit_code
    assert kind.exit_code in EXIT_CODES
    assert kind.exit_code not in {0, errors.BUG}


def test_a_loss_that_is_no_number_is_a_failed_training() -> None:
    assert issubclass(DivergedError, TrainingError)
    assert DivergedError.exit_code == TrainingError.exit_code


def test_an_interrupt_has_the_code_of_shells_and_all_else_is_a_bug() -> None:
    assert exit_code_of(KeyboardInterrupt()) == 130
    assert exit_code_of(ZeroDivisionError()) == errors.BUG


def test_without_a_message_the_first_diagnostic_speaks() -> None:
    error = BuildError(diagnostics=[Diagnostic("c", "first"), Diagnostic("c", "second")])
    assert (str(error), error.message, len(error.diagnostics)) == ("first", "first", 2)
