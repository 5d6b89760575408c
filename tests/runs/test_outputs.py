"""What callbacks write elsewhere: sent into the run directory for a comparison, never written over by a fork."""

from __future__ import annotations

from typing import Any

import pytest
from workplace import Workplace

from trainctl.config.load import Loaded, load
from trainctl.errors import RunDirError
from trainctl.runs.outputs import apart, require_others


def loaded(workplace: Workplace, *callbacks: Any, overrides: tuple[str, ...] = ()) -> Loaded:
    return load(str(workplace.write(callbacks=list(callbacks))), overrides, {"OUT": "/secret"})


def test_apart_each_has_its_place_below_the_run(workplace: Workplace) -> None:
    callbacks = [
        {"ModelCheckpoint": {"filepath": "/out/cp-{epoch}.keras"}},
        {"CSVLogger": {"filename": "${env:OUT}/log.csv"}},
        {"CSVLogger": {"filename": "own.csv"}},
        "TensorBoard",
    ]
    found = apart(loaded(workplace, *callbacks))
    assert found == [
        'callbacks.ModelCheckpoint.filepath="elsewhere/out/cp-{epoch}.keras"',
        'callbacks.1.CSVLogger.filename="elsewhere/${env:OUT}/log.csv"',
    ]
    again = loaded(workplace, *callbacks, overrides=tuple(found))
    assert apart(again) == []
    assert [path for spec in again.experiment.callbacks for _, path in spec.outputs()] == [
        "elsewhere/out/cp-{epoch}.keras",
        "elsewhere//secret/log.csv",
        "own.csv",
        "tensorboard",
    ]


@pytest.mark.parametrize(
    ("before", "after", "is_taken"),
    [
        ({"filename": "/out/log.csv"}, {"filename": "/out/log.csv"}, True),
        ({"filename": "/out/log.csv"}, {"filename": "/out/other.csv"}, False),
        ({"filename": "log.csv"}, {"filename": "log.csv"}, False),
        ({"filename": "/out/log.csv"}, {"filename": "/out/log.csv", "append": True}, False),
    ],
)
def test_what_the_other_run_wrote_is_taken(
    workplace: Workplace, before: dict[str, Any], after: dict[str, Any], is_taken: bool
) -> None:
    old, new = (loaded(workplace, {"CSVLogger": each}).experiment for each in (before, after))
    if not is_taken:
        require_others(old, new, "first")
        return
    with pytest.raises(RunDirError, match=r"overwrite /out/log\.csv, which the run first writes") as caught:
        require_others(old, new, "first")
    assert "--set callbacks.CSVLogger.filename=" in str(caught.value.hint)


@pytest.mark.parametrize("folder", ["", "{folder}/"])
def test_a_path_that_holds_a_fact_of_the_data_is_not_known_yet(workplace: Workplace, folder: str) -> None:
    path = folder.format(folder=workplace.folder) + "m-${data.num_classes}.keras"
    config = workplace.write(callbacks=[{"ModelCheckpoint": {"filepath": path}}])
    ended = workplace.call("validate", str(config))
    assert (ended.exit_code, ended.stderr) == (0, "")
