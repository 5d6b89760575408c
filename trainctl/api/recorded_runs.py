"""Runs in Python: train, and use what was trained. Each function is a thin skin of a job."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainctl.aliases import Data, KerasObject, Value
from trainctl.api.experiments import Experiment, PathLike, load, several
from trainctl.api.process import explain, quietly, watching
from trainctl.errors import TrainctlError, UsageError
from trainctl.events import Sink
from trainctl.jobs import evaluate as evaluating
from trainctl.jobs import fork as forking
from trainctl.jobs import predict as predicting
from trainctl.jobs import resume as resuming
from trainctl.jobs import run as running
from trainctl.jobs.given_data import with_given_data
from trainctl.jobs.recorded import load_recorded
from trainctl.jobs.session import Ended
from trainctl.runs import store
from trainctl.sources.given import GivenData

if TYPE_CHECKING:
    from trainctl.data.predictions import Predictions


class Run:
    """A recorded run.

    Args:
        recorded: Its directory and what run.json says.
    """

    def __init__(self, recorded: store.Run) -> None:
        self._recorded = recorded

    @property
    def run_id(self) -> str:
        """Its id: when it began and six random digits."""
        return self._recorded.directory.run_id

    @property
    def name(self) -> str:
        """The experiment's name."""
        return self._recorded.name

    @property
    def directory(self) -> Path:
        """Its directory, absolute."""
        return self._recorded.directory.path

    @property
    def status(self) -> str:
        """done, failed, interrupted, terminated, running or died."""
        return self._recorded.again().status

    @property
    def record(self) -> Mapping[str, Value]:
        """What run.json says now."""
        return self._recorded.again().record

    @property
    def metrics(self) -> Mapping[str, float]:
        """The metrics of the weights that were kept; empty before the end."""
        return dict(self.record.get("metrics") or {})

    @property
    def children(self) -> list[Run]:
        """The runs that it consists of, such as one for each fold of cross-validation; empty for most runs."""
        return [Run(each) for each in store.children(self._recorded)]

    @property
    def history(self) -> Any:
        """The metrics of each epoch: a pandas DataFrame indexed by epoch, or where there is no pandas a list of rows.

        Of a run that consists of several, those of each of them.
        """
        rows = self._recorded.history()
        try:
            import pandas as pd
        except ImportError:
            return rows
        return pd.DataFrame(rows).set_index("epoch") if rows else pd.DataFrame()

    def resume(
        self,
        set: Sequence[str] = (),
        imports: Sequence[str] = (),
        *,
        data: Data = None,
        fork: str | None = None,
        after_stage: str | None = None,
        accept_missing: bool = False,
        allow_output: Sequence[str] = (),
        format: str = "auto",
        on_event: Sink | None = None,
    ) -> Run:
        """Continue from the last snapshot, as if never interrupted.

        Args:
            set: Overrides that leave the numbers as they are, such as `fit.epochs=20`; any with `fork`.
            imports: Your own modules, where those that the run recorded are not to be loaded.
            data: The data that was given to `run`, where it was.
            fork: Go on in a new run of this name; this one stays as it is.
            after_stage: With `fork`, the stage from whose end it goes on, by its name or its number from 1.
            accept_missing: Whether to continue with what is left where files have lost lines, and from the start where
                the snapshots are gone.
            allow_output: Files and folders outside the run directory that it may write over.
            format: How progress is shown, as for `run`.
            on_event: Called with each event of the run.

        Raises:
            UsageError: `after_stage` without `fork`.
            RunDirError: The run is done, is running, or would get other numbers with the overrides.
            DataError: The data was given in Python and is not given again, or is not what it was.
            KeyboardInterrupt: The run was interrupted; it can be resumed.
        """
        if after_stage is not None and fork is None:
            raise UsageError("after_stage needs fork: a run cannot go back to an earlier snapshot")
        with watching(format, on_event) as watch, _given(data) as given:
            more = (several(set), several(imports), self._runs_dir, several(allow_output), given)
            if fork is None:
                ended = resuming.resume(self._recorded, watch, *more, accept_missing=accept_missing)
            else:
                ended = forking.fork(
                    self._recorded, fork, watch, *more, accept_missing=accept_missing, after_stage=after_stage
                )
        return _finished(ended)

    def evaluate(
        self, split: str | None = None, *, data: Data = None, imports: Sequence[str] = ()
    ) -> Mapping[str, float]:
        """Return the metrics of the run's model on one split of its data.

        Args:
            split: train, validation or test; `None` takes test where there is one, else validation, else train.
            data: The data that was given to `run`, where it was; or other data of the same kind.
            imports: Your own modules, where those that the run recorded are not to be loaded.

        Raises:
            DataError: The data is gone, or has no such split.
            RunDirError: The run has no model.
        """
        with quietly(), _given(data) as given:
            return evaluating.evaluate(self._recorded.again(), split, several(imports), self._runs_dir, given).metrics

    def predict(self, inputs: Data, *, imports: Sequence[str] = ()) -> Predictions:
        """Predict on new inputs, as raw as the data that the run was trained on.

        Args:
            inputs: A path, a glob or a list of paths; rows, as a list of mappings or a DataFrame; arrays, of several inputs
                a mapping of their names to arrays.
            imports: Your own modules, where those that the run recorded are not to be loaded.

        Returns:
            `values`, and where the output is a class `classes` and `probabilities`, each with an entry for each sample.

        Raises:
            UsageError: The inputs are none of these.
            DataError: A file is missing, or the inputs are not what the model takes.
            RunDirError: The run has no model.
        """
        with quietly():
            return predicting.predict_inputs(self._recorded.again(), inputs, several(imports), self._runs_dir)

    def model(self) -> KerasObject:
        """Return the trained model, a plain `keras.Model`; its inputs are what the data section made of the raw ones.

        Raises:
            RunDirError: The run has no model.
        """
        return self._load_model(self._recorded.directory.model)

    def inference_model(self) -> KerasObject:
        """Return the model that takes raw inputs: a row of the table, an image as it was read.

        Raises:
            RunDirError: The run has no model.
        """
        whole = self._recorded.directory.inference
        return self._load_model(whole if whole.is_file() else self._recorded.directory.model)

    def again(self) -> Run:
        """Return the run as it is recorded now."""
        return Run(self._recorded.again())

    @property
    def _runs_dir(self) -> Path:
        return self._recorded.directory.runs_dir

    def _load_model(self, path: Path) -> KerasObject:
        with quietly():
            load_recorded(self._recorded, runs_dir=self._runs_dir)  # for the user's own layers
            from trainctl.training.model_file import load_model  # TensorFlow: seconds

            return load_model(path)

    def __repr__(self) -> str:
        return f"<trainctl.Run {self.name!r} {self.run_id}: {self.status}>"


def run(
    experiment: Experiment | PathLike,
    data: Data = None,
    runs_dir: PathLike = "runs",
    *,
    label: str | Sequence[str] | None = None,
    allow_output: Sequence[str] = (),
    baseline: bool = False,
    format: str = "auto",
    on_event: Sink | None = None,
) -> Run:
    """Train an experiment, and record it in a run directory.

    Args:
        experiment: What `load` gave, or the path of an experiment file.
        data: Takes the place of `data.source`: arrays `(x, y)`, `(x, y, weight)` or `((x, y), (x_test, y_test))`; a
            DataFrame; or a DataFrame and its labels.
        runs_dir: The folder of all runs.
        label: The label column of a DataFrame; `None` takes that of `data.source`.
        allow_output: Files and folders outside the run directory that it may write over.
        baseline: Whether to train gradient boosting too, for comparison, where the data is a table.
        format: How progress is shown: auto, rich, lines, jsonl, github or quiet. In a notebook auto is one line that is
            written over.
        on_event: Called with each event of the run.

    Raises:
        ConfigError, DataError, BuildError, TrainingError, RunDirError: As the command's exit codes 3 to 7 say.
        ExpectationError: An `expect:` was not met; the run is recorded, and its model kept.
        KeyboardInterrupt: The run was interrupted; it can be resumed.
    """
    loaded = (experiment if isinstance(experiment, Experiment) else load(experiment)).loaded
    folder = Path(runs_dir)
    loaded = replace(loaded, runs_dir=folder, allowed_outputs=tuple(several(allow_output)))
    with watching(format, on_event) as watch, _given(data, label) as given:
        ended = running.run(with_given_data(loaded, given), folder, watch, boosting=baseline)
    return _finished(ended)


def list_runs(runs_dir: PathLike = "runs") -> list[Run]:
    """Return the runs in a folder, newest first.

    Args:
        runs_dir: The folder of all runs.
    """
    return [Run(each) for each in store.all_runs(Path(runs_dir))]


def find_run(wanted: PathLike, runs_dir: PathLike = "runs") -> Run:
    """Return a run.

    Args:
        wanted: A path, a run id or its beginning, a name (its newest run), or `latest`.
        runs_dir: The folder of all runs.

    Raises:
        RunDirError: There is no such run, or more than one.
    """
    return Run(store.find_run(Path(runs_dir), os.fspath(wanted)))


@contextmanager
def _given(data: Data, label: str | Sequence[str] | None = None) -> Iterator[GivenData | None]:
    if data is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="trainctl-data-") as folder:
        yield GivenData(data, Path(folder), label)


def _finished(ended: Ended) -> Run:
    """Return the run, or raise what ended it."""
    if isinstance(ended.error, TrainctlError):
        explain(ended.error)
    if ended.error is not None:
        raise ended.error
    return Run(store.find_run(Path(), ended.finished.directory))
