"""The moments of training at which a callback reads the logs: what Keras passes differs between them."""

from __future__ import annotations

from enum import Enum


class Moment(Enum):
    """When a callback reads the logs; the value says it in words."""

    EPOCH_END = "at the end of an epoch"
    BATCH_END = "after a batch"
    TEST = "in a validation"
    TRAIN_END = "at the end of training"
    NO_LOGS = "before there are any logs"
    PREDICT = "in a prediction"
