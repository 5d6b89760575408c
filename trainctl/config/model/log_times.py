"""Which keys are in the logs when a callback reads them: it depends on the moment, and on its place in the list."""

from __future__ import annotations

from trainctl.components.moment import Moment
from trainctl.config.component import KerasComponent
from trainctl.config.experiment import Experiment
from trainctl.config.model.keras_names import inner_optimizer
from trainctl.config.model.log_keys import epoch_keys
from trainctl.config.model.outputs import training_keys

RATE = "learning_rate"
"""The key that every epoch's logs have from the start, where the optimizer has one learning rate."""


def keys_at(experiment: Experiment, moment: Moment, index: int) -> tuple[str, ...]:
    """Return the keys that the callback at `index` of the list finds in the logs at `moment`."""
    above = experiment.callbacks[:index]
    match moment:
        case Moment.EPOCH_END:
            keys = epoch_keys(experiment.model_copy(update={"callbacks": above}))
        case Moment.TRAIN_END:
            keys = epoch_keys(experiment)
        case Moment.BATCH_END | Moment.TEST:
            keys = (*training_keys(experiment), *(key for each in above for key in each.adds(moment)))
        case Moment.NO_LOGS | Moment.PREDICT:
            keys = ()
    return keys if has_one_rate(experiment) else tuple(key for key in keys if key != RATE)


def has_one_rate(experiment: Experiment) -> bool:
    """Return whether the optimizer has one learning rate, rather than one for each of several optimizers."""
    optimizer = inner_optimizer(experiment.compile.optimizer)
    return not (isinstance(optimizer, KerasComponent) and optimizer.name == "MultiOptimizer")


def is_ever_validated(experiment: Experiment) -> bool:
    """Return whether `fit.validation_freq` lets at least one epoch be validated, as far as the numbers are known."""
    first, last, every = _epochs(experiment)
    return last <= first or last // every > first // every


def is_validated(experiment: Experiment, every: int) -> bool:
    """Return whether a validation follows each of the epochs that are multiples of `every`."""
    _, _, frequency = _epochs(experiment)
    return every % frequency == 0


def is_last_validated(experiment: Experiment) -> bool:
    """Return whether a validation follows the last epoch."""
    _, last, every = _epochs(experiment)
    return last % every == 0


def _epochs(experiment: Experiment) -> tuple[int, int, int]:
    """The epochs before the first, the last epoch, and the epochs between two validations; 0, 1, 1 where unknown yet."""
    fit = experiment.fit
    numbers: tuple[object, ...] = (fit.initial_epoch, fit.epochs, fit.validation_freq)
    known = [each for each in numbers if isinstance(each, int)]
    return (known[0], known[1], known[2]) if len(known) == len(numbers) else (0, 1, 1)
