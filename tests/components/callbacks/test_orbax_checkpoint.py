"""The spec of OrbaxCheckpoint; tests/extras drives the real package."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from trainctl.components.callbacks.orbax_checkpoint import OrbaxCheckpoint


def test_its_folder_is_an_output_and_its_files_are_closed_at_the_end() -> None:
    assert list(OrbaxCheckpoint(directory="kept").outputs()) == [("directory", "kept")]
    assert OrbaxCheckpoint.closes_files


def test_the_newest_are_counted_from_one_and_null_is_all() -> None:
    assert OrbaxCheckpoint(directory="kept", max_to_keep=None).max_to_keep is None
    with pytest.raises(ValidationError):
        OrbaxCheckpoint(directory="kept", max_to_keep=0)


def test_verbose_is_said_to_change_nothing() -> None:
    assert not list(OrbaxCheckpoint(directory="kept").notes())
    assert [field for field, _ in OrbaxCheckpoint(directory="kept", verbose=1).notes()] == ["verbose"]
