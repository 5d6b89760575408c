from pathlib import Path

import pytest

from trainctl.components.context import CallbackContext
from trainctl.events import Event

pytestmark = pytest.mark.tf


def test_a_file_goes_on_under_its_columns_and_what_has_none_is_told_once(tmp_path: Path) -> None:
    from trainctl.components.callbacks.csv_logger_keras import AligningCSVLogger

    events: list[Event] = []
    path = tmp_path / "log.csv"
    for first, logs in ((0, {"accuracy": 0.5, "val_accuracy": 0.25}), (2, {"val_accuracy": 0.75, "auc": 0.5})):
        context = CallbackContext(tmp_path, events.append, lambda each: each)
        logger = AligningCSVLogger(context, "log.csv", path, separator=";", append=first > 0)
        logger.on_train_begin()
        for epoch in (first, first + 1):
            logger.on_epoch_end(epoch, logs)
        logger.on_train_end()
    assert path.read_text().splitlines() == [
        "epoch;accuracy;val_accuracy",
        "0;0.5;0.25",
        "1;0.5;0.25",
        "2;NA;0.75",
        "3;NA;0.75",
    ]
    assert [getattr(each, "message", "") for each in events] == [
        "log.csv has no column for auc; give it another file in this stage"
    ]
